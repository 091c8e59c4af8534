"""Both reports: every figure, and the order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from departments.models import Department
from employees.models import Employee
from jobs.models import Job
from reports.hires import departments_above_mean, quarterly_hires
from tests.factories import DepartmentFactory, JobFactory
from tests.reports.hiring import ABOVE_MEAN, BOTH, QUARTERLY, cells, get, hire

pytestmark = pytest.mark.django_db


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
