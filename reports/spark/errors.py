from __future__ import annotations


class SparkReportsError(Exception):
    """Why the reports cannot be made, and what to do, in one line."""
