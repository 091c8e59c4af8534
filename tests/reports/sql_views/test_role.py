"""The role for tools that read, as such a tool has it: over a connection of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2 import sql

from hrapi.embedded_postgres import binaries
from reports.sql_views.definitions import NAMES_SCHEMA, SCHEMA, all_views
from tests.installation import Installation, installation
from tests.test_docs import document

VIEWS = all_views()


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation() as made:
        made.hold()
        assert made.manage("migrate", "--verbosity=0").code == 0
        with made.connection() as cursor:
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (1, 'Law');"
                "INSERT INTO jobs (id, job) VALUES (1, 'Clerk');"
                "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                " VALUES (1, 'Ada Byron', '2021-07-27T16:02:08Z', 1, 1)"
            )
        for name, options in (("reader", []), ("name_reader", ["--names"])):
            done = made.manage("reporting_role", name, "--apply", *options)
            assert (done.code, done.output) == (0, "")
            assert f'\\password "{name}"' in done.errors
        yield made


def ask(installed: Installation, role: str, query: str, *before: str) -> list[tuple[Any, ...]]:
    lines = (installed.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    client = psycopg2.connect(host=lines[4], port=lines[3], user=role, dbname="hrapi")
    with closing(client), client.cursor() as cursor:
        for statement in (*before, query):
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def reads_all(installed: Installation, role: str, *schemas: str) -> None:
    for view in VIEWS:
        if view.schema in schemas:
            ask(installed, role, f"SELECT * FROM {view.name}")
        else:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                ask(installed, role, f"SELECT * FROM {view.name}")


def test_it_reads_the_views_and_names_only_when_told_so(installed: Installation) -> None:
    reads_all(installed, "reader", SCHEMA)
    reads_all(installed, "name_reader", SCHEMA, NAMES_SCHEMA)

    assert ask(installed, "reader", "SELECT * FROM reporting.hires") == [
        (2021, 3, 7, 1, "Law", 1, "Clerk", 1)
    ]
    assert ask(installed, "name_reader", "SELECT name FROM reporting_names.employees") == [
        ("Ada Byron",)
    ]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM employees",
        "SELECT name FROM employees",
        "SELECT count(*) FROM auth_user",
        "SELECT raw FROM rejected_rows",
        "INSERT INTO departments (id, department) VALUES (2, 'Sales')",
        "UPDATE employees SET name = 'X'",
        "DELETE FROM reporting.departments",
        "UPDATE reporting.departments SET department = 'X'",
        "INSERT INTO reporting.departments (id, department) VALUES (2, 'Sales')",
        "TRUNCATE employees",
        "DROP VIEW reporting.hires",
        "CREATE TABLE mine (id integer)",
        "CREATE TABLE reporting.mine (id integer)",
        "CREATE VIEW reporting.mine AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE ROLE another",
        "SET ROLE hrapi",
        "COPY employees TO STDOUT",
    ],
)
@pytest.mark.parametrize("role", ["reader", "name_reader"])
def test_it_can_do_nothing_else(installed: Installation, role: str, query: str) -> None:
    """Nor when it says that it would write, which any session may."""
    refusals = (
        psycopg2.errors.InsufficientPrivilege,
        # No view is updatable, whoever asks.
        psycopg2.errors.ObjectNotInPrerequisiteState,
    )
    with pytest.raises(refusals):
        ask(installed, role, query, "SET default_transaction_read_only = off; COMMIT; BEGIN")
    assert ask(
        installed, "name_reader", "SELECT id, department, name FROM reporting_names.employees"
    ) == [(1, "Law", "Ada Byron")]


def test_it_is_read_only_limited_and_in_utc(installed: Installation) -> None:
    for name, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "5min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("TimeZone", "UTC"),
    ):
        assert ask(installed, "reader", f"SHOW {name}") == [(value,)]
    limits = "SELECT rolconnlimit, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'reader'"
    assert ask(installed, "reader", limits) == [(10, False, False, False)]
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        ask(installed, "reader", "CREATE TEMPORARY TABLE kept (id integer); SELECT nextval('x')")


def test_it_still_reads_when_migrate_has_made_the_views_anew(installed: Installation) -> None:
    oid = "SELECT 'reporting.hires'::regclass::oid"
    before = installed.query(oid)
    assert installed.manage("migrate", "employees", "zero", "--verbosity=0").code == 0
    assert installed.query("SELECT to_regclass('reporting.hires')") == [(None,)]
    assert ask(installed, "reader", "SELECT * FROM reporting.departments") == [(1, "Law")]
    assert installed.manage("migrate", "--verbosity=0").code == 0

    assert installed.query(oid) != before
    reads_all(installed, "reader", SCHEMA)
    reads_all(installed, "name_reader", SCHEMA, NAMES_SCHEMA)
    with installed.connection() as cursor:
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " VALUES (1, 'Ada Byron', '2021-07-27T16:02:08Z', 1, 1)"
        )


def test_asked_again_it_gets_other_limits_and_loses_names(installed: Installation) -> None:
    first = installed.manage("reporting_role", "changing", "--names", "--apply")
    again = installed.manage(
        "reporting_role", "changing", "--apply", "--statement-timeout=7", "--connection-limit=3"
    )

    assert (first.code, again.code) == (0, 0)
    assert ask(installed, "changing", "SHOW statement_timeout") == [("7s",)]
    reads_all(installed, "changing", SCHEMA)


@pytest.mark.parametrize(
    "name", ['a"; DROP VIEW reporting.hires; --', "Ünïcode 'role", "x" * 63, "%s"]
)
def test_what_is_printed_is_for_psql_whatever_the_name(installed: Installation, name: str) -> None:
    printed = installed.manage("reporting_role", name)
    lines = (installed.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()

    done = subprocess.run(
        [
            *(str(binaries.binaries_dir() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"),
            *("-h", lines[4], "-p", lines[3], "-U", "hrapi", "-d", "hrapi"),
        ],
        input=printed.output,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (printed.code, done.returncode, done.stderr) == (0, 0, "")
    assert "PASSWORD" not in printed.output.upper()
    reads_all(installed, name, SCHEMA)


@pytest.mark.parametrize("name", ["", "public", "none", "pg_reader", "x" * 64, "a\nb"])
def test_what_cannot_be_a_name_is_refused(installed: Installation, name: str) -> None:
    done = installed.manage("reporting_role", name, "--apply")

    assert (done.code, done.output) == (1, "")
    assert "cannot be the name of a role" in done.errors
    assert len(done.errors.splitlines()) == 1


def test_a_role_that_does_other_work_is_left_alone(installed: Installation) -> None:
    with installed.connection() as cursor:
        cursor.execute("CREATE ROLE service LOGIN")
        cursor.execute("GRANT UPDATE (name) ON employees TO service")

    for name in ("service", "hrapi"):
        done = installed.manage("reporting_role", name, "--apply")
        assert done.code == 1
        assert f"There is a role '{name}' already, and it may use tables" in done.errors
    settings = "SELECT rolconfig FROM pg_roles WHERE rolname IN ('service', 'hrapi')"
    assert installed.query(settings) == [(None,), (None,)]


@pytest.mark.parametrize(
    "option", ["--statement-timeout=0", "--connection-limit=x", "--connection-limit=99999999999"]
)
def test_numbers_out_of_bounds_are_refused(installed: Installation, option: str) -> None:
    done = installed.manage("reporting_role", "limited", option)

    assert done.code == 2
    assert "send a whole number from 1 to" in done.errors


def test_who_may_not_make_roles_is_told_in_one_line(installed: Installation) -> None:
    lines = (installed.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    with installed.connection() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE weak LOGIN"))
    url = f"postgresql://weak@/hrapi?host={lines[4]}&port={lines[3]}"
    as_weak = Installation(installed.data_dir, DATABASE_URL=url, SECRET_KEY="x" * 60)

    done = as_weak.manage("reporting_role", "new", "--apply")

    assert done.code == 1
    assert done.errors == (
        "CommandError: Nothing was done: permission denied to create role. Without --apply the SQL is printed,"
        " for psql as a superuser.\n"
    )


LIBERTIES = [
    "CREATE TEMPORARY TABLE mine AS SELECT 1",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
]


def test_what_its_rights_do_not_forbid_a_superuser_takes_away_as_documented(
    installed: Installation,
) -> None:
    free = ("SET default_transaction_read_only = off", "SET statement_timeout = 0", "COMMIT")
    for query in LIBERTIES:
        ask(installed, "name_reader", query, *free)
    section = document("operations.md").partition("## A role for reporting")[2]
    documented = section.partition("```sql\n")[2].partition("```")[0]

    with installed.connection() as cursor:
        cursor.execute("CREATE ROLE hrapi_owner LOGIN")
        cursor.execute(documented.replace("ROLE bi ", "ROLE name_reader "))

    for query in (*LIBERTIES, "SET temp_file_limit = -1"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(installed, "name_reader", query, *free)
    for query in LIBERTIES:
        ask(installed, "hrapi_owner", query)
    assert ask(installed, "name_reader", "SHOW temp_file_limit") == [("2GB",)]
