"""Random rows, and datasets as their readers get them."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
from django.utils import timezone

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job

NAMES = [
    "Sales",
    "=2+2",
    'Łódź, "Süd"',
    "-1",
    "sales",
    "'@x",
    "R&D\u2028",
    "x" * 255,
    "\u3000=1",
    "Ｒ＆Ｄ",
    "😀",
]


def store_random_rows(seed: int, *, employees: int = 200) -> None:
    """Departments and jobs, some with equal names and some without a hire, hires of 1999 to 2002, rejections."""
    chance = random.Random(seed)
    Department.objects.bulk_create(
        Department(id=7 * n, department=chance.choice(NAMES)) for n in range(1, 12)
    )
    Job.objects.bulk_create(Job(id=2**53 - n, job=chance.choice(NAMES)) for n in range(1, 9))
    first, last = datetime(1999, 10, 1, tzinfo=UTC), datetime(2002, 2, 1, tzinfo=UTC)
    edges = [
        datetime(2000, month, 1, tzinfo=UTC) - timedelta(microseconds=1) for month in range(1, 13)
    ]
    moments = edges + [
        first + (last - first) * chance.random() for _ in range(employees - len(edges))
    ]
    Employee.objects.bulk_create(
        Employee(
            id=number,
            name=chance.choice(NAMES),
            datetime=moment.replace(microsecond=0) if number % 3 else moment,
            department_id=7 * min(chance.randint(1, 11), chance.randint(1, 11)),
            job_id=2**53 - chance.randint(1, 7),
        )
        for number, moment in enumerate(moments, start=1)
    )
    batch = Batch.objects.create(table="employees", source="api", mode="partial")
    for number in range(20):
        entry = RejectedRow.objects.create(
            batch=batch,
            table=chance.choice(["employees", "jobs"]),
            index=number,
            line=chance.choice([None, number]),
            row_id=chance.choice([None, number]),
            raw="{}",
            raw_length=2,
            errors=[],
            codes=chance.sample(["required", "too_long", "unknown_job"], chance.randint(1, 3)),
            status=chance.choice(RejectedRow.Status.values),
            content_hash=str(number),
        )
        RejectedRow.objects.filter(pk=entry.pk).update(
            created_at=timezone.now() - timedelta(hours=chance.randint(0, 72))
        )


def read_json(client: Any, name: str, **asked: Any) -> list[dict[str, Any]]:
    response = get(client, name, format="json", **asked)
    rows: list[dict[str, Any]] = json.loads(response.body)
    return rows


def read_csv(client: Any, name: str, **asked: Any) -> list[dict[str, str]]:
    response = get(client, name, format="csv", **asked)
    text = response.body.decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_xlsx(client: Any, name: str, **asked: Any) -> list[dict[str, Any]]:
    response = get(client, name, format="xlsx", **asked)
    file = io.BytesIO(response.body)
    [sheet] = openpyxl.load_workbook(file).worksheets
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def get(client: Any, name: str, **asked: Any) -> Any:
    """The answer 200, with its whole body as `body`."""
    response = client.get(f"/api/v1/datasets/{name}/", asked)
    assert response.status_code == 200, response.content
    response.body = b"".join(response) if response.streaming else response.content
    return response
