"""Filters made up at random keep what others say that they keep."""

from __future__ import annotations

import random
from typing import Any

import pytest
from odata_query.django import apply_odata_query

from employees.models import Employee
from tests.reports.datasets.rows import NAMES, store_random_rows
from tests.reports.odata.asking import rows
from tests.reports.odata.judging import Columns, Filters, kept

pytestmark = pytest.mark.django_db

EMPLOYEES = Columns(
    whole=["id", "department_id"],
    text=["name"],
    moment=["datetime"],
    texts=[name for name in NAMES if len(name) < 20],
    moments=["2000-01-31T23:59:59Z", "2001-07-01T00:00:00+02:00", "1999-12-31T23:59:59.999999Z"],
)
WITH_DEPARTMENTS = Columns(
    EMPLOYEES.whole, ["name", "department"], EMPLOYEES.moment, EMPLOYEES.texts, EMPLOYEES.moments
)
REJECTED = Columns(
    whole=["id", "index", "line", "row_id"],
    text=["table", "codes", "status"],
    moment=["created_at"],
    texts=["employees", "jobs", "open", "too_long unknown_job", "required", "discarded"],
    moments=["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
)
SEEDS = pytest.mark.parametrize("seed", range(4))
FILTERS = 120


@SEEDS
@pytest.mark.parametrize(
    "name, columns", [("Employees", WITH_DEPARTMENTS), ("RejectedRows", REJECTED)]
)
def test_python_keeps_the_same(api: Any, name: str, columns: Columns, seed: int) -> None:
    store_random_rows(seed, employees=60)
    everything = rows(api, name)
    filters = Filters(columns, random.Random(seed))

    lengths = set()
    for _ in range(FILTERS):
        text = filters.one()
        found = rows(api, name, filter=text)
        assert found == kept(text, everything, columns.moment), text
        lengths.add(len(found))

    assert len(lengths) > 5


@SEEDS
def test_django_keeps_the_same(api: Any, seed: int) -> None:
    store_random_rows(seed, employees=60)
    filters = Filters(EMPLOYEES, random.Random(seed), simple=True)

    for _ in range(FILTERS):
        text = filters.one()
        expected = apply_odata_query(Employee.objects.all(), text).order_by("id")
        found = rows(api, "Employees", filter=text, select="id")
        assert [row["id"] for row in found] == [employee.pk for employee in expected], text
