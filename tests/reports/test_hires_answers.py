"""Both reports: as CSV and pages, parameters, the count of rejected rows, who may read them, and their cost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from hrapi.ingestion.models import Batch, RejectedRow
from reports.hires import quarterly_hires
from tests.factories import DepartmentFactory, JobFactory
from tests.reports.hiring import ABOVE_MEAN, BOTH, QUARTERLY, cells, get, hire

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_hires() -> None:
    DepartmentFactory(id=1, department='=Sales, "new"')
    DepartmentFactory(id=2, department="Stores <blink>")
    JobFactory(id=1, job="Cook")
    hire("2021-01-10T00:00:00Z")
    hire("2021-12-10T00:00:00Z")


@pytest.mark.parametrize(
    "report, name, text",
    [
        pytest.param(
            QUARTERLY,
            "quarterly-hires-2021.csv",
            'department,job,q1,q2,q3,q4\n"\'=Sales, ""new""",Cook,1,0,0,1\n',
            id="quarterly hires",
        ),
        pytest.param(
            ABOVE_MEAN,
            "departments-above-the-mean-2021.csv",
            'id,department,hired\n1,"\'=Sales, ""new""",2\n',
            id="departments above the mean",
        ),
    ],
)
@pytest.mark.parametrize("asked", ["parameter", "header"])
@pytest.mark.usefixtures("two_hires")
def test_a_report_is_answered_as_csv(
    api: Any, report: str, name: str, text: str, asked: str
) -> None:
    if asked == "parameter":
        response = api.get(report, {"year": "2021", "format": "csv"})
    else:
        response = api.get(report, {"year": "2021"}, headers={"accept": "text/csv"})

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Rejected-Rows-Open"] == "0"
    assert b"".join(response.streaming_content).decode() == text


@pytest.mark.parametrize(
    "report, header",
    [
        (QUARTERLY, ["department", "job", "q1", "q2", "q3", "q4"]),
        (ABOVE_MEAN, ["id", "department", "hired"]),
    ],
)
def test_an_empty_report_has_a_header_in_csv(api: Any, report: str, header: list[str]) -> None:
    response = api.get(report, {"year": "2021", "format": "csv"})

    text = b"".join(response.streaming_content).decode()
    assert list(csv.reader(io.StringIO(text))) == [header]


