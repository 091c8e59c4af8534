"""Datasets that do not fit together are told of, whichever it is that differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hrapi.client.analysis.checking import checks
from hrapi.client.analysis.collected import Collected
from hrapi.client.analysis.figures import figures_of
from tests.client.analysis.made_up import collected, many

HIRES = [*many(3, 2025, 1, 1, 1), *many(1, 2025, 5, 2, 2)]


def changed(name: str, place: int, **values: Any) -> Collected:
    rows = list(getattr(collected(HIRES, open_codes={"required": 4}), name))
    rows[place] = rows[place] | values
    return collected(HIRES, open_codes={"required": 4}, **{name: tuple(rows)})


@pytest.mark.parametrize(
    "sent, failing",
    [
        (changed("quarterly", 0, q1=4), {0, 1}),
        (changed("quarterly", 0, q1=2, q2=1), {0}),
        (changed("quarterly", 0, job_id=2), {1}),
        (changed("of_year", 0, hires=5), {2}),
        (changed("statistics", 0, hires=5), {3}),
        (changed("of_year", 0, count=3), {4}),
        (changed("of_year", 1, count=3), {4}),
        (changed("above_mean", 0, hired=4), {5}),
        (changed("above_mean", 0, department_id=2), {5}),
        (changed("above_mean", 0, mean=2.5), {5}),
        (changed("rejections", 0, open=3), {6}),
        (changed("rejections", 0, open=5), {6}),
    ],
)
def test_what_differs_is_found(sent: Collected, failing: set[int]) -> None:
    found = checks(sent, figures_of(sent))

    assert {place for place, check in enumerate(found) if not check.agrees} == failing


def test_several_faults_of_one_row_are_no_contradiction() -> None:
    sent = collected(
        HIRES,
        open_codes={"required": 4, "unknown_job": 3},
        open_rows={"employees": 5, "departments": 0, "jobs": 0},
    )

    assert all(check.agrees for check in checks(sent, figures_of(sent)))


def test_a_department_that_only_hires_name_is_found() -> None:
    sent = collected(HIRES)
    lacking = replace(sent, departments=sent.departments[:1])

    # It is counted all the same: nothing drops out.
    assert len(figures_of(lacking).departments) == 2
