"""Entity sets: the rows of the datasets, in pages, in any order, one by one."""

from __future__ import annotations

import random
from bisect import bisect_left
from typing import Any

import pytest

import reports.odata.negotiation
from departments.models import Department
from hrapi.ingestion.models import RejectedRow
from hrapi.web_server.limits import MAX_LINE_BYTES
from jobs.models import Job
from reports.datasets.definition import Dataset
from reports.datasets.registry import all_datasets, get_dataset
from reports.odata.paging import MAX_PAGE_ROWS
from tests.factories import DepartmentFactory
from tests.problem_bodies import assert_problem
from tests.reports.datasets.rows import get, read_json, store_random_rows
from tests.reports.odata.asking import ask, body, key_of, pages, refused, rows

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("dataset", all_datasets(), ids=lambda dataset: dataset.name)


def by_key(dataset: Dataset, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: [row[name] for name in dataset.key])


@EACH
@pytest.mark.parametrize("size", [7, MAX_PAGE_ROWS])
def test_the_rows_are_those_of_the_dataset(api: Any, dataset: Dataset, size: int) -> None:
    store_random_rows(3)

    found = list(pages(api, dataset.set_name, size=size))

    expected = by_key(dataset, read_json(api, dataset.name))
    assert expected
    assert [row for page in found for row in page] == expected
    assert {len(page) for page in found[:-1]} <= {size}
    assert int(ask(api, f"{dataset.set_name}/$count").content) == len(expected)
    assert body(api, dataset.set_name, top=0, count="true")["@odata.count"] == len(expected)


@EACH
def test_without_a_row_there_is_an_empty_page(api: Any, dataset: Dataset) -> None:
    assert rows(api, dataset.set_name) == []
    assert ask(api, f"{dataset.set_name}/$count").content == b"0"


@EACH
def test_each_entity_has_an_address(api: Any, dataset: Dataset) -> None:
    store_random_rows(3, employees=30)

    for row in rows(api, dataset.set_name, top=5):
        entity = body(api, dataset.set_name + key_of(dataset, row))
        del entity["@odata.context"]
        assert entity == row


@EACH
def test_pages_go_on_in_any_order(api: Any, dataset: Dataset) -> None:
    store_random_rows(3, employees=60)
    everything = rows(api, dataset.set_name)
    chance = random.Random(dataset.name)

    for _ in range(6):
        chosen = chance.sample(dataset.columns, chance.randint(1, min(3, len(dataset.columns))))
        directions = [chance.choice(["asc", "desc"]) for _ in chosen]
        expected = everything
        for column, direction in reversed(list(zip(chosen, directions, strict=True))):
            name = column.name
            expected = sorted(
                expected,
                key=lambda row: (
                    (row[name] is not None, row[name] or 0)
                    if not isinstance(row[name], str)
                    else (True, row[name])
                ),
                reverse=direction == "desc",
            )
        orderby = ",".join(f"{c.name} {d}" for c, d in zip(chosen, directions, strict=True))
        found = [r for page in pages(api, dataset.set_name, size=9, orderby=orderby) for r in page]
        assert found == expected, orderby


def test_pages_end_where_top_does(api: Any) -> None:
    store_random_rows(3)

    for size, top, lengths in (
        (50, 120, [50, 50, 20]),
        (50, 100, [50, 50]),
        (50, 50, [50]),
        (50, 7, [7]),
        (50, 0, [0]),
        (150, 1000, [150, 50]),
    ):
        found = list(pages(api, "Employees", size=size, top=top, select="id"))
        assert [len(page) for page in found] == lengths
        ids = [row["id"] for page in found for row in page]
        assert ids == list(range(1, len(ids) + 1))


def test_a_link_escapes_no_more_than_it_must(api: Any) -> None:
    store_random_rows(3)
    kept = "contains(job,'a:/*@;') or department_id in (7,14) or 1 eq 1"

    page = ask(api, "Hires", filter=kept, headers={"prefer": "odata.maxpagesize=1"}).json()

    assert f"?$filter={kept.replace(' ', '+')}&$skiptoken=" in page["@odata.nextLink"]
    plus = ask(api, "Jobs", filter="job ne 'a+&=#'", headers={"prefer": "odata.maxpagesize=1"})
    assert "'a%2B%26%3D%23'" in plus.json()["@odata.nextLink"]


