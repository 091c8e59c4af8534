"""What lists of the tables are filtered by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import DepartmentFactory, JobFactory
from tests.ingestion.reading import (
    DEPARTMENTS,
    EMPLOYEES,
    JOBS,
    employee,
    ids_of,
)
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

NOON = datetime(2021, 7, 27, 12, tzinfo=UTC)


TICK = timedelta(microseconds=1)


@pytest.fixture
def employees(db: None) -> None:
    employee(1, name="Ann Smith", datetime=NOON - TICK, department_id=1, job_id=1)
    employee(2, name="Bob Smith", datetime=NOON, department_id=1, job_id=2)
    employee(3, name="ann lee", datetime=NOON + TICK, department_id=2, job_id=1)
    employee(4, name="Zoë", datetime=datetime(2021, 7, 28, tzinfo=UTC), department_id=2, job_id=2)
    employee(5, name="Yi", datetime=datetime(1900, 1, 1, tzinfo=UTC), department_id=10, job_id=10)


@pytest.mark.usefixtures("employees")
@pytest.mark.parametrize(
    "query, ids",
    [
        pytest.param({"department_id": "1"}, [1, 2], id="department"),
        pytest.param({"department_id": "10"}, [5], id="department whose id begins like another's"),
        pytest.param({"department_id": "999"}, [], id="department that does not exist"),
        pytest.param({"department_id": "9007199254740991"}, [], id="greatest id"),
        pytest.param({"department_id": "2.0"}, [3, 4], id="id written like 2.0"),
        pytest.param({"department_id": " 2 "}, [3, 4], id="id between spaces"),
        pytest.param({"job_id": "2"}, [2, 4], id="job"),
        pytest.param({"department_id": "1", "job_id": "2"}, [2], id="department and job"),
        pytest.param({"hired_from": "2021-07-27T12:00:00Z"}, [2, 3, 4], id="from, at the moment"),
        pytest.param({"hired_from": "2021-07-27T12:00:00.000001Z"}, [3, 4], id="from, just after"),
        pytest.param(
            {"hired_from": "2021-07-27T11:59:59.999999Z"}, [1, 2, 3, 4], id="from, just before"
        ),
        pytest.param({"hired_before": "2021-07-27T12:00:00Z"}, [1, 5], id="before, at the moment"),
        pytest.param(
            {"hired_before": "2021-07-27T12:00:00.000001Z"}, [1, 2, 5], id="before, just after"
        ),
        pytest.param({"hired_from": "2021-07-27T14:00:00+02:00"}, [2, 3, 4], id="with an offset"),
        pytest.param({"hired_from": "2021-07-27T12:00:00"}, [2, 3, 4], id="without an offset"),
        pytest.param({"hired_from": "2021-07-27 12:00"}, [2, 3, 4], id="with a space, no seconds"),
        pytest.param({"hired_from": "2021-07-27"}, [1, 2, 3, 4], id="from a date"),
        pytest.param({"hired_from": "2021-07-28"}, [4], id="from the first moment of a date"),
        pytest.param({"hired_before": "2021-07-28"}, [1, 2, 3, 5], id="before a date"),
        pytest.param({"hired_before": "1900-01-01"}, [], id="before all"),
        pytest.param({"hired_before": "2100-12-31T23:59:59.999999Z"}, [1, 2, 3, 4, 5], id="late"),
        pytest.param(
            {"hired_from": "2021-07-27T12:00:00Z", "hired_before": "2021-07-28"}, [2, 3], id="span"
        ),
        pytest.param(
            {"hired_from": "2021-07-28", "hired_before": "2021-07-27"}, [], id="span backwards"
        ),
        pytest.param({"name": "Smith"}, [1, 2], id="part of a name"),
        pytest.param({"name": "ANN"}, [1, 3], id="name in capitals"),
        pytest.param({"name": "ZOË"}, [4], id="name in capitals, not ASCII"),
        pytest.param({"name": "Zoe\u0308"}, [4], id="accent as a character of its own"),
        pytest.param({"name": "nobody"}, [], id="no such name"),
        pytest.param(
            {"name": "ann", "department_id": "2", "hired_from": "2021-07-27"}, [3], id="three"
        ),
        pytest.param({"name": "", "job_id": "", "hired_from": ""}, [1, 2, 3, 4, 5], id="empty"),
    ],
)
def test_filters_of_employees_find_exactly_these(
    api: Any, query: dict[str, str], ids: list[int]
) -> None:
    assert ids_of(api.get(EMPLOYEES, query)) == ids

    csv = text_of(api.get(EMPLOYEES, query | {"format": "csv"})).splitlines()[1:]
    assert [int(line.partition(",")[0]) for line in csv] == ids


@pytest.mark.usefixtures("employees")
def test_a_plus_that_is_not_encoded_is_refused_rather_than_read_as_another_time(api: Any) -> None:
    response = api.get(f"{EMPLOYEES}?hired_from=2021-07-27T14:00:00+02:00")

    assert assert_problem(response, 400, "invalid_parameter")["detail"].startswith("hired_from: ")


@pytest.mark.parametrize(
    "part, ids",
    [
        pytest.param("%", [1], id="percent"),
        pytest.param("_", [2], id="underscore"),
        pytest.param("\\", [3], id="backslash"),
        pytest.param("'", [4], id="apostrophe"),
        pytest.param('"', [5], id="quote"),
        pytest.param("' OR 1=1 --", [], id="SQL"),
        pytest.param("🙂", [6], id="emoji"),
        pytest.param("0%0", [], id="percent is no wildcard"),
        pytest.param("a_c", [], id="underscore is no wildcard"),
    ],
)
def test_a_part_of_a_name_is_taken_literally(api: Any, part: str, ids: list[int]) -> None:
    names = ["100% Ann", "a_b", "a\\b", "O'Brien", 'Al "Bo" Cy', "abc 🙂", "000"]
    for row_id, name in enumerate(names, start=1):
        employee(row_id, name=name)

    assert ids_of(api.get(EMPLOYEES, {"name": part})) == ids


@pytest.mark.parametrize("address, name", [(DEPARTMENTS, "department"), (JOBS, "job")])
def test_departments_and_jobs_are_filtered_by_a_part_of_their_name(
    api: Any, address: str, name: str
) -> None:
    factory = DepartmentFactory if address == DEPARTMENTS else JobFactory
    factory(id=1, **{name: "Research"})
    factory(id=2, **{name: "Sales"})
    factory(id=3, **{name: "Market research"})

    assert ids_of(api.get(address, {name: "RESEARCH"})) == [1, 3]
    assert ids_of(api.get(address, {name: "%"})) == []
    assert text_of(api.get(address, {name: "research", "format": "csv"})) == (
        f"id,{name}\n1,Research\n3,Market research\n"
    )


@pytest.mark.usefixtures("employees")
@pytest.mark.parametrize(
    "name, value",
    [
        ("department_id", "0"),
        ("department_id", "-1"),
        ("department_id", "9007199254740992"),
        ("department_id", "1.5"),
        ("department_id", "1e0"),
        ("department_id", "x"),
        ("department_id", "1,2"),
        ("department_id", "１"),
        ("department_id", "9" * 5000),
        ("department_id", "1\x00"),
        ("job_id", "0"),
        ("job_id", "null"),
        ("hired_from", "yesterday"),
        ("hired_from", "2021"),
        ("hired_from", "2021-7-1"),
        ("hired_from", "2021-02-29"),
        ("hired_from", "2021-13-01"),
        ("hired_from", "20210727"),
        ("hired_from", "２０２１-07-27"),
        ("hired_from", "1626710400"),
        ("hired_from", "1899-12-31"),
        ("hired_from", "2101-01-01"),
        ("hired_from", "0001-01-01T00:00:00+01:00"),
        ("hired_from", "2021-07-27T24:00:00Z"),
        ("hired_from", "2021-07-27T12:00:00.1234567Z"),
        ("hired_before", "2021-02-30"),
        ("hired_before", "2021-07-27\x00"),
        ("name", "a\x00b"),
    ],
)
def test_a_filter_with_a_wrong_value_is_refused(api: Any, name: str, value: str) -> None:
    problem = assert_problem(api.get(EMPLOYEES, {name: value}), 400, "invalid_parameter")

    assert problem["detail"].startswith(f"{name}: ")


@pytest.mark.parametrize("query", ["department_id=x", "hired_from=x", "name=%00", "nickname=x"])
def test_csv_is_refused_as_json_is(api: Any, query: str) -> None:
    assert_problem(api.get(f"{EMPLOYEES}?{query}&format=csv"), 400, "invalid_parameter")


@pytest.mark.parametrize(
    "address, query, detail",
    [
        pytest.param(
            EMPLOYEES,
            "departement_id=1",
            "There is no parameter 'departement_id' here. Known are: cursor, department_id, format,"
            " hired_before, hired_from, job_id, name, page_size.",
            id="misspelt",
        ),
        pytest.param(
            JOBS,
            "name=x",
            "There is no parameter 'name' here. Known are: cursor, format, job, page_size.",
            id="of another table",
        ),
        pytest.param(
            JOBS,
            "job__contains=x",
            "There is no parameter 'job__contains' here."
            " Known are: cursor, format, job, page_size.",
            id="look-up of the database",
        ),
        pytest.param(
            DEPARTMENTS,
            "ordering=-id",
            "There is no parameter 'ordering' here."
            " Known are: cursor, department, format, page_size.",
            id="order",
        ),
        pytest.param(
            f"{DEPARTMENTS}3/",
            "department=x",
            "There is no parameter 'department' here. Known are: format.",
            id="filter on one row",
        ),
        pytest.param(JOBS, "job=a&job=b", "job: send the parameter once, not twice.", id="doubled"),
        pytest.param(
            JOBS, "job=a&job=a", "job: send the parameter once, not twice.", id="doubled alike"
        ),
        pytest.param(
            JOBS,
            "page_size=5&page_size=6",
            "page_size: send the parameter once, not twice.",
            id="doubled size of the page",
        ),
        pytest.param(
            JOBS,
            "cursor=cD01&cursor=cD01",
            "cursor: send the parameter once, not twice.",
            id="doubled cursor",
        ),
    ],
)
def test_a_parameter_that_is_unknown_or_doubled_is_refused(
    api: Any, address: str, query: str, detail: str
) -> None:
    DepartmentFactory(id=3)

    problem = assert_problem(api.get(f"{address}?{query}"), 400, "invalid_parameter")

    assert problem["detail"] == detail
