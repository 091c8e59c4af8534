"""Lists and single rows of the tables, as JSON and as CSV."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch
from jobs.models import Job
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"
JOBS = "/api/v1/jobs/"
EMPLOYEES = "/api/v1/employees/"
TABLES = [DEPARTMENTS, JOBS, EMPLOYEES]
IDS = [2, 3, 5, 7, 11, 13, 9007199254740991]


def store_rows(address: str) -> None:
    """Rows with IDS, stored in another order."""
    for row_id in sorted(IDS, key=str):
        if address == DEPARTMENTS:
            DepartmentFactory(id=row_id)
        elif address == JOBS:
            JobFactory(id=row_id)
        else:
            employee(row_id)


def employee(row_id: int, **changes: Any) -> Employee:
    """An employee of department 1 with job 1, unless said otherwise."""
    for model, field in ((Department, "department"), (Job, "job")):
        number = changes.setdefault(f"{field}_id", 1)
        model.objects.get_or_create(id=number, defaults={field: f"Name {number}"})
    stored = {"name": f"Employee {row_id}", "datetime": datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC)}
    return Employee.objects.create(id=row_id, **stored | changes)


def ids_of(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def pages(client: Any, address: str | None, *, link: str = "next") -> list[list[int]]:
    """The ids on each page from `address` on, following `link`."""
    found = []
    while address is not None:
        response = client.get(address)
        found.append(ids_of(response))
        address = response.json()[link]
    return found


def last_page(client: Any, address: str) -> str:
    while (following := client.get(address).json()["next"]) is not None:
        address = following
    return address


def cursor(tokens: str) -> str:
    return b64encode(tokens.encode()).decode()


@pytest.mark.parametrize("address", TABLES)
def test_pages_show_every_row_once_in_the_order_of_ids_forth_and_back(
    api: Any, address: str
) -> None:
    store_rows(address)
    first = f"{address}?page_size=3"

    assert pages(api, first) == [[2, 3, 5], [7, 11, 13], [9007199254740991]]
    assert pages(api, last_page(api, first), link="previous") == [
        [9007199254740991],
        [7, 11, 13],
        [2, 3, 5],
    ]


def test_a_page_gone_back_to_leads_forth_again(api: Any) -> None:
    store_rows(DEPARTMENTS)
    second = api.get(f"{DEPARTMENTS}?page_size=2").json()["next"]
    third = api.get(second).json()["next"]

    back_on_second = api.get(third).json()["previous"]

    assert ids_of(api.get(back_on_second)) == [5, 7]
    assert pages(api, back_on_second) == [[5, 7], [11, 13], [9007199254740991]]
    assert pages(api, back_on_second, link="previous") == [[5, 7], [2, 3]]


@pytest.mark.parametrize("address", TABLES)
def test_a_list_without_rows_is_one_empty_page(api: Any, address: str) -> None:
    assert api.get(address).json() == {"next": None, "previous": None, "results": []}


def test_a_page_that_the_rows_just_fill_is_the_last(api: Any) -> None:
    store_rows(JOBS)

    response = api.get(f"{JOBS}?page_size=7")

    assert ids_of(response) == IDS
    assert (response.json()["next"], response.json()["previous"]) == (None, None)


def test_rows_that_arrive_while_somebody_pages_neither_repeat_nor_hide_others(api: Any) -> None:
    store_rows(DEPARTMENTS)
    first = api.get(f"{DEPARTMENTS}?page_size=3").json()
    DepartmentFactory(id=1)
    DepartmentFactory(id=4)
    DepartmentFactory(id=8)

    assert pages(api, first["next"]) == [[7, 8, 11], [13, 9007199254740991]]


def test_a_page_whose_rows_were_deleted_meanwhile_leads_back_to_every_row_before_it(
    api: Any,
) -> None:
    for row_id in (1, 2, 3, 4):
        DepartmentFactory(id=row_id)
    second = api.get(f"{DEPARTMENTS}?page_size=2").json()["next"]
    Department.objects.filter(id__gt=2).delete()

    assert pages(api, second, link="previous") == [[], [1, 2]]


def test_a_first_page_whose_rows_were_deleted_meanwhile_leads_forth_to_every_row_after_it(
    api: Any,
) -> None:
    for row_id in (1, 2, 3, 4):
        DepartmentFactory(id=row_id)
    second = api.get(f"{DEPARTMENTS}?page_size=2").json()["next"]
    first = api.get(second).json()["previous"]
    Department.objects.filter(id__lt=3).delete()

    assert pages(api, first) == [[], [3, 4]]


def test_links_keep_filters_and_the_size_of_the_page(api: Any) -> None:
    for row_id in range(1, 7):
        employee(row_id, name="Ann & Bob" if row_id % 2 else "Zed")

    following = api.get(f"{EMPLOYEES}?name=%26&page_size=1").json()["next"]

    query = parse_qs(urlsplit(following).query)
    assert (query["name"], query["page_size"]) == (["&"], ["1"])
    assert pages(api, following) == [[3], [5]]


@pytest.mark.parametrize("size", ["1", "2", "1000"])
def test_pages_have_the_size_asked_for(api: Any, size: str) -> None:
    Department.objects.bulk_create(
        Department(id=number, department="x") for number in range(1, 1003)
    )

    response = api.get(DEPARTMENTS, {"page_size": size})

    assert ids_of(response) == list(range(1, int(size) + 1))
    assert response.json()["next"] is not None


def test_pages_have_a_hundred_rows_when_nothing_is_asked_for(api: Any) -> None:
    Job.objects.bulk_create(Job(id=number, job="x") for number in range(1, 102))

    assert pages(api, JOBS) == [list(range(1, 101)), [101]]


@pytest.mark.parametrize(
    "size",
    [
        pytest.param("0", id="zero"),
        pytest.param("1001", id="one more than a thousand"),
        pytest.param("-1", id="negative"),
        pytest.param("+1", id="plus"),
        pytest.param("abc", id="letters"),
        pytest.param("", id="empty"),
        pytest.param(" 5", id="space"),
        pytest.param("5.0", id="decimal"),
        pytest.param("1e2", id="exponent"),
        pytest.param("５", id="full-width digit"),
        pytest.param("٥", id="Arabic digit"),
        pytest.param("²", id="superscript"),
        pytest.param("9" * 5000, id="5,000 digits"),
        pytest.param("5\x00", id="NUL"),
    ],
)
def test_a_wrong_size_of_the_page_is_refused(api: Any, size: str) -> None:
    problem = assert_problem(api.get(JOBS, {"page_size": size}), 400, "invalid_parameter")

    assert problem["detail"].startswith("page_size: send a whole number from 1 to 1000, not ")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="no Base64"),
        pytest.param("!!!", id="nothing of Base64"),
        pytest.param("é", id="not ASCII"),
        pytest.param("\x00", id="NUL"),
        pytest.param("%", id="percent"),
        pytest.param("x" * 5000, id="long"),
        pytest.param("after=3", id="not encoded"),
        pytest.param(b64encode(b"after=3\xff").decode(), id="bytes that are no text"),
        pytest.param(cursor("hello"), id="words"),
        pytest.param(cursor("p=3"), id="of another service"),
        pytest.param(cursor("around=3"), id="another direction"),
        pytest.param(cursor("after=3&after=4"), id="two places"),
        pytest.param(cursor("after=3\n"), id="line feed at the end"),
        pytest.param(cursor("after="), id="no id"),
        pytest.param(cursor("after=x"), id="letters"),
        pytest.param(cursor("after=1.5"), id="decimal"),
        pytest.param(cursor("after=-3"), id="negative"),
        pytest.param(cursor("before=-1"), id="negative, backwards"),
        pytest.param(cursor("after= 3"), id="space"),
        pytest.param(cursor("after=٣"), id="Arabic digit"),
        pytest.param(cursor("after=\x00"), id="NUL inside"),
        pytest.param(cursor("after=9999999999999999"), id="over every id"),
        pytest.param(cursor(f"before={10**30}"), id="31 digits"),
        pytest.param(cursor(f"after={'0' * 40}{'9' * 40}"), id="zeros, then a huge id"),
        pytest.param(cursor(f"after={'0' * 5000}"), id="5,000 zeros"),
        pytest.param(cursor(f"after={'9' * 5000}"), id="5,000 digits"),
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(api: Any, broken: str) -> None:
    store_rows(DEPARTMENTS)

    problem = assert_problem(api.get(DEPARTMENTS, {"cursor": broken}), 400, "invalid_parameter")

    assert problem["detail"] == (
        "cursor: follow the addresses in `next` and `previous`; this one is not from there."
    )


@pytest.mark.parametrize("place", ["after=0", "after=9007199254740991", "before=0", "before=1"])
def test_every_link_of_a_page_at_the_very_end_can_be_followed(api: Any, place: str) -> None:
    store_rows(DEPARTMENTS)
    page = api.get(DEPARTMENTS, {"cursor": cursor(place)}).json()

    links = [link for link in (page["next"], page["previous"]) if link is not None]
    seen = page["results"] + [row for link in links for row in api.get(link).json()["results"]]

    assert sorted(row["id"] for row in seen) == IDS


def test_a_cursor_is_a_place_among_ids_in_whatever_list(api: Any) -> None:
    store_rows(DEPARTMENTS)
    store_rows(JOBS)
    following = api.get(f"{DEPARTMENTS}?page_size=3").json()["next"]
    [place] = parse_qs(urlsplit(following).query)["cursor"]

    assert ids_of(api.get(JOBS, {"cursor": place})) == [7, 11, 13, 9007199254740991]


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