class TableReader(HTMLParser):
    """The cells of the tables of a page, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


@pytest.mark.parametrize(
    "report, rows",
    [
        (
            QUARTERLY,
            [
                ["department", "job", "q1", "q2", "q3", "q4"],
                ['=Sales, "new"', "Cook", "1", "0", "0", "1"],
                ["Stores <blink>", "Cook", "0", "1", "0", "0"],
            ],
        ),
        (ABOVE_MEAN, [["id", "department", "hired"], ["1", '=Sales, "new"', "2"]]),
    ],
)
@pytest.mark.usefixtures("two_hires")
def test_a_report_is_a_table_on_a_page(api: Any, report: str, rows: list[list[str]]) -> None:
    hire("2021-05-10T00:00:00Z", department=2)

    response = api.get(report, {"year": "2021"}, headers={"accept": "text/html"})

    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert response["Rejected-Rows-Open"] == "0"
    reader = TableReader()
    reader.feed(response.content.decode())
    assert reader.rows == rows
    assert "<blink>" not in response.content.decode()


@BOTH
@pytest.mark.parametrize("year", ["1900", "2021", "2100"])
def test_these_years_are_taken(api: Any, report: str, year: str) -> None:
    response = api.get(report, {"year": year})

    assert (response.status_code, response.json()) == (200, [])
    assert response["Content-Type"] == "application/json"


@BOTH
@pytest.mark.parametrize(
    "year",
    [
        *("1899", "2101", "0", "-2021", "+2021", "99999", "9" * 5_000, "2021.0", "2e3", "0x7E5"),
        *("abc", "", " ", "2021 ", " 2021", "２０２１", "٢٠٢١", "²", "2021\x00", "2021;", "null"),
    ],
)
def test_other_years_are_refused(api: Any, report: str, year: str) -> None:
    response = api.get(report, {"year": year})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:hrapi:problem:invalid_parameter",
        "title": "Bad Request",
        "status": 400,
        "detail": f"year: send a whole number from 1900 to 2100, not {year[:20]!r}.",
        "code": "invalid_parameter",
    }


@BOTH
@pytest.mark.parametrize(
    "query, detail",
    [
        ("year=2021&year=2021", "year: send the parameter once, not twice."),
        ("year=2021&Year=2022", "There is no parameter 'Year' here. Known are: format, year."),
        ("page_size=5", "There is no parameter 'page_size' here. Known are: format, year."),
        ("year=2021&format=xml", "format: choose one of json, api, csv."),
    ],
)
def test_other_parameters_are_refused(api: Any, report: str, query: str, detail: str) -> None:
    response = api.get(f"{report}?{query}")

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_parameter"
    assert response.json()["detail"] == detail


@BOTH
def test_without_a_year_it_is_the_current_one_in_utc(api: Any, report: str) -> None:
    DepartmentFactory(id=1, department="Sales")
    DepartmentFactory(id=2, department="Stores")
    JobFactory(id=1, job="Cook")
    hire("2031-12-31T23:59:59Z")
    # not included: it is the next year already in Auckland, but not in UTC
    hire("2032-01-01T00:00:00Z", department=2)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC).astimezone(tz)

    with mock.patch("reports.views.datetime", Clock):
        found = get(api, report, year=None)

    assert (
        cells(found)
        == {
            QUARTERLY: [("Sales", "Cook", 0, 0, 0, 1)],
            ABOVE_MEAN: [(1, "Sales", 1)],
        }[report]
    )


@BOTH
def test_the_header_counts_the_rejected_employees_that_are_still_open(
    api: Any, report: str
) -> None:
    batch = Batch.objects.create(table="employees", source="api", mode="partial")
    for number, (table, status) in enumerate(
        [
            ("employees", "open"),
            ("employees", "open"),
            ("employees", "open"),
            # not included: dealt with
            ("employees", "resolved"),
            ("employees", "superseded"),
            ("employees", "discarded"),
            # not included: other tables
            ("departments", "open"),
            ("jobs", "open"),
        ]
    ):
        RejectedRow.objects.create(
            batch=batch,
            table=table,
            status=status,
            index=number,
            raw="{}",
            raw_length=2,
            errors=[],
            codes=[],
            content_hash=str(number),
        )

    for asked in ("json", "csv", "api"):
        response = api.get(report, {"year": "2021", "format": asked})
        assert response["Rejected-Rows-Open"] == "3"


@pytest.mark.usefixtures("two_hires")
def test_a_rejected_row_is_in_no_report_until_it_is_corrected(api: Any) -> None:
    row = {"id": 500_000, "name": "", "datetime": "2021-05-05T00:00:00Z"}
    row |= {"department_id": 2, "job_id": 1}
    assert api.post("/api/v1/employees/", [row], format="json").status_code == 422
    before = api.get(QUARTERLY, {"year": "2021"})

    api.post("/api/v1/employees/", [row | {"name": "Ada"}], format="json")

    assert before["Rejected-Rows-Open"] == "1"
    assert cells(before.json()) == [('=Sales, "new"', "Cook", 1, 0, 0, 1)]
    assert cells(get(api, QUARTERLY)) == [
        ('=Sales, "new"', "Cook", 1, 0, 0, 1),
        ("Stores <blink>", "Cook", 0, 1, 0, 0),
    ]


@BOTH
@pytest.mark.parametrize("count", [0, 1, 50])
def test_a_report_costs_one_query_and_one_each_for_its_header_its_version_and_for_counting(
    client_of: Callable[[str], Any],
    django_assert_num_queries: Any,
    report: str,
    count: int,
) -> None:
    client = client_of("readers")
    for number in range(1, count + 1):
        DepartmentFactory(id=number)
        JobFactory(id=number)
        hire("2021-06-01T00:00:00Z", number, number)
    client.get(report)  # the permissions of the user are read once and kept

    with django_assert_num_queries(4):
        get(client, report)


@BOTH
@pytest.mark.parametrize("group", ["readers", "loaders", "stewards", "administrators"])
def test_every_group_may_read_reports(
    client_of: Callable[[str], Any], report: str, group: str
) -> None:
    assert client_of(group).get(report, {"year": "2021"}).status_code == 200


@BOTH
@pytest.mark.parametrize("asked", ["json", "csv"])
def test_a_user_of_no_group_may_not(
    client_of: Callable[[str], Any], report: str, asked: str
) -> None:
    response = client_of("").get(report, {"year": "2021", "format": asked})

    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:hrapi:problem:permission_denied",
        "title": "Forbidden",
        "status": 403,
        "detail": "You do not have permission to perform this action.",
        "code": "permission_denied",
    }


@BOTH
def test_without_a_login_there_is_a_basic_challenge(client: Any, report: str) -> None:
    response = client.get(report, {"year": "2021"})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:hrapi:problem:not_authenticated",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    }


@BOTH
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_report_can_only_be_read(api: Any, report: str, method: str) -> None:
    response = getattr(api, method)(report)

    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_report_does_not_depend_on_the_time_zone_of_the_session(db: None) -> None:
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1, job="Cook")
    hire("2021-03-31T23:59:59Z")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Pacific/Auckland'")

    assert [tuple(row) for row in quarterly_hires(2021)] == [("Sales", "Cook", 1, 0, 0, 0)]
