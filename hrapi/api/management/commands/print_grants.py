from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models
from psycopg2 import sql

# Versions of data are renewed by triggers, which run as the owner.
READ_ONLY = {"django_migrations", "django_content_type", "auth_permission", "data_versions"}


class Command(BaseCommand):
    help = (
        "Prints SQL that lets a role of the database run the service and nothing else: it makes and changes no "
        "table, and of tables that only grow it changes and deletes no row. For psql, as a superuser or as the "
        "owner of the tables; again after each migrate."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", metavar="ROLE", help="the name of the role, which must exist")

    def handle(self, *args: Any, role: str, **options: Any) -> None:
        with connection.cursor() as cursor:
            for statement in grants(role):
                self.stdout.write(statement.as_string(cursor.cursor) + ";")


def grants(role: str) -> Iterator[sql.Composable]:
    """The statements; of what was granted before, only what they grant remains."""
    to = sql.Identifier(role)
    schema = sql.Identifier("public")
    yield sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC").format(schema)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(schema, to)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, to)
    yield sql.SQL("GRANT SELECT, USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(schema, to)
    yield sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier("django_migrations"), to)
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    for table, model in sorted(found.items()):
        yield from _on_table(table, model, to)


def _on_table(
    table: str, model: type[models.Model], to: sql.Identifier
) -> Iterator[sql.Composable]:
    on = sql.Identifier(table)
    if table in READ_ONLY:
        yield sql.SQL("GRANT SELECT ON {} TO {}").format(on, to)
    elif getattr(model, "append_only", False):
        yield sql.SQL("GRANT SELECT, INSERT ON {} TO {}").format(on, to)
        # When an account is deleted, what it did stays, without it.
        columns = [
            sql.Identifier(field.column)
            for field in model._meta.local_fields
            if isinstance(field, models.ForeignKey)
            and field.remote_field.on_delete is models.SET_NULL
        ]
        if columns:
            listed = sql.SQL(", ").join(columns)
            yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(listed, on, to)
    else:
        yield sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(on, to)
