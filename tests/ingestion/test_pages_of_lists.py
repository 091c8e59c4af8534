"""Lists of the tables, page by page."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from departments.models import Department
from jobs.models import Job
from tests.factories import DepartmentFactory
from tests.ingestion.reading import (
    DEPARTMENTS,
    EMPLOYEES,
    IDS,
    JOBS,
    TABLES,
    employee,
    ids_of,
    store_rows,
)
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


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
