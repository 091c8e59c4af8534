"""A person whose name is wherever the service may keep one, and where to look for it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from hrapi.api.tokens import make_token
from tests.factories import employee_row
from tests.ingestion.sending import EMPLOYEES, REJECTED_ROWS, send
from tests.loads.sending import send_file, work_off

ID = 7
NAME = "Zoë Yellowbird"
_PART = "yellowbird"
_IN_HEX = "".join(f"(?:{ord(letter.upper()):x}|{ord(letter):x})" for letter in _PART)
# However the rest of the name is written, and within bytes, which PostgreSQL shows in hexadecimal.
CANARY = re.compile(f"{_PART}|{_IN_HEX}".encode(), re.IGNORECASE)
HEADER = "id,name,datetime,department_id,job_id\n"


def person(**members: Any) -> dict[str, Any]:
    return employee_row(id=ID, name=NAME) | members


def keep_everywhere(api: Any) -> dict[str, int]:
    """Names the person in every table that takes texts. The ids of entries of the reject log, by what they are."""
    send(api, person(), idempotency_key="one")
    api.patch(f"{EMPLOYEES}{ID}/", {"name": f"{NAME} née Finch"}, format="json")
    rejected = send(
        api,
        [
            person(datetime=NAME),
            person(name=NAME.upper(), id=None),
            person(name="Somebody else", datetime="never"),
            employee_row(name="Another", datetime="never"),
        ],
        idempotency_key="two",
    ).json()["rejected_rows"]
    by_id, without_id, other_name, other = (row["rejected_row"] for row in rejected)
    misplaced = send(api, [person()], to="/api/v1/departments/").json()["rejected_rows"][0]
    order = {"filter": {"id": [other]}, "reason": f"{NAME} said so"}
    api.post(f"{REJECTED_ROWS}discard/", order, headers={"Idempotency-Key": "three"})
    make_token(User.objects.create_user("of-the-person"), name=f"Laptop of {NAME}")
    csv = f"{HEADER}{ID},{NAME},never,1,1\n,{NAME},never,1,1\n".encode()
    send_file(api, csv, table="employees", name=f"cv_{NAME.replace(' ', '_')}.csv", dry_run="true")
    send_file(
        api, f"{NAME},x\n1,2\n".encode(), table="employees", header="present", name="people.csv"
    )
    work_off()
    return {
        "by_id": by_id,
        "without_id": without_id,
        "other_name": other_name,
        "other": other,
        "misplaced": misplaced["rejected_row"],
    }


def tables_with_the_name() -> set[str]:
    """The tables of which some column, of text, JSON or bytes, holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall()]
        found = set()
        for table in tables:
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" AS t')
            [text] = cursor.fetchone()
            if CANARY.search((text or "").encode()):
                found.add(table)
    return found


def files_with_the_name(directory: Path) -> set[str]:
    return {
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file() and CANARY.search(path.read_bytes())
    }


def answered(response: Any) -> tuple[int, dict[str, Any]]:
    return response.status_code, json.loads(response.content)
