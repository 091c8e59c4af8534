"""What can be asked of datasets, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.audit.models import AuditEvent
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from reports.datasets import reading
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.reports.datasets.rows import get, read_json, store_random_rows

pytestmark = pytest.mark.django_db


def total(client: Any, **asked: Any) -> int:
    return sum(row["hires"] for row in read_json(client, "hires", **asked))


@pytest.mark.parametrize(
    "asked, first, last",
    [
        ({"year": 2000}, "2000-01-01", "2001-01-01"),
        ({"from_year": 2000, "to_year": 2001}, "2000-01-01", "2002-01-01"),
        ({"from_year": 2001}, "2001-01-01", "2101-01-01"),
        ({"to_year": 2000}, "1900-01-01", "2001-01-01"),
        ({"date": "2000-02-29"}, "2000-02-29", "2000-03-01"),
        ({}, "1900-01-01", "2101-01-01"),
    ],
    ids=str,
)
def test_a_period(api: Any, asked: dict[str, Any], first: str, last: str) -> None:
    store_random_rows(2)
    hired = Employee.objects.filter(datetime__gte=f"{first}T00:00Z", datetime__lt=f"{last}T00:00Z")

    assert hired.exists()
    assert total(api, **asked) == hired.count()


def test_the_last_days_end_with_today(api: Any) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for moment in (
        today + timedelta(days=1),
        today + timedelta(days=1, microseconds=-1),
        today,
        today - timedelta(days=6),
        today - timedelta(days=6, microseconds=1),
    ):
        EmployeeFactory(datetime=moment)

    assert total(api, last_days=1) == 2
    assert total(api, last_days=7) == 3
    assert total(api, last_days=3660) == 4


def test_zeros_make_every_cell_a_row(api: Any) -> None:
    store_random_rows(2)

    rows = read_json(api, "hires", year=2000, zeros="true")

    assert len(rows) == 12 * 11 * 8
    assert sum(row["hires"] for row in rows) == total(api, year=2000)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "api"])
def test_zeros_have_an_end(api: Any, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    store_random_rows(2)
    asked = {"year": 2000, "zeros": "true", "format": form}

    monkeypatch.setattr(reading, "MAX_ROWS_OF_ZEROS", 12 * 11 * 8)
    get(api, "hires", **asked)
    monkeypatch.setattr(reading, "MAX_ROWS_OF_ZEROS", 12 * 11 * 8 - 1)
    refused = api.get("/api/v1/datasets/hires/", asked)

    assert refused.status_code == 400
    assert "12 months of 11 departments and 8 jobs are 1,056 rows" in refused.content.decode()
    get(api, "hires", **asked | {"zeros": "false"})


def test_a_million_rows_are_the_most(api: Any) -> None:
    store_random_rows(2)
    Job.objects.bulk_create(Job(id=number, job="x") for number in range(1, 61))
    asked = {"from_year": 1900, "to_year": 2100, "zeros": "true"}

    refused = api.get("/api/v1/datasets/hires/", asked)

    assert refused.status_code == 400
    assert refused.json()["detail"] == (
        "zeros: 2,412 months of 11 departments and 68 jobs are 1,804,176 rows, and at most 1,000,000 are given."
        " Ask for a shorter period, or leave zeros out."
    )
    Employee.objects.all().delete()
    Department.objects.all().delete()
    assert read_json(api, "hires", **asked) == []


def spans(client: Any, **asked: Any) -> tuple[set[tuple[int, int, int]], tuple[int, int]]:
    """First year, last year and number of months of the statistics; first and last year of the zeros."""
    of_months = [
        row for row in read_json(client, "hires-statistics", **asked) if row["by"] == "month"
    ]
    years = [row["year"] for row in read_json(client, "hires", zeros="true", **asked)]
    ends = (min(years), max(years)) if years else (0, 0)
    return {(row["from_year"], row["to_year"], row["count"]) for row in of_months}, ends


def test_an_open_end_is_that_of_the_hires_or_this_year(api: Any) -> None:
    this_year = datetime.now(UTC).year
    so_far = 12 * (this_year - 2020)
    department, job = DepartmentFactory(id=1), JobFactory(id=1)

    # Nobody was hired yet.
    assert spans(api, to_year=2020) == ({(2020, 2020, 12)}, (2020, 2020))
    assert spans(api, from_year=2021) == ({(2021, this_year, so_far)}, (2021, this_year))
    assert spans(api, from_year=2099) == ({(2099, 2099, 12)}, (2099, 2099))
    for moment in ("2018-12-31T23:30:00-01:00", "2022-01-01T00:00:00Z"):
        EmployeeFactory(datetime=moment, department=department, job=job)
    assert spans(api, from_year=2021) == ({(2021, this_year, so_far)}, (2021, this_year))
    assert spans(api, to_year=2020) == ({(2019, 2020, 24)}, (2019, 2020))
    assert spans(api, to_year=2017) == ({(2017, 2017, 12)}, (2017, 2017))
    EmployeeFactory(datetime=f"{this_year + 2}-01-01T00:00:00Z", department=department, job=job)
    assert spans(api, from_year=2021) == (
        {(2021, this_year + 2, so_far + 24)},
        (2021, this_year + 2),
    )


def test_a_new_year_makes_an_open_end_another_answer(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "/api/v1/datasets/hires-statistics/?from_year=2021"
    etag = api.get(address)["ETag"]
    assert api.get(address, headers={"if-none-match": etag}).status_code == 304

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(days=366)

    monkeypatch.setattr("reports.datasets.parameters.datetime", Later)

    assert api.get(address, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize(
    "name, asked, told",
    [
        ("hires", "year=2021&last_days=7", "period: "),
        ("hires", "year=2021&from_year=2020", "period: "),
        ("hires", "date=2021-07-27&last_days=7", "period: "),
        ("hires", "zeros=true", "period: with zeros name one"),
        (
            "hires",
            "from_year=2022&to_year=2021",
            "period: from_year, 2022, lies after to_year, 2021.",
        ),
        ("hires", "year=1899", "year: "),
        ("hires", "year=2101", "year: "),
        ("hires", "year=", "year: "),
        ("hires", "year=02021", "year: "),
        ("hires", "last_days=0", "last_days: "),
        ("hires", "last_days=3661", "last_days: "),
        ("hires", "date=20210727", "date: "),
        ("hires", "date=2021-W30-2", "date: "),
        ("hires", "date=2021-02-29", "date: "),
        ("hires", "date=1899-12-31", "date: "),
        ("hires", "date=2101-01-01", "date: "),
        ("hires", "zeros=yes", "zeros: "),
        ("quarterly-hires", "date=2021-07-27", "There is no parameter 'date'"),
        ("departments", "year=2021", "There is no parameter 'year'"),
        ("hires", "year=2021&year=2022", "year: send the parameter once"),
        ("hires", "format=parquet", "format: choose one of json, api, csv, xlsx."),
    ],
)
def test_what_is_refused(api: Any, name: str, asked: str, told: str) -> None:
    response = api.get(f"/api/v1/datasets/{name}/?{asked}")

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_parameter"
    assert response.json()["detail"].startswith(told)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "api"])
def test_each_answer_says_what_it_leaves_out(api: Any, form: str) -> None:
    batch = Batch.objects.create(table="jobs", source="api", mode="partial")
    for number, table in enumerate(["jobs", "employees", "employees"]):
        RejectedRow.objects.create(
            batch=batch,
            table=table,
            index=0,
            raw="1",
            raw_length=1,
            errors=[],
            codes=["not_an_object"],
            content_hash=str(number),
        )

    for name, number in (("jobs", "1"), ("employees", "2"), ("hires", "2"), ("departments", "0")):
        assert get(api, name, format=form)["Rejected-Rows-Open"] == number
    assert "Rejected-Rows-Open" not in get(api, "rejected-rows", format=form)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_names_that_are_downloaded_are_recorded(client_of: Any, form: str) -> None:

    EmployeeFactory(name="Ada Byron")
    get(client_of("readers"), "employees", format=form)
    assert not AuditEvent.objects.filter(action="names_exported").exists()

    get(client_of("name_readers"), "employees", format=form)
    event = AuditEvent.objects.get(action="names_exported")
    assert event.what["tables"] == ["employees"]
