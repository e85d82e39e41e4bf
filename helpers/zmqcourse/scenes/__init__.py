"""What lessons need beside the code that they teach: measuring, drawing, staging of faults. A module a lesson."""

__all__ = ["lesson29", "lesson31"]  # their suites are what their checks run, too
