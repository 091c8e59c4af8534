"""The commands about backups, run in this process, and data worth backing up."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from unittest import mock

from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from hrapi.backups.snapshot import read_query
from hrapi.backups.stored import stored_tables
from hrapi.ingestion.batches import Origin
from hrapi.ingestion.edits import update_row
from hrapi.ingestion.models import Batch
from hrapi.ingestion.parsing.json_rows import read_json
from hrapi.ingestion.services import ingest_batch
from hrapi.ingestion.undoing import undo_batch
from hrapi.loads.models import Load
from hrapi.tables import get_table
from reports.visualizations.models import Dashboard, Visualization
from tests.charts import HIRES
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.installation import Finished

ODD_NAMES = ["Zoë 😀", 'O\'Brien \\ "x"', "李小龍", "=1+1", "\u0645\u062d\u0645\u062f", "a" * 255]
ODD_MOMENTS = [
    "1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2100-12-31T23:59:59.999999Z",
    "2021-07-27T16:02:08.000001Z", "2021-07-27T16:02:08+02:00", "1970-01-01T00:00:00Z",
]  # fmt: skip


def run(command: str, *arguments: str | Path, answer: str | None = None) -> Finished:
    """Runs a command; `answer` is what stands in its standard input."""
    output, errors = io.StringIO(), io.StringIO()
    code: Any = 0
    with mock.patch("sys.stdin", io.StringIO(answer or "")):
        try:
            call_command(command, *map(str, arguments), stdout=output, stderr=errors)
        except SystemExit as end:
            code = end.code
        except CommandError as error:
            code = error.returncode
            errors.write(f"CommandError: {error}\n")
    return Finished(code, output.getvalue(), errors.getvalue())


def backup(*arguments: str | Path) -> str:
    """The name of a new backup."""
    finished = run("backup", *arguments)
    assert finished.code == 0, finished.errors
    return finished.output.strip()


def store_rows(*, further: int = 500) -> None:
    """Rows in every table: odd names and moments, batches of an account and of none, every kind of rejection,
    rows that were changed and a batch that was undone.
    """
    for number in (1, 2):
        DepartmentFactory(id=number, department=f"Department {number} 😀")
        JobFactory(id=number)
    user = User.objects.create_user("Zoë")
    odd = [
        employee_row(id=number, name=name, datetime=moment)
        for number, (name, moment) in enumerate(zip(ODD_NAMES, ODD_MOMENTS, strict=True), start=1)
    ]
    bad = [
        employee_row(name="\x00"), employee_row(department_id=99, job_id=[]), {}, "\ud800", 7,
        employee_row(id=1), employee_row(name="x" * 20_000),
    ]  # fmt: skip
    store(*odd, *bad, user=user)
    # Again: the older entries of the log are superseded.
    store(*bad)
    store(*(employee_row(id=1000 + number) for number in range(further)))
    store_loads(user)
    store_charts(user)
    wrong = store(employee_row(id=900_001, name="Wrong 😀"), user=user)
    user.is_superuser = True
    undo_batch(wrong, user, dry_run=False)
    update_row(
        get_table("departments"), 2, [], lambda row: row | {"department": "Changed"}, user=user
    )


def store_loads(user: User) -> None:
    """One that has ended, a dry run, and one that waits."""
    facts = {"table": "jobs", "sha256": "0" * 64, "format": "csv", "header": "auto", "user": user}
    for number, members in enumerate(
        [
            {
                "state": "finished",
                "batch": Batch.objects.latest("id"),
                "dry_run": False,
                "date": "2024-01-31",
            },
            {"state": "finished", "dry_run": True, "dry_run_answer": {"received": 3}},
            {"state": "waiting", "dry_run": False},
        ]
    ):
        Load.objects.create(
            **facts,
            **members,
            file_name=f"file {number} 😀",
            bytes=10,
            encoding="utf-8",
            mode="partial",
        )


def store_charts(user: User) -> None:
    """Charts of an account and of none, and a dashboard of them."""
    ids = [
        Visualization.objects.create(
            title=f"Hires 😀 {number}", specification=HIRES, owner=owner, is_team=owner is None
        ).pk
        for number, owner in enumerate((user, None))
    ]
    Dashboard.objects.create(title="Hiring 😀", owner=user, charts=["hiring-flow", *ids])


def store(*rows: Any, user: User | None = None) -> int:
    """The id of the batch that took the rows."""
    sent = read_json(json.dumps(rows).encode(), max_rows=1000).rows
    origin = Origin(source=Batch.Source.API, user=user)
    return ingest_batch(get_table("employees"), sent, origin).batch_id or 0


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is backed up."""
    found = {}
    with connection.cursor() as cursor:
        for table in stored_tables():
            cursor.execute(read_query(table))
            found[table.name] = cursor.fetchall()
    return found


def delete_everything() -> None:
    with connection.cursor() as cursor:
        for table in reversed(stored_tables()):
            cursor.execute(f"DELETE FROM {table.db_table}")


def rewind_sequences() -> None:
    """The next ids are those that rows have, as in a new database that these rows come into."""
    with connection.cursor() as cursor:
        for table in stored_tables():
            if table.numbers_itself:
                cursor.execute(f"SELECT min(id) FROM {table.db_table}")
                [first] = cursor.fetchone()
                cursor.execute(f"ALTER SEQUENCE {table.db_table}_id_seq RESTART WITH {first}")