def test_no_link_is_longer_than_the_server_takes(api: Any) -> None:
    store_random_rows(3)
    Department.objects.update(department="😀" * 255)
    Job.objects.update(job="😀" * 255)
    size = {"prefer": "odata.maxpagesize=40"}

    def first_page(length: int, **options: Any) -> Any:
        kept = f"department ne '{'😀' * length}'"
        options |= {"filter": kept, "orderby": "department,job"}
        return ask(api, "Hires", headers=size, **options)

    longest = bisect_left(range(600), 400, key=lambda length: first_page(length).status_code) - 1
    answer = first_page(longest)
    sizes = []
    while link := answer.json().get("@odata.nextLink"):
        sizes.append(len(f"GET {link.removeprefix('http://testserver')} HTTP/1.1"))
        answer = api.get(link, headers=size)
        assert answer.status_code == 200

    assert len(sizes) > 1
    # Not far below it: ids may have more digits than these.
    assert MAX_LINE_BYTES - 150 < max(sizes) <= MAX_LINE_BYTES
    beyond = first_page(longest + 1)
    assert "longer than 8,190 bytes" in assert_problem(beyond, 400, "invalid_parameter")["detail"]
    # Nobody is sent to a next page.
    assert first_page(longest + 1, top=40).status_code == 200


def test_skip_counts_once_and_works_with_everything_else(api: Any) -> None:
    store_random_rows(3)

    found = list(
        pages(
            api, "Employees", size=10,
            skip=5, top=25, filter="id gt 100", orderby="id desc", select="id", count="true",
        )
    )  # fmt: skip

    assert [len(page) for page in found] == [10, 10, 5]
    assert [row["id"] for page in found for row in page] == list(range(195, 170, -1))


def test_rows_that_come_and_go_shift_no_page(api: Any) -> None:
    for number in range(1, 10):
        DepartmentFactory(id=10 * number)

    reading = pages(api, "Departments", size=3)
    seen = [row["id"] for row in next(reading)]
    Department.objects.filter(id__in=[10, 30]).delete()
    DepartmentFactory(id=5)
    DepartmentFactory(id=65)
    seen += [row["id"] for page in reading for row in page]

    assert seen == [10, 20, 30, 40, 50, 60, 65, 70, 80, 90]


def test_a_page_never_has_more_rows_than_the_limit(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports.odata.negotiation, "MAX_PAGE_ROWS", 3)
    for number in range(1, 5):
        DepartmentFactory(id=number)

    assert len(rows(api, "Departments")) == 3
    response = ask(api, "Departments", headers={"prefer": "respond-async, odata.maxpagesize=4"})
    assert len(response.json()["value"]) == 3
    assert response["Preference-Applied"] == "odata.maxpagesize=3"
    Department.objects.filter(id=4).delete()
    assert "@odata.nextLink" not in body(api, "Departments")


@pytest.mark.parametrize(
    "wish", ["odata.maxpagesize=0", "odata.maxpagesize=-1", "x", "return=minimal"]
)
def test_a_wish_that_cannot_be_read_is_none(api: Any, wish: str) -> None:
    DepartmentFactory(id=1)

    response = ask(api, "Departments", headers={"prefer": wish})

    assert len(response.json()["value"]) == 1
    assert not response.has_header("Preference-Applied")


