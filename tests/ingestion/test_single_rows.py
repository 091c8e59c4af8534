"""Single rows, HEAD and OPTIONS, and what a list costs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from hrapi.ingestion.models import Batch
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.ingestion.reading import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    TABLES,
    employee,
)
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db


def test_one_row_is_read_by_its_id(api: Any) -> None:
    DepartmentFactory(id=2, department="Ventes")
    JobFactory(id=3, job="Cuisinière")
    EmployeeFactory(id=7, name="Zoë", department_id=2, job_id=3, department=None, job=None)

    assert api.get(f"{DEPARTMENTS}2/").json() == {"id": 2, "department": "Ventes"}
    assert api.get(f"{JOBS}3/").json() == {"id": 3, "job": "Cuisinière"}
    assert api.get(f"{EMPLOYEES}7/").json() == {
        "id": 7,
        "name": "Zoë",
        "datetime": "2021-07-27T16:02:08Z",
        "department_id": 2,
        "job_id": 3,
    }


def test_leading_zeros_of_an_id_in_an_address_mean_nothing(api: Any) -> None:
    JobFactory(id=3, job="Cook")

    assert api.get(f"{JOBS}0003/").json() == {"id": 3, "job": "Cook"}


@pytest.mark.parametrize("address", TABLES)
@pytest.mark.parametrize(
    "row_id",
    [
        pytest.param("4", id="no such row"),
        pytest.param("0", id="zero"),
        pytest.param("-3", id="negative"),
        pytest.param("9007199254740992", id="over every id"),
        pytest.param("9999999999999999", id="16 digits"),
        pytest.param("9223372036854775808", id="over 63 bits"),
        pytest.param("3" * 5000, id="5,000 digits"),
        pytest.param("3.0", id="decimal"),
        pytest.param("3e0", id="exponent"),
        pytest.param("three", id="word"),
        pytest.param("３", id="full-width digit"),
        pytest.param("%00", id="NUL"),
    ],
)
def test_an_id_that_no_row_has_is_not_found(api: Any, address: str, row_id: str) -> None:
    if address == EMPLOYEES:
        employee(3)
    else:
        (DepartmentFactory if address == DEPARTMENTS else JobFactory)(id=3)

    assert_problem(api.get(f"{address}{quote(row_id, safe='%')}/"), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "departments/",
        "departments/?format=csv",
        "departments/3/",
        "employees/",
        "batches/",
        "rejected-rows/",
        "reports/quarterly-hires/",
        "reports/quarterly-hires/?format=csv",
    ],
)
def test_head_answers_like_get_without_a_body(api: Any, path: str) -> None:
    DepartmentFactory(id=3)

    same = {"X-Request-ID": "same"}
    head, get = (ask(f"/api/v1/{path}", headers=same) for ask in (api.head, api.get))

    assert text_of(head) == ""
    assert head.status_code == 200
    ignored = {"Content-Length"}
    assert {k: v for k, v in head.items() if k not in ignored} == {
        k: v for k, v in get.items() if k not in ignored
    }


@pytest.mark.parametrize(
    "path, allow",
    [
        ("", "GET, HEAD, OPTIONS"),
        ("departments/", "GET, POST, HEAD, OPTIONS"),
        ("departments/3/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("batches/", "GET, HEAD, OPTIONS"),
        ("batches/{batch}/", "GET, HEAD, OPTIONS"),
        ("batches/{batch}/rejected-rows.csv", "GET, HEAD, OPTIONS"),
        ("rejected-rows/", "GET, HEAD, OPTIONS"),
        ("reports/quarterly-hires/", "GET, HEAD, OPTIONS"),
        ("reports/departments-above-mean/", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/csv"])
def test_options_tells_the_methods(api: Any, path: str, allow: str, accept: str) -> None:
    DepartmentFactory(id=3)
    batch = Batch.objects.create(table="jobs", source="api", mode="partial")

    response = api.options(f"/api/v1/{path.format(batch=batch.pk)}", headers={"accept": accept})

    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    assert response["Allow"] == allow


@pytest.mark.parametrize("rows", [1, 60])
@pytest.mark.parametrize("address", TABLES)
@pytest.mark.parametrize("answered_as", ["json", "csv"])
def test_a_list_costs_the_same_number_of_queries_for_any_number_of_rows(
    api: Any, django_assert_num_queries: Any, address: str, rows: int, answered_as: str
) -> None:
    for row_id in range(1, rows + 1):
        if address == EMPLOYEES:
            employee(row_id, department_id=row_id, job_id=row_id)
        else:
            (DepartmentFactory if address == DEPARTMENTS else JobFactory)(id=row_id)

    # The permissions of the user, and the rows; whole lists are counted, and recorded where they hold names.
    whole = 4 if address == EMPLOYEES else 3
    with django_assert_num_queries(whole if answered_as == "csv" else 2):
        text_of(api.get(address, {"format": answered_as}))
