from __future__ import annotations

from pydantic import Field

from hrapi.ingestion.fields import Text
from hrapi.ingestion.row import Row


class DepartmentRow(Row):
    """A department of the company."""

    department: Text = Field(
        description="Name of the department.", examples=["Supply Chain", "Legal"]
    )
