"""What lessons need beside the code that they teach: measuring, drawing, staging of faults. A module a lesson."""
