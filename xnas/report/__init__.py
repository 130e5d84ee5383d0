"""A run, or several, as one page to look at, with tables and figures beside it.

Reads run folders only: neither TensorFlow nor the task's code is needed.
"""

from xnas.report.writing import write_report

__all__ = ["write_report"]
