"""The whole page, of anything that a service could answer."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from hrapi.client.analysis.collected import Collected
from hrapi.client.analysis.page import page
from tests.client.analysis.made_up import NASTY, collected, evenly, histories, many
from tests.client.analysis.reading import ReadPage, number

NO_NUMBER = re.compile(r"\b(?:nan|inf|None|Undefined|Fraction|Markup)\b|\{\{|\}\}|\{%")


def without_names(sent: Collected, text: str) -> str:
    """The text without what others have written in it; longer names first, as they may hold shorter ones."""
    names = {row["department"] for row in sent.departments} | {row["job"] for row in sent.jobs}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(" ".join(name.split()), "·")
    return text


@settings(deadline=None, max_examples=60)
@given(histories())
def test_every_sentence_has_its_numbers(sent: Collected) -> None:
    read = ReadPage(page(sent))

    # Names that are cut are still there in part.
    assert NO_NUMBER.search(without_names(sent, re.sub(r"\S*…\S*", "", read.text))) is None
    text = without_names(sent, re.sub(r"\S*…\S*", "", read.prose))
    assert not re.search(r"(?<![.,])\b1 (?:hires|rows|departments|jobs|employees|years)\b", text)
    assert not re.search(r"(?<!of )(?<!,)\b(?:[2-9]|\d\d+) (?:hire|row|employee)\b", text)
    assert not re.search(r"\.\.|,,| [.,]", text)


@settings(deadline=None, max_examples=40)
@given(histories())
def test_its_tables_hold_what_was_sent(sent: Collected) -> None:
    rows = [row for row in sent.hires if row["year"] == sent.year]
    total = sum(row["hires"] for row in rows)
    html = page(sent)
    if not total:
        assert f"No hire of {sent.year} is stored." in html
        return
    read = ReadPage(html)

    def hires_of(**where: int) -> int:
        return sum(
            row["hires"] for row in rows if all(row[name] == each for name, each in where.items())
        )

    quarters = read.tables["Hires by quarter"]
    assert [number(row[1]) for row in quarters[1:5]] == [
        hires_of(quarter=quarter) for quarter in range(1, 5)
    ]
    assert number(quarters[5][1]) == total
    months = read.tables["Hires by month"]
    assert [number(row[1]) for row in months[1:]] == [
        hires_of(month=month) for month in range(1, 13)
    ]
    [departments] = [
        table for name, table in read.tables.items() if name.startswith("Hires of each department")
    ]
    found = sorted(number(row[2]) for row in departments[1:-1])
    assert found == sorted(hires_of(department_id=row["id"]) for row in sent.departments)
    above = {row["department_id"] for row in sent.above_mean}
    assert sum(1 for row in departments[1:-1] if row[6] == "above") == len(above)
    jobs = read.tables["Hires for the jobs hired most"]
    assert sum(number(row[2]) for row in jobs[1:-1]) == total
    [by_quarter] = [
        table for name, table in read.tables.items() if name.startswith("Departments by quarter")
    ]
    assert sum(number(cell) for row in by_quarter[1:] for cell in row[1:5]) == total


@settings(deadline=None, max_examples=30)
@given(histories())
def test_it_asks_for_nothing_and_runs_nothing(sent: Collected) -> None:
    html = page(sent)
    read = ReadPage(html)

    tags = {tag for tag, _ in read.elements}
    assert (
        tags & {"script", "img", "link", "iframe", "object", "form", "image", "use", "base"}
        == set()
    )
    links = {value for _, attrs in read.elements for name, value in attrs.items() if name == "href"}
    assert {link for link in links if link and not link.startswith("#")} <= {
        "http://127.0.0.1:8000/rejected-rows/"
    }
    names = {name for _, attrs in read.elements for name in attrs}
    assert {name for name in names if name.startswith("on") or name in ("style", "src")} == set()
    style = re.search("<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    targets = {attrs["id"] for _, attrs in read.elements if attrs.get("id")}
    assert {link[1:] for link in links if link and link.startswith("#")} <= targets


def test_names_are_text_and_nothing_else() -> None:
    departments = dict(enumerate(NASTY, start=1))
    hires = [hire for each in departments for hire in many(3, 2025, each % 12 + 1, each, each)]
    read = ReadPage(page(collected(hires, departments=departments, jobs=departments)))

    tables = list(read.tables.values())
    shown = {cell for table in tables for row in table for cell in row[:1]}
    for name in NASTY:
        assert " ".join(name.split()) in {re.sub(r" \(id \d+\)$", "", cell) for cell in shown}
    assert "Sales (id 14)" in shown
    assert "sales (id 15)" in shown


def test_a_hundred_departments_are_not_all_rows() -> None:
    hires = [hire for each in range(1, 101) for hire in many(101 - each, 2025, 3, each)]
    read = ReadPage(page(collected(hires)))

    [departments] = [
        table for name, table in read.tables.items() if name.startswith("Hires of each department")
    ]
    assert len(departments) == 1 + 40 + 1 + 1
    assert departments[-2][0] == "60 other departments"
    assert sum(number(row[2]) for row in departments[1:-1]) == 5050 == number(departments[-1][2])


@pytest.mark.parametrize(
    "changes", [{"is_one_state": False}, {"of_year": ()}], ids=["changed", "disagreeing"]
)
def test_figures_that_do_not_fit_are_said_loudly_before_all_else(
    changes: dict[str, object],
) -> None:
    sent = collected(evenly(3, 2025))
    warning = "Do not rely on this page"

    assert warning not in page(sent)
    text = ReadPage(page(replace(sent, **changes))).text  # type: ignore[arg-type]
    assert text.index(warning) < text.index("In short")


def test_where_the_log_may_not_be_read_it_says_so() -> None:
    sent = collected(evenly(3, 2025), open_codes={"required": 4}, may_read_log=False)
    text = ReadPage(page(sent)).text

    assert "may not read the reject log" in text
    assert "4 rejected rows are not counted." in text


def test_a_service_without_any_hire_is_reported_as_such() -> None:
    text = ReadPage(page(collected([], departments={}, jobs={}))).text

    assert "No hire of any year is stored" in text


@pytest.mark.parametrize(
    "rows, said, below",
    [
        (7, "7 rejected rows are not counted, and could be of 2025", "They are in no figure"),
        (1, "1 rejected row is not counted, and could be of 2025", "It is in no figure"),
    ],
)
def test_where_all_rows_were_rejected_it_says_so_first(rows: int, said: str, below: str) -> None:
    sent = collected([], open_codes={"unknown_department": rows})

    text = ReadPage(page(sent)).text

    assert text.index(said) < text.index("What the data cannot tell") < text.index(below)
