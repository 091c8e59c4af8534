"""Backup, change, restore: what comes back is what was there."""

from __future__ import annotations

from pathlib import Path

import avro.datafile
import avro.io
import polars
import pytest
from django.contrib.auth.models import User

from departments.models import Department
from employees.models import Employee
from hrapi.backups.avro_files import CODECS
from hrapi.backups.manifest import read_manifest
from hrapi.backups.stored import stored_tables
from hrapi.ingestion.models import Batch, RejectedRow, RowChange
from hrapi.loads.models import Load
from reports.visualizations.models import Dashboard, Visualization
from tests.backups.running import (
    backup,
    delete_everything,
    everything,
    rewind_sequences,
    run,
    store,
)
from tests.factories import employee_row

pytestmark = pytest.mark.usefixtures("stored")

TABLES = [table.name for table in stored_tables()]


def contents(place: Path, name: str) -> dict[str, str]:
    return {entry.table: entry.content_sha256 for entry in read_manifest(place / name).tables}


@pytest.mark.parametrize("mode", ["replace", "merge"])
@pytest.mark.parametrize("codec", CODECS)
def test_all_tables_come_back_and_the_next_rows_get_new_ids(
    place: Path, mode: str, codec: str
) -> None:
    before = everything()
    assert all(before.values())
    name = backup("--codec", codec)
    last_batch, last_entry = Batch.objects.latest("id").pk, RejectedRow.objects.latest("id").pk
    rewind_sequences()
    delete_everything()

    finished = run("restore", "--from", name, "--mode", mode)

    assert (finished.code, finished.errors) == (0, "")
    assert everything() == before
    assert contents(place, backup()) == contents(place, name)
    store(employee_row(name=""), employee_row(id=9_000))
    assert Batch.objects.latest("id").pk > last_batch
    assert RejectedRow.objects.latest("id").pk > last_entry
    assert Employee.objects.filter(id=9_000).exists()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("mode", ["replace", "merge"])
def test_one_table_comes_back(table: str, mode: str) -> None:
    before = everything()
    name = backup()
    changes = {
        "departments": lambda: Department.objects.filter(id=1).update(department="x"),
        "jobs": lambda: Employee.objects.filter(id=1).update(name="not asked for"),
        "employees": lambda: Employee.objects.filter(id__lte=3).delete(),
        "batches": lambda: Batch.objects.update(file_name="x"),
        "rejected_rows": lambda: RejectedRow.objects.filter(status="open").update(
            status="resolved"
        ),
        "loads": lambda: Load.objects.update(state="failed"),
        "visualizations": lambda: Visualization.objects.update(title="x", owner=None),
        "dashboards": lambda: Dashboard.objects.all().delete(),
        "row_changes": lambda: RowChange.objects.update(before={"id": 0}),
    }
    changes[table]()
    changed = everything()

    finished = run("restore", table, "--from", name, "--mode", mode, "--no-input")

    assert finished.code == 0, finished.errors
    assert everything() == changed | {table: before[table]}


def test_replace_takes_away_what_came_later_and_merge_leaves_it() -> None:
    name = backup()
    before = everything()
    store(employee_row(id=9_000, name="Later"), employee_row(id=1, name="another"))
    Employee.objects.filter(id=2).update(name="Changed")

    run("restore", "employees", "--from", name, "--mode", "merge", "--no-input")
    merged = everything()["employees"]
    run("restore", "--from", name, "--no-input")

    assert [row for row in merged if row[0] != 9_000] == before["employees"]
    assert [row[1] for row in merged if row[0] == 9_000] == ["Later"]
    assert everything() == before


def test_an_account_that_is_gone_comes_back_without_a_way_in() -> None:
    before = everything()
    name = backup()
    delete_everything()
    User.objects.all().delete()

    assert run("restore", "--from", name).code == 0

    assert everything() == before
    user = User.objects.get(username="Zoë")
    assert (user.is_active, user.is_staff, user.is_superuser) == (False, False, False)
    assert not user.has_usable_password()
    assert not user.groups.exists()


def test_accounts_that_are_there_are_not_touched() -> None:
    User.objects.filter(username="Zoë").update(email="zoe@example.org")
    name = backup()
    delete_everything()

    run("restore", "--from", name)

    assert User.objects.get().email == "zoe@example.org"
    assert User.objects.get().is_active


def test_a_sequence_is_never_lowered() -> None:
    name = backup()
    for _ in range(20):
        store(employee_row(name=""))
    highest = RejectedRow.objects.latest("id").pk

    run("restore", "--from", name, "--no-input")
    store(employee_row(name=""))

    assert RejectedRow.objects.latest("id").pk > highest


def test_apache_avro_and_polars_read_what_is_stored(place: Path) -> None:
    name = backup()
    stored = everything()

    for table in stored_tables():
        path = place / name / table.file
        names = [column.name for column in table.columns]
        with avro.datafile.DataFileReader(path.open("rb"), avro.io.DatumReader()) as reader:
            by_apache = [tuple(map(_plain, (row[name] for name in names))) for row in reader]
        by_polars = [tuple(map(_plain, row)) for row in polars.read_avro(path).select(names).rows()]
        assert by_apache == stored[table.name]
        assert by_polars == stored[table.name]


def _plain(value: object) -> object:
    """A moment as microseconds."""
    from datetime import UTC, datetime, timedelta

    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return value
