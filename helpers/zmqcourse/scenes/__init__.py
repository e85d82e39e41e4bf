"""What lessons need beside the code that they teach: measuring, drawing, staging of faults. A module a lesson."""

__all__ = ["lesson29"]  # its suite is what its check runs, too
__all__ = ["lesson31"]  # the suite of which is the page's and the check's
