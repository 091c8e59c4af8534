"""A batch as it travels."""

from __future__ import annotations

from tests.ingestion.sending import (
    employee_text,
)

GOOD = f"[{employee_text()}]".encode()


HEADER = "id,name,datetime,department_id,job_id\n"


CSV = f"{HEADER}7,Ada,2021-11-07T02:48:42Z,1,1\n".encode()
