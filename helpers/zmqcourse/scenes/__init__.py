"""What lessons need beside the code that they teach: measuring, drawing, staging of faults. A module a lesson."""

__all__ = ["lesson29"]  # its suite is what its check runs, too
