"""Asks the service for a year, by its API alone, and for nothing in which a person could be seen."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from hrapi.client.analysis.collected import YEARS_BEFORE, Collected, Rows
from hrapi.client.client import Client
from hrapi.client.errors import ClientError
from hrapi.client.reading import dataset_rows

logger = logging.getLogger(__name__)

ATTEMPTS = 3
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""The years that the service takes."""


@dataclass(frozen=True)
class _Answer:
    dataset: str
    params: Mapping[str, Any]
    rows: Rows
    etag: str
    open_rows: int
    at: datetime


def collect(client: Client, year: int | None) -> Collected:
    """The year's rows, without `year` those of the last one that has hires. Raises ClientError.

    When the data changed meanwhile, all is read again, `ATTEMPTS` times at most; then what was read last is given
    and `is_one_state` is false.
    """
    for attempt in range(1, ATTEMPTS + 1):
        answers = _ask_all(client, year)
        is_one_state = all(_still_holds(client, answer) for answer in answers.values())
        if is_one_state:
            break
        logger.warning(
            "The data changed while they were read (attempt %d of %d).", attempt, ATTEMPTS
        )
    return _collected(client, answers, is_one_state=is_one_state)


def _ask_all(client: Client, year: int | None) -> dict[str, _Answer]:
    answers = {name: _ask(client, name) for name in ("departments", "jobs", "hires-statistics")}
    if year is None:
        year = _last_year(answers["hires-statistics"])
    first = max(FIRST_YEAR, year - YEARS_BEFORE)
    answers["hires"] = _ask(client, "hires", from_year=first, to_year=year)
    for name in ("quarterly-hires", "departments-above-mean"):
        answers[name] = _ask(client, name, year=year)
    answers["of-year"] = _ask(client, "hires-statistics", year=year)
    try:
        answers["rejections"] = _ask(client, "rejections")
    except ClientError as error:
        # The reject log takes a right of its own; hires say all the same how many rows are open.
        if error.status != HTTPStatus.FORBIDDEN:
            raise
    return answers


def _last_year(statistics: _Answer) -> int:
    """The last one with hires, up to the current one if there is any; the current one without hires."""
    now = statistics.at.year
    years = {row["from_year"] for row in statistics.rows if row["hires"]}
    return max((year for year in years if year <= now), default=max(years, default=now))


def _ask(client: Client, dataset: str, **params: int) -> _Answer:
    answers: list[httpx.Response] = []
    rows = tuple(dataset_rows(client, dataset, params, look=answers.append))
    headers = answers[-1].headers
    return _Answer(
        dataset,
        params,
        rows,
        etag=headers.get("ETag", ""),
        open_rows=int(headers.get("Rejected-Rows-Open", 0)),
        at=_moment(headers),
    )


def _still_holds(client: Client, answer: _Answer) -> bool:
    """Whether the service says that the answer is still the right one (304)."""
    again = client.request(
        "GET",
        f"/api/v1/datasets/{answer.dataset}/",
        params=answer.params,
        headers={"If-None-Match": answer.etag},
    )
    return again.status_code == HTTPStatus.NOT_MODIFIED


def _moment(headers: httpx.Headers) -> datetime:
    """By the clock of the service, which decides what its current year is."""
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.now(UTC)


def _collected(client: Client, answers: Mapping[str, _Answer], *, is_one_state: bool) -> Collected:
    rows = {name: answer.rows for name, answer in answers.items()}
    hires = answers["hires"]
    return Collected(
        address=client.address,
        at=answers["of-year"].at,
        year=hires.params["to_year"],
        departments=rows["departments"],
        jobs=rows["jobs"],
        hires=rows["hires"],
        quarterly=rows["quarterly-hires"],
        above_mean=rows["departments-above-mean"],
        statistics=rows["hires-statistics"],
        of_year=rows["of-year"],
        rejections=rows.get("rejections"),
        open_rows={
            table: answers[dataset].open_rows
            for table, dataset in (
                ("employees", "hires"),
                ("departments", "departments"),
                ("jobs", "jobs"),
            )
        },
        is_one_state=is_one_state,
    )
