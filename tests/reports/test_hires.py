"""Both reports: every figure, the order, who may read them, and what is asked of the database."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from reports.hires import departments_above_mean, quarterly_hires
from tests.factories import DepartmentFactory, JobFactory

pytestmark = pytest.mark.django_db

QUARTERLY = "/api/v1/reports/quarterly-hires/"
ABOVE_MEAN = "/api/v1/reports/departments-above-mean/"
BOTH = pytest.mark.parametrize("report", [QUARTERLY, ABOVE_MEAN])

_ids = iter(range(1, 1_000_000))


def hire(hired: str, department: int = 1, job: int = 1) -> None:
    """Stores an employee hired at this moment."""
    Employee.objects.create(
        id=next(_ids),
        name="Ada",
        datetime=datetime.fromisoformat(hired),
        department_id=department,
        job_id=job,
    )


def post(client: Any, table: str, *rows: dict[str, Any]) -> None:
    response = client.post(f"/api/v1/{table}/", list(rows), format="json")
    assert response.status_code == 201, response.content
    assert response.json()["inserted"] == len(rows)


def post_hires(client: Any, *hired: str) -> None:
    """Employees of department 1 and job 1, hired at these moments, through the API."""
    post(client, "departments", {"id": 1, "department": "Sales"})
    post(client, "jobs", {"id": 1, "job": "Cook"})
    rows = [
        {"id": number, "name": "Ada", "datetime": moment, "department_id": 1, "job_id": 1}
        for number, moment in enumerate(hired, start=1)
    ]
    post(client, "employees", *rows)


def get(client: Any, report: str, year: int | None = 2021) -> Any:
    response = client.get(report, {} if year is None else {"year": year})
    assert response.status_code == 200, response.content
    return response.json()


def cells(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


def test_quarterly_hires_counts_each_department_and_job_in_each_quarter(api: Any) -> None:
    post(
        api,
        "departments",
        {"id": 7, "department": "Supply Chain"},
        {"id": 3, "department": "Stores"},
        {"id": 9, "department": "Unused"},
    )
    post(
        api, "jobs", {"id": 1, "job": "Recruiter"}, {"id": 2, "job": "Buyer"}, {"id": 3, "job": "X"}
    )
    rows = [
        (1, "2021-01-01T00:00:00Z", 7, 1),
        (2, "2021-02-15T12:30:00Z", 7, 1),
        (3, "2021-05-30T05:43:46Z", 7, 1),
        (4, "2021-12-31T23:59:59.999999Z", 7, 1),
        (5, "2021-08-01T00:00:00Z", 7, 2),
        (6, "2021-09-30T23:59:59Z", 7, 2),
        (7, "2021-11-07T02:48:42Z", 3, 1),
        # not included: the years before and after
        (8, "2020-12-31T23:59:59.999999Z", 7, 1),
        (9, "2022-01-01T00:00:00Z", 7, 2),
        # not included: a department and job that hired in another year only
        (10, "2020-06-01T00:00:00Z", 3, 2),
        (11, "2022-06-01T00:00:00Z", 9, 3),
    ]
    names = ("id", "datetime", "department_id", "job_id")
    post(api, "employees", *[{"name": "Ada", **dict(zip(names, row, strict=True))} for row in rows])

    found = get(api, QUARTERLY)

    assert found == [
        {"department": "Stores", "job": "Recruiter", "q1": 0, "q2": 0, "q3": 0, "q4": 1},
        {"department": "Supply Chain", "job": "Buyer", "q1": 0, "q2": 0, "q3": 2, "q4": 0},
        {"department": "Supply Chain", "job": "Recruiter", "q1": 2, "q2": 1, "q3": 0, "q4": 1},
    ]
    assert [list(row) for row in found] == [["department", "job", "q1", "q2", "q3", "q4"]] * 3


@pytest.mark.parametrize(
    "moment, quarters",
    [
        ("2020-12-31T23:59:59.999999Z", None),
        ("2021-01-01T00:00:00Z", (1, 0, 0, 0)),
        ("2021-03-31T23:59:59.999999Z", (1, 0, 0, 0)),
        ("2021-04-01T00:00:00Z", (0, 1, 0, 0)),
        ("2021-06-30T23:59:59.999999Z", (0, 1, 0, 0)),
        ("2021-07-01T00:00:00Z", (0, 0, 1, 0)),
        ("2021-09-30T23:59:59.999999Z", (0, 0, 1, 0)),
        ("2021-10-01T00:00:00Z", (0, 0, 0, 1)),
        ("2021-12-31T23:59:59.999999Z", (0, 0, 0, 1)),
        ("2022-01-01T00:00:00Z", None),
        # The same boundaries, told in local time.
        ("2021-01-01T04:59:59.999999+05:00", None),
        ("2021-01-01T05:00:00+05:00", (1, 0, 0, 0)),
        ("2020-12-31T18:59:59.999999-05:00", None),
        ("2020-12-31T19:00:00-05:00", (1, 0, 0, 0)),
        ("2021-03-31T18:59:59.999999-05:00", (1, 0, 0, 0)),
        ("2021-03-31T23:00:00-05:00", (0, 1, 0, 0)),
        ("2021-04-01T13:59:59.999999+14:00", (1, 0, 0, 0)),
        ("2021-07-01T05:29:59.999999+05:30", (0, 1, 0, 0)),
        ("2021-07-01T05:30:00+05:30", (0, 0, 1, 0)),
        ("2021-09-30T12:00:00-12:00", (0, 0, 0, 1)),
        ("2021-12-31T23:59:59-00:01", None),
        ("2022-01-01T13:59:59+14:00", (0, 0, 0, 1)),
        # Without an offset it is UTC.
        ("2021-03-31 23:59:59", (1, 0, 0, 0)),
    ],
)
def test_a_hire_counts_in_the_quarter_and_year_that_it_has_in_utc(
    api: Any, moment: str, quarters: tuple[int, ...] | None
) -> None:
    post_hires(api, moment)

    expected = [("Sales", "Cook", *quarters)] if quarters else []
    assert cells(get(api, QUARTERLY)) == expected


@pytest.mark.parametrize(
    "moment, counts",
    [
        ("2020-12-31T23:59:59.999999Z", False),
        ("2021-01-01T00:00:00Z", True),
        ("2021-12-31T23:59:59.999999Z", True),
        ("2022-01-01T00:00:00Z", False),
        ("2020-12-31T19:00:00-05:00", True),
        ("2021-12-31T19:00:00-05:00", False),
    ],
)
def test_the_mean_is_over_the_hires_of_the_year_in_utc(api: Any, moment: str, counts: bool) -> None:
    post_hires(api, moment)
    post(api, "departments", {"id": 2, "department": "Stores"})

    assert cells(get(api, ABOVE_MEAN)) == ([(1, "Sales", 1)] if counts else [])


@pytest.mark.parametrize("year, other", [(1900, 1901), (2100, 2099)])
def test_the_first_and_the_last_year_have_reports(api: Any, year: int, other: int) -> None:
    post_hires(api, f"{year}-01-01T00:00:00Z", f"{year}-12-31T23:59:59.999999Z")
    post(api, "departments", {"id": 2, "department": "Stores"})

    assert cells(get(api, QUARTERLY, year)) == [("Sales", "Cook", 1, 0, 0, 1)]
    assert cells(get(api, ABOVE_MEAN, year)) == [(1, "Sales", 2)]
    assert get(api, QUARTERLY, other) == []
    assert get(api, ABOVE_MEAN, other) == []


def test_departments_above_the_mean_are_ordered_by_hires_then_by_id(api: Any) -> None:
    JobFactory(id=1)
    # The mean is 18 / 6 = 3.
    for number, name, hires in (
        (50, "Two", 4),
        (40, "One", 4),
        (30, "Most", 5),
        # not included: exactly the mean
        (20, "Mean", 3),
        # not included: below the mean
        (10, "Few", 2),
        # not included: no hire, but it counts in the mean
        (60, "None", 0),
    ):
        DepartmentFactory(id=number, department=name)
        for _ in range(hires):
            hire("2021-06-01T00:00:00Z", number)
    # not included: another year
    for _ in range(9):
        hire("2020-06-01T00:00:00Z", 60)

    found = get(api, ABOVE_MEAN)

    assert found == [
        {"id": 30, "department": "Most", "hired": 5},
        {"id": 40, "department": "One", "hired": 4},
        {"id": 50, "department": "Two", "hired": 4},
    ]
    assert [list(row) for row in found] == [["id", "department", "hired"]] * 3


@pytest.mark.parametrize(
    "hires, above",
    [
        pytest.param({1: 1, 2: 1, 3: 1}, [], id="all equal"),
        pytest.param({1: 5}, [], id="one department is its own mean"),
        pytest.param({1: 1, 2: 0}, [1], id="one against none"),
        pytest.param({1: 2, 2: 1, 3: 0}, [1], id="exactly the whole mean"),
        pytest.param({1: 2, 2: 1}, [1], id="half a hire above"),
        pytest.param({1: 4, 2: 3, 3: 3}, [1], id="a third above"),
        pytest.param({1: 4, 2: 4, 3: 3}, [1, 2], id="two thirds below"),
        pytest.param({1: 1, 2: 0, 3: 0, 4: 0, 5: 0}, [1], id="many without a hire"),
    ],
)
def test_only_more_than_the_mean_is_above_it(
    api: Any, hires: dict[int, int], above: list[int]
) -> None:
    JobFactory(id=1)
    for department, count in hires.items():
        DepartmentFactory(id=department, department=f"Department {department}")
        for _ in range(count):
            hire("2021-06-01T00:00:00Z", department)

    assert cells(get(api, ABOVE_MEAN)) == [
        (department, f"Department {department}", hires[department]) for department in above
    ]


def test_departments_without_a_hire_lower_the_mean(api: Any) -> None:
    JobFactory(id=1)
    for department, count in ((1, 3), (2, 1)):
        DepartmentFactory(id=department, department=f"Department {department}")
        for _ in range(count):
            hire("2021-06-01T00:00:00Z", department)
    assert cells(get(api, ABOVE_MEAN)) == [(1, "Department 1", 3)]

    for department in (3, 4, 5):
        DepartmentFactory(id=department)

    # The mean fell from 2 to 4 / 5.
    assert cells(get(api, ABOVE_MEAN)) == [(1, "Department 1", 3), (2, "Department 2", 1)]


@BOTH
def test_without_departments_a_report_is_empty(api: Any, report: str) -> None:
    assert get(api, report) == []


@BOTH
def test_without_hires_a_report_is_empty(api: Any, report: str) -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)

    assert get(api, report) == []


def test_departments_and_jobs_of_one_name_stay_separate_in_the_order_of_their_ids(
    api: Any,
) -> None:
    for number in (20, 3, 100):
        DepartmentFactory(id=number, department="Sales")
    for number in (8, 7):
        JobFactory(id=number, job="Cook")
    for department, job, moment in (
        (20, 8, "2021-01-10T00:00:00Z"),
        (20, 8, "2021-01-11T00:00:00Z"),
        (20, 7, "2021-04-10T00:00:00Z"),
        (3, 8, "2021-07-10T00:00:00Z"),
        (100, 7, "2021-10-10T00:00:00Z"),
    ):
        hire(moment, department, job)

    # Department 3, job 8; department 20, jobs 7 and 8; department 100, job 7.
    assert cells(get(api, QUARTERLY)) == [
        ("Sales", "Cook", 0, 0, 1, 0),
        ("Sales", "Cook", 0, 1, 0, 0),
        ("Sales", "Cook", 2, 0, 0, 0),
        ("Sales", "Cook", 0, 0, 0, 1),
    ]
    assert cells(get(api, ABOVE_MEAN)) == [(20, "Sales", 3)]


def test_rows_of_equal_names_are_in_the_order_of_ids_however_the_database_groups_them(
    db: None,
) -> None:
    for number in range(1, 31):
        DepartmentFactory(id=number, department="Sales" if number % 2 else "SALES")
        JobFactory(id=number, job="Cook")
    for number in range(1, 31):
        hire(f"2021-01-{number:02}T00:00:00Z", 31 - number, number)
        hire("2021-04-01T00:00:00Z", number, 1)
    with connection.cursor() as cursor:
        # Groups then come in the order of a hash table.
        cursor.execute("SET LOCAL enable_sort = off")

        found = [(row.department, row.q1, row.q2) for row in quarterly_hires(2021)]

    assert found == [
        row
        for number in range(1, 30)
        for row in [
            ("Sales" if number % 2 else "SALES", 0, 1),
            ("Sales" if number % 2 else "SALES", 1, 0),
        ]
    ] + [("SALES", 1, 1)]


def test_names_are_ordered_without_regard_to_case_by_code_points(api: Any) -> None:
    names = {
        1: "zebra",
        2: "Alpha",
        3: "alpha two",
        4: "ALPHA",
        5: "alpha",
        6: "Émile",
        7: "eagle",
        8: "Straße",
        9: "STRASSE",
        10: "strassf",
        11: "Ωmega",
        12: "ωmega",
        13: "日本",
        14: "_under",
        15: "Zebra",
        16: "10",
        17: "9",
        18: "İstanbul",
    }
    JobFactory(id=1, job="Cook")
    for number, name in names.items():
        DepartmentFactory(id=number, department=name)
        hire("2021-01-10T00:00:00Z", number)

    assert [row["department"] for row in get(api, QUARTERLY)] == [
        "10",
        "9",
        "_under",
        # The same but for their case: by their ids.
        "Alpha",
        "ALPHA",
        "alpha",
        "alpha two",
        "eagle",
        "İstanbul",
        # ß is folded to ss.
        "Straße",
        "STRASSE",
        "strassf",
        "zebra",
        "Zebra",
        "Émile",
        "Ωmega",
        "ωmega",
        "日本",
    ]


def test_jobs_are_ordered_in_the_same_way_inside_a_department(api: Any) -> None:
    DepartmentFactory(id=1, department="b")
    DepartmentFactory(id=2, department="B")
    DepartmentFactory(id=3, department="A")
    for number, name in ((1, "über"), (2, "Zoo"), (3, "apple"), (4, "Apple")):
        JobFactory(id=number, job=name)
        for department in (1, 2, 3):
            hire("2021-01-10T00:00:00Z", department, number)

    assert [(row["department"], row["job"]) for row in get(api, QUARTERLY)] == [
        *[("A", "apple"), ("A", "Apple"), ("A", "Zoo"), ("A", "über")],
        # Departments that differ in case only are told apart by their jobs first, then by ids.
        *[("b", "apple"), ("b", "Apple"), ("B", "apple"), ("B", "Apple")],
        *[("b", "Zoo"), ("B", "Zoo"), ("b", "über"), ("B", "über")],
    ]


DEPARTMENTS = [(1, "sales"), (2, "Sales"), (3, "Émile"), (4, "Bakery"), (5, "Sales"), (6, "Ärzte")]
JOBS = [(1, "Cook"), (2, "cook"), (3, "Ober"), (4, "Cook")]
_BOUNDS = [
    datetime(year, month, 1, tzinfo=UTC) + timedelta(microseconds=shift)
    for year in (2020, 2021, 2022)
    for month in (1, 4, 7, 10)
    for shift in (-1, 0, 1)
]
_MOMENTS = st.sampled_from(_BOUNDS) | st.datetimes(
    # hypothesis wants them without a time zone, and adds it.
    datetime(2019, 12, 1),  # noqa: DTZ001
    datetime(2023, 1, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_HIRES = st.lists(
    st.tuples(_MOMENTS, st.sampled_from(DEPARTMENTS), st.sampled_from(JOBS)), max_size=60
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(hires=_HIRES, year=st.sampled_from([2020, 2021, 2022]), stored=st.integers(1, 6))
def test_both_reports_say_what_counting_by_hand_says(
    db: None, hires: list[tuple[Any, ...]], year: int, stored: int
) -> None:
    used = {department for _, department, _ in hires}
    departments = sorted({*DEPARTMENTS[:stored], *used})
    Employee.objects.all().delete()
    Department.objects.all().delete()
    Job.objects.all().delete()
    Department.objects.bulk_create(Department(id=n, department=name) for n, name in departments)
    Job.objects.bulk_create(Job(id=number, job=name) for number, name in JOBS)
    Employee.objects.bulk_create(
        Employee(id=number, name="A", datetime=moment, department_id=department, job_id=job)
        for number, (moment, (department, _), (job, _)) in enumerate(hires, start=1)
    )

    assert [tuple(row) for row in quarterly_hires(year)] == list(quarters_by_hand(hires, year))
    assert [tuple(row) for row in departments_above_mean(year)] == list(
        above_mean_by_hand(hires, year, departments)
    )


def quarters_by_hand(hires: list[tuple[Any, ...]], year: int) -> Iterator[tuple[Any, ...]]:
    counted = Counter(
        (department, job, (moment.month + 2) // 3)
        for moment, department, job in hires
        if moment.year == year
    )
    groups = {(department, job) for department, job, _ in counted}
    for department, job in sorted(
        groups,
        key=lambda group: (*(name.casefold() for _, name in group), *(n for n, _ in group)),
    ):
        quarters = [counted[department, job, quarter] for quarter in (1, 2, 3, 4)]
        yield (department[1], job[1], *quarters)


def above_mean_by_hand(
    hires: list[tuple[Any, ...]], year: int, departments: list[tuple[int, str]]
) -> Iterator[tuple[Any, ...]]:
    counted = Counter(department for moment, department, _ in hires if moment.year == year)
    mean = sum(counted.values()) / len(departments)
    for department in sorted(departments, key=lambda found: (-counted[found], found[0])):
        # Means of a few dozen have no rounding error that would matter.
        if counted[department] > mean + 1e-9:
            yield (*department, counted[department])


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
