from __future__ import annotations

from pydantic import Field

from hrapi.ingestion.fields import Moment, PersonalText, Reference
from hrapi.ingestion.row import Row


class EmployeeRow(Row):
    """A hired employee."""

    name: PersonalText = Field(description="Name and surname.", examples=["Ada Byron", "Zoë Muñoz"])
    datetime: Moment = Field(
        description="Date and time of the hire, ISO 8601; without an offset it is read as UTC.",
        examples=["2021-11-07T02:48:42Z", "2021-07-27T18:02:08+02:00"],
    )
    department_id: Reference = Field(description="Id of a department that exists.", examples=[2, 3])
    job_id: Reference = Field(description="Id of a job that exists.", examples=[1, 4])
