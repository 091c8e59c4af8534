"""What is asked of the service, and data that change while they are read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hrapi.client import Client, ClientError
from hrapi.client.analysis.collecting import ATTEMPTS, collect
from tests.client.answering import Answering, Said, answering, problem

YEARS = [
    {"from_year": year, "to_year": year, "by": "month", "count": 12, "hires": hires}
    for year, hires in ((2021, 5), (2022, 3), (2023, 0), (2300, 1))
]
ASKED_TWICE = 16
"""Requests of one attempt: eight answers, and whether each still holds."""


def rows(body: Any = (), etag: str = "1", **headers: str) -> Said:
    return Said(
        body=json.dumps(body).encode(),
        headers={"ETag": f'W/"{etag}"', "Rejected-Rows-Open": "7"} | headers,
    )


UNCHANGED = Said(304, b"")


def one_attempt(*holds: Said, years: Any = YEARS) -> list[Said]:
    return [rows(), rows(), rows(years), *[rows()] * 5, *(holds or [UNCHANGED] * 8)]


def paths(server: Answering) -> list[str]:
    return [urlsplit(each.path).path.rstrip("/").rpartition("/")[2] for each in server.asked]


def collected(server: Answering, year: int | None = 2021) -> Any:
    with Client(server.address, "secret") as client:
        return collect(client, year)


def test_only_counts_are_asked_for() -> None:
    with answering(*one_attempt()) as server:
        found = collected(server)

    assert set(paths(server)) == {
        *("departments", "jobs", "hires", "quarterly-hires", "departments-above-mean"),
        *("hires-statistics", "rejections"),
    }
    assert {each.method for each in server.asked} == {"GET"}
    assert found.open_rows == {"employees": 7, "departments": 7, "jobs": 7}
    assert found.is_one_state


def test_the_year_and_four_before_it_are_read_by_month() -> None:
    with answering(*one_attempt()) as server:
        collected(server, 2021)

    [query, _] = [
        parse_qs(urlsplit(each.path).query) for each in server.asked if "/hires/" in each.path
    ]
    assert query == {"from_year": ["2017"], "to_year": ["2021"]}


def test_each_answer_is_asked_for_again_with_its_own_version() -> None:
    first = [rows([], str(place)) for place in range(8)]
    with answering(*first, UNCHANGED) as server:
        collected(server)

    sent = [each.headers.get("If-None-Match") for each in server.asked]
    assert sent == [None] * 8 + [f'W/"{place}"' for place in range(8)]


def test_without_a_year_it_is_the_last_one_with_hires_up_to_now() -> None:
    with answering(*one_attempt()) as server:
        assert collected(server, None).year == 2022


def test_without_hires_up_to_now_it_is_the_next_one_with_hires() -> None:
    with answering(*one_attempt(years=YEARS[3:])) as server:
        assert collected(server, None).year == 2300


def test_without_any_hire_it_is_the_current_one() -> None:
    with answering(*one_attempt(years=[])) as server:
        found = collected(server, None)

    # The server's clock is that of this machine, and the year may change meanwhile.
    assert found.year in {found.at.year, found.at.year - 1}


def test_data_that_changed_are_read_again() -> None:
    changed = one_attempt(UNCHANGED, rows())[:10]
    with answering(*changed, *one_attempt()) as server:
        found = collected(server)

    assert len(server.asked) == len(changed) + ASKED_TWICE
    assert found.is_one_state


def test_data_that_never_stay_the_same_are_said_to_be_so() -> None:
    with answering(*[rows()] * 2, rows(YEARS), rows()) as server:
        found = collected(server)

    assert len(server.asked) == ATTEMPTS * 9
    assert not found.is_one_state


def test_the_reject_log_may_be_forbidden() -> None:
    answers = one_attempt()[:15]
    answers[7] = problem(403, "permission_denied")
    with answering(*answers) as server:
        found = collected(server)

    assert found.rejections is None
    assert found.open_rows["employees"] == 7


def test_anything_else_that_is_forbidden_is_an_error() -> None:
    with (
        answering(problem(403, "permission_denied")) as server,
        pytest.raises(ClientError, match="permission_denied"),
    ):
        collected(server)


@pytest.mark.parametrize("body", [b"<html>", b'{"rows": []}', b""])
def test_what_is_no_array_of_rows_is_an_error(body: bytes) -> None:
    with answering(Said(body=body)) as server, pytest.raises(ClientError, match="no array of rows"):
        collected(server)
