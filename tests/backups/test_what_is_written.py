"""That all that matters is written, and as it is in the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection

from hrapi.backups import snapshot
from hrapi.backups.avro_files import write_table
from hrapi.backups.stored import stored_tables
from tests.backups.running import backup, run
from tests.backups.test_restoring_meanwhile import execute_elsewhere

pytestmark = pytest.mark.usefixtures("stored")


def test_nobody_empties_a_table_before_it_is_written() -> None:
    """A table that is emptied by TRUNCATE reads as empty, whatever the snapshot of its reader."""
    real = snapshot._write_table
    refused: list[str] = []

    def meanwhile(connection_: Any, table: Any, *arguments: Any, **options: Any) -> Any:
        if table.name == "departments":
            try:
                execute_elsewhere("TRUNCATE rejected_rows")
            except OperationalError as error:
                refused.append(str(error).strip())
        return real(connection_, table, *arguments, **options)

    with mock.patch.object(snapshot, "_write_table", meanwhile):
        backup()

    assert refused == ["canceling statement due to lock timeout"]


def test_what_the_disk_made_of_a_file_is_looked_at(place: Path) -> None:
    """Of a name another name of the same length: readable, but not what was written."""
    real = os.fsync

    def spoil(descriptor: int) -> None:
        real(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.name == "departments.avro":
            path.write_bytes(path.read_bytes().replace(b"Department 1", b"Department 7"))

    with mock.patch("os.fsync", spoil):
        finished = run("backup", "--codec", "null")

    assert (finished.code, finished.output) == (1, "")
    assert finished.errors == (
        "CommandError: departments.avro reads back other than it was written.\n"
    )
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("value", [True, 1.9, None, "1"], ids=repr)
def test_a_value_of_another_type_is_not_written(tmp_path: Path, value: Any) -> None:
    """fastavro would write some of them as a number."""
    [table] = [table for table in stored_tables() if table.name == "jobs"]
    row = (value, "Job", *[None] * (len(table.columns) - 2))

    with pytest.raises(ValueError, match=r"jobs\.id holds values of other types"):
        write_table(tmp_path / table.file, table, [[row]], codec="deflate")


def test_every_table_is_backed_up_or_deliberately_is_not() -> None:
    not_backed_up = {
        # Who may enter is made anew.
        "auth_group", "auth_group_permissions", "auth_permission", "auth_user", "auth_user_groups",
        "auth_user_user_permissions", "django_session", "knox_authtoken",
        "token_details", "oauth_clients", "oauth2_provider_accesstoken", "oauth2_provider_devicegrant",
        "oauth2_provider_grant", "oauth2_provider_idtoken", "oauth2_provider_refreshtoken",
        # Of the software, not of the data.
        "django_content_type", "django_migrations", "data_versions",
        # In files of their own, beside the backups.
        "erasures",
        # Of use for a day, or until a load has ended.
        "django_tasks_database_dbtaskresult", "kept_answers", "load_parts", "counters",
        # What was done by whom on this machine.
        "backup_runs", "django_admin_log",
        # A restore must not rewrite it, nor bring back a link that was revoked.
        "audit_events", "shares",
    }  # fmt: skip
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))

    assert {table.db_table for table in stored_tables()} == there - not_backed_up
    assert not_backed_up <= there
