"""Migrations with the views in place, each on a database of its own, as processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from reports.sql_views.definitions import all_views
from reports.sql_views.migrating import drop_before, made_views
from tests.installation import Installation, installation

NAMES = {view.name for view in all_views()}
OWNER = "only_tables"


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation() as made:
        made.hold()
        with made.connection() as cursor:
            cursor.execute(f"CREATE ROLE {OWNER} LOGIN")
        yield made


@pytest.fixture
def service(installed: Installation) -> Iterator[Installation]:
    """The service on a database whose schema `public` its role may use, but where it may make no schema."""
    lines = (installed.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    with installed.connection() as cursor:
        cursor.execute("CREATE DATABASE scratch TEMPLATE template0 ENCODING 'UTF8'")
    url = f"postgresql://{OWNER}@/scratch?host={lines[4]}&port={lines[3]}"
    made = Scratch(installed.data_dir, DATABASE_URL=url, SECRET_KEY="x" * 60)
    made.as_superuser(f"GRANT ALL ON SCHEMA public TO {OWNER}")
    try:
        yield made
    finally:
        made.end_all()
        with installed.connection() as cursor:
            cursor.execute("DROP DATABASE scratch WITH (FORCE)")


class Scratch(Installation):
    def as_superuser(self, statement: str) -> list[tuple[Any, ...]]:
        with self.connection(database="scratch") as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def views(self) -> set[str]:
        with self.connection(database="scratch") as cursor:
            return made_views(cursor)


def grant(service: Scratch) -> None:
    service.as_superuser(f"GRANT CREATE ON DATABASE scratch TO {OWNER}")


def test_without_the_right_to_make_schemas_one_line_says_what_to_grant(service: Scratch) -> None:
    done = service.manage("migrate", "--verbosity=0")

    assert (done.code, done.output) == (0, "")
    assert done.errors == (
        "There are no views for reporting: permission denied for database scratch. The service works without them."
        f' For them run as a superuser GRANT CREATE ON DATABASE "scratch" TO "{OWNER}"; and then migrate again.\n'
    )
    refused = service.manage("reporting_role", "reader")
    assert (refused.code, refused.output) == (1, "")
    assert refused.errors.startswith("CommandError: There is no view reporting.departments")

    service.as_superuser(done.errors.split("superuser ")[1].split("; and")[0])
    again = service.manage("migrate", "--verbosity=0")

    assert (again.code, again.errors) == (0, "")
    assert service.views() == NAMES


def test_migrations_go_back_and_forth(service: Scratch) -> None:
    grant(service)
    assert service.manage("migrate", "--verbosity=0").code == 0

    # Those that change tables of views. Others cannot go back.
    back = service.manage("migrate", "employees", "zero", "--verbosity=0")
    assert (back.code, back.output) == (0, "")
    assert "The view reporting.employees is left out: relation" in back.errors
    assert {"reporting.departments", "reporting.rejections"} <= service.views()
    assert "reporting.hires" not in service.views()
    forth = service.manage("migrate", "--verbosity=0")

    assert (forth.code, forth.errors) == (0, "")
    assert service.views() == NAMES


def test_a_view_that_somebody_made_of_ours_stops_a_migration_before_it_begins(
    service: Scratch,
) -> None:
    grant(service)
    assert service.manage("migrate", "--verbosity=0").code == 0
    service.as_superuser("CREATE VIEW public.theirs AS SELECT * FROM reporting.hires")

    done = service.manage("migrate", "employees", "zero", "--verbosity=0")

    assert done.code == 1
    assert done.errors == (
        "CommandError: The views for reporting cannot be made anew: cannot drop desired object(s) because other"
        " objects depend on them; view theirs depends on view reporting.hires. Put that right, and migrate"
        " again.\n"
    )
    assert service.as_superuser("SELECT count(*) FROM theirs, employees") == [(0,)]
    assert service.views() == NAMES


def test_views_of_another_owner_stop_a_migration_before_it_begins(service: Scratch) -> None:
    grant(service)
    assert service.manage("migrate", "--verbosity=0").code == 0
    service.as_superuser("ALTER SCHEMA reporting OWNER TO hrapi")
    service.as_superuser("ALTER VIEW reporting.hires OWNER TO hrapi")

    done = service.manage("migrate", "employees", "zero", "--verbosity=0")

    assert done.code == 1
    assert done.errors.startswith("CommandError: The views for reporting cannot be made anew: ")
    assert service.views() == NAMES


def test_processes_that_migrate_at_once_leave_the_views(service: Scratch) -> None:
    grant(service)
    assert service.manage("migrate", "--verbosity=0").code == 0
    service.as_superuser("DROP SCHEMA reporting CASCADE; DROP SCHEMA reporting_names CASCADE")

    started = [service.start("migrate", "--verbosity=0") for _ in range(3)]

    assert [process.communicate(timeout=120)[1] for process in started] == [b""] * 3
    assert [process.returncode for process in started] == [0] * 3
    assert service.views() == NAMES


@pytest.mark.django_db
def test_who_finds_that_another_has_just_migrated_leaves_the_views() -> None:
    migration = MigrationLoader(connection).get_migration("employees", "0001_initial")

    with pytest.raises(CommandError, match="Another process has just migrated this database"):
        drop_before(using="default", plan=[(migration, False)])

    with connection.cursor() as cursor:
        assert made_views(cursor) == NAMES


@pytest.mark.django_db
def test_before_a_migration_the_views_are_gone_and_tables_can_be_altered() -> None:
    migration = MigrationLoader(connection).get_migration("employees", "0001_initial")

    drop_before(using="default", plan=[(migration, True)])

    with connection.cursor() as cursor:
        assert made_views(cursor) == set()
        cursor.execute("ALTER TABLE departments ALTER COLUMN department TYPE text")
