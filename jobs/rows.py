from __future__ import annotations

from pydantic import Field

from hrapi.ingestion.fields import Text
from hrapi.ingestion.row import Row


class JobRow(Row):
    """A job that employees are hired for."""

    job: Text = Field(description="Name of the job.", examples=["Recruiter", "Analyst"])
