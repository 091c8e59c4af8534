"""A role of the database that reads the views of datasets and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from reports.sql_views.definitions import NAMES_SCHEMA, SCHEMA, all_views
from reports.sql_views.migrating import made_views

_MAX_NAME_BYTES = 63
_IDLE_SECONDS = 60


class RoleError(Exception):
    """What keeps the role from being made, in one line."""


@dataclass(frozen=True)
class Role:
    """What is asked for. With `names` the role reads names of people too."""

    name: str
    names: bool
    timeout_seconds: int
    connections: int

    @property
    def schemas(self) -> tuple[str, ...]:
        return (SCHEMA, NAMES_SCHEMA) if self.names else (SCHEMA,)


def statements(role: Role, cursor: Any) -> Iterator[sql.Composable]:
    """The SQL that makes the role, or brings the one there is to what is asked for.

    Raises RoleError: for a name that cannot be one, for a role that can do other things here, and while there
    are no views.
    """
    exists = _check_name(role.name, cursor)
    owner = _owner_of_views(cursor)
    to = sql.Identifier(role.name)
    verb = sql.SQL("ALTER" if exists else "CREATE")
    yield sql.SQL(
        "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {}"
    ).format(verb, to, sql.Literal(role.connections))
    for name, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", f"{role.timeout_seconds}s"),
        # Who reads on in a transaction keeps `migrate` waiting.
        ("idle_in_transaction_session_timeout", f"{_IDLE_SECONDS}s"),
        ("timezone", "UTC"),
    ):
        yield sql.SQL("ALTER ROLE {} SET {} = {}").format(
            to, sql.Identifier(name), sql.Literal(value)
        )
    cursor.execute("SELECT current_database()")
    [database] = cursor.fetchone()
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), to)
    for schema in (SCHEMA, NAMES_SCHEMA):
        yield from _on_schema(schema, to, sql.Identifier(owner), reads=schema in role.schemas)


def _on_schema(
    schema: str, to: sql.Identifier, owner: sql.Identifier, *, reads: bool
) -> Iterator[sql.Composable]:
    """The rights on the views that are there, and on those that the next `migrate` makes in their place."""
    verb, preposition = map(sql.SQL, ("GRANT", "TO") if reads else ("REVOKE", "FROM"))
    views = [view.identifier for view in all_views() if view.schema == schema]
    for what in (
        sql.SQL("USAGE ON SCHEMA {}").format(sql.Identifier(schema)),
        sql.SQL("SELECT ON {}").format(sql.SQL(", ").join(views)),
    ):
        yield sql.SQL("{} {} {} {}").format(verb, what, preposition, to)
    yield sql.SQL(
        "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} {} SELECT ON TABLES {} {}"
    ).format(owner, sql.Identifier(schema), verb, preposition, to)


def _check_name(name: str, cursor: Any) -> bool:
    """Whether there is the role already."""
    is_reserved = name.lower().startswith("pg_") or name in ("public", "none")
    if not (name.isprintable() and 0 < len(name.encode()) <= _MAX_NAME_BYTES) or is_reserved:
        raise RoleError(
            f"{name[:70]!r} cannot be the name of a role: take 1 to {_MAX_NAME_BYTES} bytes, which do not begin"
            " with pg_."
        )
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone() is None:
        return False
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\\_%%' AND nspname <> 'information_schema'"
        " AND (has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
        " OR has_any_column_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE')) ORDER BY 1 LIMIT 1",
        [name, name],
    )
    if found := cursor.fetchone():
        raise RoleError(
            f"There is a role {name!r} already, and it may use tables, like {found[0]}: choose another name, or"
            " take those rights away from it first."
        )
    return True


def _owner_of_views(cursor: Any) -> str:
    missing = sorted({view.name for view in all_views()} - made_views(cursor))
    if missing:
        raise RoleError(f"There is no view {missing[0]}: run migrate, which says why.")
    cursor.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = %s AND relkind = 'v' AND relname = %s",
        all_views()[0].name.split("."),
    )
    owner: str = cursor.fetchone()[0]
    return owner
