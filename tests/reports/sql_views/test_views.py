"""The views of the database: what they are, and that they are the datasets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection

from reports.datasets.definition import Type
from reports.datasets.reading import rows_of, select
from reports.sql_views.definitions import NAMES_SCHEMA, SCHEMA, View, all_views
from tests.reports.datasets.rows import store_random_rows

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("view", all_views(), ids=lambda view: view.name)
TYPES = {
    Type.INTEGER: "bigint",
    Type.NUMBER: "double precision",
    Type.TEXT: "text",
    Type.DATETIME: "timestamp with time zone",
    Type.DATE: "date",
}


def fetch(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def test_there_is_a_view_for_each_dataset_and_another_where_it_has_names() -> None:
    assert fetch(
        "SELECT schemaname, viewname FROM pg_views WHERE schemaname LIKE 'reporting%%' ORDER BY 1, 2"
    ) == [
        *(
            (SCHEMA, name)
            for name in (
                *("departments", "departments_above_mean", "employees", "hires"),
                *("hires_statistics", "jobs", "quarterly_hires", "rejected_rows", "rejections"),
            )
        ),
        (NAMES_SCHEMA, "employees"),
    ]


@EACH
def test_columns_have_plain_types_and_what_they_mean(view: View) -> None:
    found = fetch(
        "SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        view.name,
    )

    assert found == [
        (column.name, TYPES[column.type], column.description) for column in view.columns
    ]
    [(comment,)] = fetch("SELECT obj_description(%s::regclass, 'pg_class')", view.name)
    assert comment.startswith(f"{view.dataset.title}. {view.dataset.description} Key: ")


def test_names_are_in_a_schema_of_their_own() -> None:
    for view in all_views():
        personal = [column.name for column in view.columns if column.personal_to]
        assert bool(personal) == (view.schema == NAMES_SCHEMA)
    [employees] = [view for view in all_views() if view.schema == NAMES_SCHEMA]
    assert "name" in [column.name for column in employees.columns]


def test_each_schema_says_what_it_is() -> None:
    for schema, said in ((SCHEMA, "without names"), (NAMES_SCHEMA, "with the names")):
        [(comment,)] = fetch("SELECT obj_description(%s::regnamespace, 'pg_namespace')", schema)
        assert said in comment


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
@EACH
def test_a_view_has_the_rows_of_its_dataset_whatever_the_time_zone(view: View, zone: str) -> None:
    store_random_rows(3)
    expected = [tuple(row) for row in rows_of(select(view.dataset, view.columns))]
    # A moment is shown in the zone of the session; it must be the same moment.
    columns = ", ".join(
        f"\"{column.name}\"::text::timestamptz AT TIME ZONE 'UTC'"
        if column.type is Type.DATETIME
        else f'"{column.name}"'
        for column in view.columns
    )

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = %s", [zone])
    try:
        found = fetch(f"SELECT {columns} FROM {view.name} ORDER BY {view.dataset.sql_order}")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TimeZone = 'UTC'")

    assert expected
    assert found == [
        tuple(v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row)
        for row in expected
    ]


def oids() -> list[tuple[Any, ...]]:
    names = [view.name for view in all_views()]
    return fetch("SELECT name::regclass::oid FROM unnest(%s) AS name", names)


def test_nothing_happens_to_views_that_are_as_they_should_be() -> None:
    before = oids()

    call_command("migrate", verbosity=0)

    assert oids() == before


@pytest.mark.parametrize(
    "change",
    [
        "DROP VIEW reporting.hires",
        "COMMENT ON SCHEMA reporting IS 'of another version'",
        "DROP SCHEMA reporting CASCADE",
        "CREATE VIEW reporting.gone AS SELECT 1 AS one; COMMENT ON VIEW reporting.gone IS 'Old. Made by migrate.'",
    ],
)
def test_views_of_another_definition_are_made_anew(change: str) -> None:
    before = oids()
    with connection.cursor() as cursor:
        cursor.execute(change)

    call_command("migrate", verbosity=0)

    assert len({*before, *oids()}) == 2 * len(before)
    assert fetch("SELECT count(*) FROM reporting.hires") == [(0,)]
    assert fetch("SELECT to_regclass('reporting.gone')") == [(None,)]


def test_what_others_put_into_the_schema_stays(capsys: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP VIEW reporting.hires; CREATE VIEW reporting.hires AS SELECT 'theirs' AS whose;"
            "CREATE VIEW reporting.other AS SELECT 'theirs' AS whose"
        )

    call_command("migrate", verbosity=0)

    for name in ("hires", "other"):
        assert fetch(f"SELECT * FROM reporting.{name}") == [("theirs",)]
    assert capsys.readouterr().err == (
        'The view reporting.hires is left out: relation "hires" already exists.\n'
    )


def test_a_flush_leaves_the_views() -> None:
    """It tells of the end of a migration that nobody began."""
    before = oids()

    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")

    assert oids() == before


def test_the_catalogue_names_the_view_with_the_columns_that_are_seen(client_of: Any) -> None:
    for group, schema in (("readers", SCHEMA), ("name_readers", NAMES_SCHEMA)):
        entries = client_of(group).get("/api/v1/datasets/").json()
        for entry in entries:
            columns = fetch(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " ORDER BY attnum",
                entry["view"],
            )
            assert columns == [(column["name"],) for column in entry["columns"]]
        [employees] = [entry for entry in entries if entry["name"] == "employees"]
        assert employees["view"] == f"{schema}.employees"
