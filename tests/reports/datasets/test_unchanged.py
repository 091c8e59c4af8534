"""A dataset that has not changed is not sent again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from hrapi.audit.models import AuditEvent
from reports.datasets.definition import Dataset
from reports.datasets.registry import all_datasets
from tests.reports.datasets.rows import store_random_rows

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.name)
TABLES = ["departments", "jobs", "employees", "rejected_rows"]


def get(client: Any, dataset: str, etag: str = "", **query: str) -> Any:
    headers = {"if-none-match": etag} if etag else {}
    response = client.get(f"/api/v1/datasets/{dataset}/", query, headers=headers)
    # A file is closed when it was read to its end.
    assert response.status_code == 304 or b"".join(response)
    return response


@EACH
@pytest.mark.parametrize("asked", ["json", "csv", "xlsx"])
def test_it_is_sent_again_only_when_its_tables_changed(
    api: Any, dataset: Dataset, asked: str
) -> None:
    store_random_rows(1)
    etag = get(api, dataset.name, format=asked)["ETag"]
    assert get(api, dataset.name, etag, format=asked).status_code == 304

    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET id = id")
        response = get(api, dataset.name, etag, format=asked)
        assert response.status_code == (200 if table in dataset.tables else 304), table
        etag = response["ETag"]


@EACH
def test_every_table_that_the_query_reads_is_among_its_tables(dataset: Dataset) -> None:
    read = {table for table in TABLES if table in dataset.query.replace("{counted}", "employees")}

    assert read <= dataset.tables


@pytest.mark.parametrize("group, kept", [("loaders", "no-store"), ("readers", "private, no-cache")])
def test_what_holds_names_is_kept_by_no_cache_and_a_304_is_no_download(
    client_of: Any, group: str, kept: str
) -> None:
    store_random_rows(1)
    client = client_of(group)

    first = get(client, "employees", format="csv")
    recorded = AuditEvent.objects.filter(action="names_exported").count()
    again = get(client, "employees", first["ETag"], format="csv")

    assert (again.status_code, again["Cache-Control"], first["Cache-Control"]) == (304, kept, kept)
    assert recorded == (1 if group == "loaders" else 0)
    assert AuditEvent.objects.filter(action="names_exported").count() == recorded


def test_the_last_days_of_tomorrow_are_others(api: Any) -> None:
    class Clock(datetime):
        day = 1

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2031, 6, cls.day, tzinfo=UTC).astimezone(tz)

    with mock.patch("reports.datasets.parameters.datetime", Clock):
        etag = get(api, "hires", last_days="7")["ETag"]
        assert get(api, "hires", etag, last_days="7").status_code == 304
        Clock.day = 2
        assert get(api, "hires", etag, last_days="7").status_code == 200
