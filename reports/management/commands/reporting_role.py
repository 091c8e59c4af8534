from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction
from psycopg2 import sql

from reports.sql_views.roles import Role, RoleError, statements

_MAX_SECONDS = 24 * 3600
_MAX_CONNECTIONS = 1000


def _whole(maximum: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= maximum:
            return int(text)
        raise ArgumentTypeError(f"send a whole number from 1 to {maximum}, not {text!r}")

    return parse


class Command(BaseCommand):
    help = (
        "Prints SQL that makes a role of the database for tools that read: it reads the views of the schema "
        "reporting and nothing else. For psql, as a superuser; once, the rights stay when migrate makes the views "
        "anew. The role has no password until you set one."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", metavar="NAME", help="The name of the role.")
        parser.add_argument(
            "--names",
            action="store_true",
            help="It reads names of people too, in the schema reporting_names; else that right is taken away.",
        )
        parser.add_argument(
            "--statement-timeout",
            type=_whole(_MAX_SECONDS),
            default=300,
            metavar="SECONDS",
            help="A query that takes longer is ended (default: %(default)s).",
        )
        parser.add_argument(
            "--connection-limit",
            type=_whole(_MAX_CONNECTIONS),
            default=10,
            metavar="N",
            help="How many connections it may have at once (default: %(default)s).",
        )
        parser.add_argument(
            "--apply",
            action="store_true",
            help="Runs the SQL instead, as the user of DATABASE_URL.",
        )

    def handle(self, *args: Any, role: str, apply: bool, **options: Any) -> None:
        wanted = Role(
            role, options["names"], options["statement_timeout"], options["connection_limit"]
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                found = [each.as_string(cursor.cursor) for each in statements(wanted, cursor)]
                if apply:
                    for statement in found:
                        cursor.execute(statement)
                name = sql.Identifier(role).as_string(cursor.cursor)
        except RoleError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(_refused(error)) from error
        if not apply:
            self.stdout.write("\n".join(f"{statement};" for statement in found))
        done = "The role is ready" if apply else "When it has been run, the role is ready"
        self.stderr.write(f"{done} but for its password. Set one in psql: \\password {name}")


def _refused(error: DatabaseError) -> str:
    said = (
        error.__cause__.diag.message_primary
        if isinstance(error.__cause__, psycopg2.Error)
        else error
    )
    return f"Nothing was done: {said}. Without --apply the SQL is printed, for psql as a superuser."
