"""The views of datasets go before tables are altered, and come again when they have been."""

from __future__ import annotations

import sys
from typing import Any

import psycopg2
from django.core.management.base import CommandError
from django.db import InternalError, ProgrammingError, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg2 import errorcodes, sql

from hrapi.ingestion.transactions import lock_number
from reports.sql_views.definitions import MADE_BY, View, all_views, schema_comments

_LEAVES_OUT = (errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_COLUMN, errorcodes.DUPLICATE_TABLE)


def drop_before(*, using: str, plan: list[Any], **_: Any) -> None:
    """Receives `pre_migrate`. Views that are as they should be stay when nothing is to be migrated.

    Raises CommandError, with nothing migrated: when another process is at it, and when a view cannot go.
    """
    with transaction.atomic(using), connections[using].cursor() as cursor:
        _wait_for_others(cursor)
        _refuse_what_another_has_done(using, plan)
        if plan or not _are_current(cursor):
            _drop(cursor)


def create_after(*, using: str, **_: Any) -> None:
    """Receives `post_migrate`. Tells on stderr what could not be made, and why."""
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            _wait_for_others(cursor)
            if not _are_current(cursor):
                _drop(cursor)
                _create(cursor, using)
    except ProgrammingError as error:
        if _code(error) != errorcodes.INSUFFICIENT_PRIVILEGE:
            raise
        sys.stderr.write(
            f"There are no views for reporting: {_message(error)}. The service works without them. For them run"
            f" as a superuser {_what_to_grant(using)} and then migrate again.\n"
        )


def made_views(cursor: Any) -> set[str]:
    """The names of the views that migrate has made, like `reporting.hires`."""
    cursor.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE c.relkind = 'v' AND n.nspname = ANY(%s) AND obj_description(c.oid, 'pg_class') LIKE %s",
        [list(schema_comments()), f"%{MADE_BY}"],
    )
    return {name for [name] in cursor.fetchall()}


def _wait_for_others(cursor: Any) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number("views for reporting")])


def _refuse_what_another_has_done(using: str, plan: list[Any]) -> None:
    """A plan that was made before another process had migrated would fail, with the views gone."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    for migration, is_backwards in plan:
        if ((migration.app_label, migration.name) in applied) is not is_backwards:
            raise CommandError("Another process has just migrated this database. Run it again.")


def _are_current(cursor: Any) -> bool:
    cursor.execute(
        "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ANY(%s)",
        [list(schema_comments())],
    )
    return dict(cursor.fetchall()) == schema_comments() and made_views(cursor) == {
        view.name for view in all_views()
    }


def _drop(cursor: Any) -> None:
    """All that were made, also by another version, which may have had other datasets."""
    found = [sql.Identifier(*name.split(".", 1)) for name in sorted(made_views(cursor))]
    if not found:
        return
    try:
        cursor.execute(sql.SQL("DROP VIEW {}").format(sql.SQL(", ").join(found)))
    except (ProgrammingError, InternalError) as error:
        # It belongs to another role, or somebody made a view of their own of it.
        raise CommandError(
            f"The views for reporting cannot be made anew: {_message(error)}. Put that right, and migrate again."
        ) from error


def _create(cursor: Any, using: str) -> None:
    for schema, comment in schema_comments().items():
        cursor.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema])
        # With IF NOT EXISTS it would take the right to make schemas even where there is one.
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        cursor.execute(
            sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
                sql.Identifier(schema), sql.Literal(comment)
            )
        )
    for view in all_views():
        _create_view(cursor, view, using)


def _create_view(cursor: Any, view: View, using: str) -> None:
    """Without the view goes on: one whose tables are not there, as after `migrate employees zero`."""
    try:
        with transaction.atomic(using):
            for statement in view.statements():
                cursor.execute(statement)
    except ProgrammingError as error:
        if _code(error) not in _LEAVES_OUT:
            raise
        sys.stderr.write(f"The view {view.name} is left out: {_message(error)}.\n")


def _what_to_grant(using: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user")
        database, user = map(sql.Identifier, cursor.fetchone())
        text: str = (
            sql.SQL("GRANT CREATE ON DATABASE {} TO {};")
            .format(database, user)
            .as_string(cursor.cursor)
        )
    return text


def _code(error: Exception) -> str | None:
    return error.__cause__.pgcode if isinstance(error.__cause__, psycopg2.Error) else None


def _message(error: Exception) -> str:
    """What the database said: its message, and on what it depends."""
    if not isinstance(error.__cause__, psycopg2.Error):
        return str(error)
    diagnostics = error.__cause__.diag
    said = [diagnostics.message_primary, *(diagnostics.message_detail or "").splitlines()]
    return "; ".join(part for part in said if part)
