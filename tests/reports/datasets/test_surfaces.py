"""Every dataset gives the same numbers, whatever it is read as."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection

from hrapi.csv_cells import restore
from reports.datasets.definition import Dataset, Type
from reports.datasets.registry import all_datasets
from reports.sql_views.definitions import View, all_views
from tests.factories import EmployeeFactory
from tests.reports.datasets.rows import get, read_csv, read_json, read_xlsx, store_random_rows

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.name)


def from_text(dataset: Dataset, row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON or CSV with the values that Python would have."""
    types = {column.name: column.type for column in dataset.columns}
    readers = {
        Type.INTEGER: int,
        Type.NUMBER: float,
        Type.TEXT: str,
        Type.DATETIME: datetime.fromisoformat,
        Type.DATE: date.fromisoformat,
    }
    return {
        name: None if value in (None, "") else readers[types[name]](value)
        for name, value in row.items()
    }


def from_sheet(dataset: Dataset, row: dict[str, Any]) -> dict[str, Any]:
    types = {column.name: column.type for column in dataset.columns}
    return {
        name: value.date() if value is not None and types[name] is Type.DATE else value
        for name, value in row.items()
    }


def read_view(view: View) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {view.name} ORDER BY {view.dataset.sql_order}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def as_in_sheets(value: Any) -> Any:
    """Sheets have no time zone, and hold 16 digits, and times to the millisecond."""
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=value.microsecond // 1000 * 1000)
    return value


@EACH
def test_json_csv_xlsx_and_the_view_are_the_same(api: Any, dataset: Dataset) -> None:
    store_random_rows(1)
    as_json = [from_text(dataset, row) for row in read_json(api, dataset.name)]
    as_csv = [
        from_text(dataset, {name: restore(cell) for name, cell in row.items()})
        for row in read_csv(api, dataset.name)
    ]
    as_xlsx = [from_sheet(dataset, row) for row in read_xlsx(api, dataset.name)]

    [view] = [v for v in all_views() if (v.dataset, v.columns) == (dataset, dataset.columns)]
    as_sql = read_view(view)

    assert as_json
    assert as_sql == as_json
    assert [list(row) for row in as_json[:1]] == [[column.name for column in dataset.columns]]
    assert as_csv == as_json
    assert [{n: as_in_sheets(v) for n, v in row.items()} for row in as_xlsx] == [
        {n: as_in_sheets(v) for n, v in row.items()} for row in as_json
    ]


@EACH
def test_without_a_row_there_is_an_empty_array_and_a_header(api: Any, dataset: Dataset) -> None:
    assert read_json(api, dataset.name) == []
    assert read_csv(api, dataset.name) == []
    assert read_xlsx(api, dataset.name) == []


@pytest.mark.parametrize(
    "moment, number",
    [
        ("1900-01-01T00:00:00Z", "1"),
        ("1900-01-01T12:00:00Z", "1.5"),
        ("1900-02-28T12:00:00Z", "59.5"),
        ("1900-03-01T00:00:00Z", "61"),
        ("2021-07-27T18:00:00Z", "44404.75"),
    ],
)
def test_a_moment_in_a_sheet_is_the_number_that_excel_has_for_it(
    api: Any, moment: str, number: str
) -> None:
    EmployeeFactory(id=7, datetime=moment)

    workbook = ZipFile(io.BytesIO(get(api, "employees", format="xlsx").body))
    sheet = workbook.read("xl/worksheets/sheet1.xml").decode()

    assert re.findall(r'<c r="C2" [^>]*><v>([^<]*)</v>', sheet) == [number]
