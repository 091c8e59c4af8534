"""Write an analysis of a year's hires as one HTML page, out of what the API tells.

The page has findings in words, charts and tables, no names of employees, and needs no network. Exit code 3: it is
written, and says that its figures do not agree with each other.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from hrapi.client.analysis.collecting import FIRST_YEAR, LAST_YEAR, collect
from hrapi.client.analysis.page import disagreeing, page
from hrapi.client.client import Client
from hrapi.client.files import written_whole

EXIT_WRITTEN, EXIT_DOUBTFUL = 0, 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--year", type=_year, help="Year of the hires, in UTC (default: the last one with hires)."
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="Where the page is written (default: hiring-YEAR.html). What is there is replaced.",
    )


def run(client: Client, options: Namespace) -> int:
    """0; 3 when the page is written and says that its figures do not agree with each other."""
    collected = collect(client, options.year)
    out: Path = options.out or Path(f"hiring-{collected.year}.html")
    with written_whole(out) as file:
        file.write(page(collected).encode())
    doubts = [f"{check.what}: NOT SO ({check.found})." for check in disagreeing(collected)]
    if not collected.is_one_state:
        doubts.append("The data changed while they were read: the figures may not fit together.")
    for doubt in doubts:
        print(f"warning: {doubt}", file=sys.stderr)  # noqa: T201 - it is a command
    print(out)  # noqa: T201 - it is a command
    return EXIT_DOUBTFUL if doubts else EXIT_WRITTEN


def _year(text: str) -> int:
    if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    raise ArgumentTypeError(f"give a year from {FIRST_YEAR} to {LAST_YEAR}, not {text[:40]!r}")
