"""Whoever changes rows of a table, by whatever statement, renews its version; what changes nothing does not."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.tables import all_tables
from hrapi.versions.selectors import data_version
from tests.factories import EmployeeFactory, department_row, employee_row

pytestmark = pytest.mark.django_db

TABLES = ("departments", "jobs", "employees", "rejected_rows")
EMPLOYEES = "/api/v1/employees/"


def versions() -> dict[str, str]:
    return {table: data_version([table]) for table in TABLES}


def changed(before: Mapping[str, str]) -> set[str]:
    """The tables whose version is another one now."""
    return {table for table, version in versions().items() if version != before[table]}


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def rows(db: None) -> None:
    """Employee 1 of department 1 and job 1, department 2, and an entry of the log."""
    EmployeeFactory(id=1, department__id=1, job__id=1)
    execute("INSERT INTO departments (id, department) VALUES (2, 'Law')")
    batch = Batch.objects.create(id=1, table="employees", source="api", mode="partial")
    RejectedRow.objects.create(
        id=1, batch=batch, table="employees", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


def test_every_table_that_takes_rows_has_a_version() -> None:
    for table in all_tables():
        assert len(data_version([table.db_table])) == 32


@pytest.mark.parametrize("tables", [[], ["departments", "batches"], ["department"]])
def test_a_table_without_a_version_is_our_fault(tables: list[str]) -> None:
    with pytest.raises(LookupError):
        data_version(tables)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "statement, tables",
    [
        ("INSERT INTO departments (id, department) VALUES (3, 'Art')", {"departments"}),
        (
            "INSERT INTO departments (id, department) VALUES (1, 'Art')"
            " ON CONFLICT (id) DO UPDATE SET department = 'Art'",
            {"departments"},
        ),
        ("UPDATE jobs SET job = 'Cook'", {"jobs"}),
        ("UPDATE employees SET name = 'Zed' WHERE id = 1", {"employees"}),
        ("UPDATE rejected_rows SET status = 'resolved'", {"rejected_rows"}),
        ("DELETE FROM rejected_rows", {"rejected_rows"}),
        ("DELETE FROM employees WHERE id = 1", {"employees"}),
        ("TRUNCATE rejected_rows", {"rejected_rows"}),
        # How an owner renews a version by hand.
        ("DELETE FROM jobs WHERE false", {"jobs"}),
        ("TRUNCATE departments CASCADE", {"departments", "employees"}),
        (
            "WITH gone AS (DELETE FROM employees RETURNING id) UPDATE jobs SET job = 'Cook'",
            {"employees", "jobs"},
        ),
    ],
)
def test_a_statement_renews_the_version_of_what_it_changes(
    statement: str, tables: set[str]
) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    before = versions()

    execute(statement)

    assert changed(before) == tables


@pytest.mark.usefixtures("rows")
def test_so_does_copy() -> None:
    before = versions()

    with connection.cursor() as cursor:
        cursor.copy_expert("COPY jobs (id, job) FROM STDIN", io.StringIO("7\tCook\n"))

    assert changed(before) == {"jobs"}


@pytest.mark.usefixtures("rows")
def test_so_does_what_is_loaded_as_by_a_replica() -> None:
    before = versions()

    execute("SET LOCAL session_replication_role = replica")
    execute("DELETE FROM employees")
    execute("SET LOCAL session_replication_role = origin")

    assert changed(before) == {"employees"}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rejected_rows SET status = 'resolved' WHERE id = 7",
        "UPDATE batches SET received = 0",
        "CREATE TEMP TABLE staged (LIKE employees) ON COMMIT DROP;"
        " INSERT INTO staged SELECT * FROM employees; DELETE FROM staged",
        # In its place a mark would be renewed that nobody reads.
        'CREATE TEMP TABLE data_versions (id bigint, "table" text, mark uuid) ON COMMIT DROP',
    ],
)
def test_what_changes_no_row_renews_nothing(statement: str) -> None:
    before = versions()

    execute(statement)
    if "data_versions" in statement:
        execute("UPDATE jobs SET job = 'Cook'")
        execute("DROP TABLE pg_temp.data_versions")

    assert changed(before) == ({"jobs"} if "data_versions" in statement else set())


@pytest.mark.usefixtures("rows")
def test_what_is_rolled_back_leaves_the_version_and_its_own_never_comes_again() -> None:
    before = versions()
    with transaction.atomic():
        execute("UPDATE jobs SET job = 'Cook'")
        lost = data_version(["jobs"])
        transaction.set_rollback(True)
    assert changed(before) == set()

    execute("UPDATE jobs SET job = 'Nurse'")

    assert data_version(["jobs"]) not in (before["jobs"], lost)


POSTED = {"id": 500, "name": "Zoë", "datetime": "2021-01-01T00:00:00Z"}
POSTED |= {"department_id": 1, "job_id": 1}
DONE: dict[str, tuple[Callable[[Any], Any], set[str]]] = {
    "rows posted": (lambda api: api.post(EMPLOYEES, [POSTED]), {"employees"}),
    "some rejected": (
        lambda api: api.post(EMPLOYEES, [POSTED, {"id": 501}]),
        {"employees", "rejected_rows"},
    ),
    "row replaced": (
        lambda api: api.put(f"{EMPLOYEES}1/", POSTED | {"id": 1}),
        {"employees"},
    ),
    "row deleted": (lambda api: api.delete(f"{EMPLOYEES}1/"), {"employees"}),
    "entry discarded": (
        lambda api: api.post(
            "/api/v1/rejected-rows/discard/", {"filter": {"batch": 1}, "reason": "old"}
        ),
        {"rejected_rows"},
    ),
}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("deed", DONE)
def test_a_request_renews_the_version_of_what_it_changes(api: Any, deed: str) -> None:
    request, tables = DONE[deed]
    before = versions()

    response = request(api)

    assert response.status_code < 300, response.content
    assert changed(before) == tables


@pytest.mark.usefixtures("rows")
def test_a_batch_that_finds_everything_unchanged_renews_nothing(api: Any) -> None:
    batch = [employee_row() for _ in range(3)]
    assert api.post(EMPLOYEES, batch).status_code == 201
    before = versions()

    assert api.post(EMPLOYEES, batch).json()["unchanged"] == 3
    assert api.post(f"{EMPLOYEES}?dry_run=true", [employee_row()]).status_code == 200
    assert api.get(EMPLOYEES).status_code == 200

    assert changed(before) == set()


@pytest.mark.usefixtures("rows")
def test_undoing_a_batch_renews_the_version(api: Any) -> None:
    posted = api.post("/api/v1/departments/", [department_row()]).json()
    before = versions()

    assert api.post(f"/api/v1/batches/{posted['batch']}/undo/").status_code == 200

    assert changed(before) == {"departments"}


@pytest.mark.parametrize("app, earlier", [("versions", "zero"), ("backups", "0001")])
def test_migrations_renew_every_version(app: str, earlier: str) -> None:
    """Forward and back again, too: what ALTER TABLE did to rows no trigger has seen."""
    before = versions()
    call_command("migrate", verbosity=0)
    assert changed(before) == set()

    call_command("migrate", app, earlier, verbosity=0)
    call_command("migrate", app, verbosity=0)

    assert changed(before) == set(TABLES)
