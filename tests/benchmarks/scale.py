"""How far one PostgreSQL goes: the same work at 1, 5 and 20 million employees, and by more web processes."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection

from tests.benchmarks.batches import (
    Ask,
    fill,
    post_employees,
    served,
    server,
    store_references,
    valid_body,
)
from tests.benchmarks.measuring import command, in_turn, seconds

MILLIONS = (1, 5, 20)
YEAR = 2024
TIMES = 7
PROCESSES = (1, 2, 4)
CLIENTS = 8
SECONDS = 15.0
_MOST_BATCHES_A_SECOND = 150
_REPORTS = {
    name: f"/api/v1/{path}?year={YEAR}"
    for name, path in (
        ("quarterly-hires of a year", "reports/quarterly-hires/"),
        ("departments-above-mean of a year", "reports/departments-above-mean/"),
    )
}


@dataclass(frozen=True)
class Line:
    """A line of the table: one kind of work, at each number of rows or of processes."""

    work: str
    figures: list[str]


def print_scale() -> None:
    """Fills the table three times, which takes minutes, and prints as soon as there is a line."""
    store_references()
    _print_table("employees, million", map(str, MILLIONS), _by_rows())
    print()
    _print_table("web processes", map(str, PROCESSES), _by_processes())


def _print_table(head: str, columns: Iterator[str], lines: Iterator[Line]) -> None:
    print(f"{head:<58}" + "".join(f"{column:>12}" for column in columns))
    for line in lines:
        print(f"{line.work:<58}" + "".join(f"{figure:>12}" for figure in line.figures), flush=True)


def _by_rows() -> Iterator[Line]:
    at_each = [dict(_at(millions)) for millions in MILLIONS]
    for work in at_each[0]:
        yield Line(work, [figures[work] for figures in at_each])


def _at(millions: int) -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
        for first in range(0, millions * 1_000_000, 1_000_000):
            fill(first + 1, first + 1_000_000)
        cursor.execute("VACUUM ANALYZE employees")
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_total_relation_size('employees')")
        [size] = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM employees WHERE datetime >= %s AND datetime < %s",
            [f"{YEAR}-01-01Z", f"{YEAR + 1}-01-01Z"],
        )
        [of_year] = cursor.fetchone()
    yield "table and indexes, MiB", f"{size / 2**20:,.0f}"
    yield f"hired in {YEAR}, thousand", f"{of_year / 1000:,.0f}"
    with server("readers") as ask:
        for name, path in _REPORTS.items():
            yield f"{name}, ms", _milliseconds(partial(ask, "GET", path), TIMES)
        hires = partial(ask, "GET", "/api/v1/datasets/hires/?format=csv")
        yield "hires of all years as CSV, ms", _milliseconds(hires, 3)
        employees = partial(ask, "GET", "/api/v1/datasets/employees/?format=csv")
        yield "all employees as CSV, s", f"{seconds(employees):,.1f}"
    with server("loaders") as ask:
        bodies = [valid_body() for _ in range(4 * TIMES + 1)]
        yield (
            "POST of 1,000 employees, ms",
            _milliseconds(lambda: post_employees(ask, bodies.pop()), 4 * TIMES),
        )
    yield "backup, s", f"{command('backup').seconds:,.1f}"


def _milliseconds(work: Callable[[], object], times: int) -> str:
    [taken] = in_turn(work, times=times)
    return f"{1000 * statistics.median(taken):,.0f}"


def _by_processes() -> Iterator[Line]:
    """What `CLIENTS` clients get done who each send the next request when the last is answered."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
        fill(1, 1_000_000)
        cursor.execute("VACUUM ANALYZE employees")
    # Made before, so that the clients need little of the processors that the service is to have.
    bodies = [valid_body() for _ in range(int(_MOST_BATCHES_A_SECOND * SECONDS) * len(PROCESSES))]
    works: dict[str, tuple[str, Callable[[Ask], object]]] = {
        "departments-above-mean over 1,000,000, requests a second": (
            "readers",
            lambda ask: ask("GET", _REPORTS["departments-above-mean of a year"]),
        ),
        "a page of 100 employees, requests a second": (
            "readers",
            lambda ask: ask("GET", "/api/v1/employees/?page_size=100"),
        ),
        # Last, as it fills the table.
        "batches of 1,000 employees, rows a second": (
            "loaders",
            lambda ask: post_employees(ask, bodies.pop()),
        ),
    }
    for name, (group, work) in works.items():
        factor = 1000 if "rows" in name else 1
        done = [_throughput(group, work, workers) * factor for workers in PROCESSES]
        yield Line(name, [f"{figure:,.0f}" for figure in done])


def _throughput(group: str, work: Callable[[Ask], object], workers: int) -> float:
    """How often a second the clients get it done, all together."""
    with served(group, workers=workers) as connect:
        asks = [connect() for _ in range(CLIENTS)]
        for ask in asks:
            work(ask)
        counts = [0] * CLIENTS
        end = time.monotonic() + SECONDS

        def go_on(number: int) -> None:
            while time.monotonic() < end:
                work(asks[number])
                counts[number] += 1

        threads = [threading.Thread(target=go_on, args=[number]) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counts) / SECONDS