def test_a_selection_has_these_columns_and_no_others(api: Any) -> None:
    store_random_rows(3)

    assert [list(row) for row in rows(api, "Hires", select="hires, year", top=2)] == [
        ["year", "hires"]
    ] * 2
    for page in pages(api, "Hires", size=20, select="hires", orderby="job desc"):
        assert {tuple(row) for row in page} == {("hires",)}
    assert list(rows(api, "Hires", select="hires,*", top=1)[0]) == [
        column.name for column in get_dataset("hires").columns
    ]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"select": "id,colour"}, "no property 'colour'"),
        ({"select": ""}, "no property ''"),
        ({"orderby": "colour"}, "no property 'colour'"),
        ({"orderby": "id up"}, "asc or desc"),
        ({"orderby": "id asc desc"}, "asc or desc"),
        ({"orderby": ""}, "no property ''"),
        ({"top": "-1"}, "$top"),
        ({"top": "1.5"}, "$top"),
        ({"top": "٣"}, "$top"),
        ({"skip": "1" * 16}, "$skip"),
        ({"count": "1"}, "true or false"),
        ({"skiptoken": "x"}, "@odata.nextLink"),
        ({"skiptoken": "WyJhIl0"}, "@odata.nextLink"),
        ({"skiptoken": "WzEsMl0"}, "@odata.nextLink"),
        ({"skiptoken": "WzFlNDAwXQ"}, "@odata.nextLink"),
        ({"skiptoken": "W3RydWVd"}, "@odata.nextLink"),
        ({"skiptoken": "[" * 3000}, "@odata.nextLink"),
        ({"skiptoken": "é"}, "@odata.nextLink"),
        ({"skiptoken": "WyJcdWQ4MDAiXQ", "orderby": "department"}, "@odata.nextLink"),
        ({"filter": "true", "skip": "9" * 15}, None),
    ],
    ids=str,
)
def test_what_is_wrong_with_an_option_is_told(
    api: Any, options: dict[str, str], told: str | None
) -> None:
    if told is None:
        assert rows(api, "Departments", **options) == []
    else:
        assert told in refused(api, "Departments", **options)


def test_an_order_by_an_expression_is_not_supported(api: Any) -> None:
    for orderby in ("length(department)", "id add 1", "department/name", "id desc, -id"):
        refused(api, "Departments", 501, orderby=orderby)


@pytest.mark.parametrize(
    "address, status",
    [
        ("Departments(2)", 404),
        ("Departments(-1)", 404),
        ("Departments(id=1)", 200),
        ("Departments()", 400),
        ("Departments('1')", 400),
        ("Departments(1.0)", 400),
        ("Departments(null)", 400),
        ("Departments(1,2)", 400),
        ("Departments(name=1)", 400),
        ("Departments(id=1,id=1)", 400),
        ("Departments(id=)", 400),
        ("Departments(id=id)", 400),
        ("Departments(9223372036854775808)", 400),
        ("Departments(1)(1)", 400),
        ("Departments(1", 404),
        ("Departments(1)/department", 404),
        ("Departments(%00)", 400),
        ("Hires(year=2021,month=1,department_id=1)", 400),
        ("Hires(1)", 400),
        ("Hires(job_id=1,year=2021,month=1,department_id=1)", 404),
        ("Rejections(date=2021-01-01,table='a''b',code='/x')", 404),
        ("Rejections(date=2021-02-30,table='a',code='b')", 400),
    ],
)
def test_a_key_leads_to_one_entity_or_is_refused(api: Any, address: str, status: int) -> None:
    DepartmentFactory(id=1)

    response = api.get(f"/odata/v4/{address}")

    assert response.status_code == status, response.content
    if status == 400:
        assert response.json()["error"]["message"].startswith("key: ")


def test_what_is_left_out_is_told(api: Any) -> None:
    store_random_rows(3)
    left_out = str(RejectedRow.objects.filter(table="employees", status="open").count())

    for address in ("Hires", "Hires/$count", "Employees", "Employees(1)"):
        assert ask(api, address)["Rejected-Rows-Open"] == left_out
    assert get(api, "hires")["Rejected-Rows-Open"] == left_out
    assert not ask(api, "RejectedRows").has_header("Rejected-Rows-Open")


def test_the_catalogue_leads_here(api: Any) -> None:
    DepartmentFactory(id=1)

    [entry] = [e for e in api.get("/api/v1/datasets/").json() if e["name"] == "departments"]

    assert entry["odata"] == "http://testserver/odata/v4/Departments"
    assert api.get(entry["odata"]).status_code == 200
