"""Lists of the tables as CSV."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from departments.models import Department
from tests.factories import JobFactory
from tests.ingestion.reading import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    TABLES,
    employee,
    store_rows,
)
from tests.problem_bodies import text_of

pytestmark = pytest.mark.django_db


def test_a_list_is_answered_as_csv_with_numbers_and_times_as_in_json(api: Any) -> None:
    employee(7, name="Zoë, Ann", datetime=datetime(2021, 7, 27, 16, 2, 8, 5, tzinfo=UTC))
    employee(9007199254740991, name='Bob "the" Cat', department_id=2, job_id=3)

    response = api.get(f"{EMPLOYEES}?format=csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="employees.csv"'
    assert text_of(response) == (
        "id,name,datetime,department_id,job_id\n"
        '7,"Zoë, Ann",2021-07-27T16:02:08.000005Z,1,1\n'
        '9007199254740991,"Bob ""the"" Cat",2021-07-27T16:02:08Z,2,3\n'
    )


@pytest.mark.parametrize(
    "accept, content_type",
    [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/csv, */*;q=0.1", "text/csv; charset=utf-8"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_the_accept_header_chooses_among_json_csv_and_a_page(
    api: Any, accept: str, content_type: str
) -> None:
    response = api.get(JOBS, headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == content_type


@pytest.mark.parametrize(
    "address, header",
    [
        (DEPARTMENTS, "id,department\n"),
        (JOBS, "id,job\n"),
        (EMPLOYEES, "id,name,datetime,department_id,job_id\n"),
    ],
)
def test_csv_has_a_header_even_without_rows(api: Any, address: str, header: str) -> None:
    response = api.get(address, headers={"accept": "text/csv"})

    assert response.status_code == 200
    assert text_of(response) == header


def test_csv_is_whole_and_in_the_order_of_ids_beyond_a_page(api: Any) -> None:
    Department.objects.bulk_create(
        Department(id=number, department=f"Nr. {number}") for number in range(4001, 0, -1)
    )

    response = api.get(f"{DEPARTMENTS}?format=csv")

    assert response.streaming
    assert text_of(response) == "id,department\n" + "".join(
        f"{number},Nr. {number}\n" for number in range(1, 4002)
    )


def test_csv_ignores_the_size_of_the_page_and_keeps_the_filters(api: Any) -> None:
    for number in range(1, 6):
        JobFactory(id=number, job="Cook" if number % 2 else "Nurse")

    assert text_of(api.get(f"{JOBS}?format=csv&page_size=1&job=cook")) == (
        "id,job\n1,Cook\n3,Cook\n5,Cook\n"
    )


FORMULAS = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "＝1", "'=1", "''+1", "O'Brien", "'t Hooft"]


def test_csv_is_harmless_in_a_spreadsheet_and_unchanged_when_it_is_sent_back(api: Any) -> None:
    for row_id, name in enumerate(FORMULAS, start=1):
        employee(row_id, name=name)

    text = text_of(api.get(f"{EMPLOYEES}?format=csv"))

    assert [line.split(",")[1] for line in text.splitlines()[1:]] == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'＝1",
        "''=1",
        "'''+1",
        "O'Brien",
        "'t Hooft",
    ]
    answer = api.post(EMPLOYEES, text.encode(), content_type="text/csv").json()
    assert (answer["received"], answer["unchanged"], answer["rejected"]) == (9, 9, 0)


@pytest.mark.parametrize("address", TABLES)
def test_a_list_as_csv_sent_back_is_unchanged(api: Any, address: str) -> None:
    store_rows(address)
    text = text_of(api.get(f"{address}?format=csv"))

    response = api.post(address, text.encode(), content_type="text/csv")

    assert response.status_code == 200
    assert response.json() | {"batch": None} == {
        "batch": None,
        "table": address.split("/")[-2],
        "mode": "partial",
        "dry_run": False,
        "received": 7,
        "inserted": 0,
        "unchanged": 7,
        "rejected": 0,
        "not_attempted": 0,
        "rejected_rows": [],
    }
