"""Fetch a dataset as CSV, JSON, JSON Lines or Parquet.

CSV and JSON are those of the service, byte for byte. A file is there whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import IO

import httpx

from hrapi.client.client import Client
from hrapi.client.columns import describe
from hrapi.client.errors import UsageError
from hrapi.client.files import STANDARD, written_whole
from hrapi.client.parquet import write_parquet
from hrapi.client.reading import CSV, JSON, dataset_bytes, dataset_rows
from hrapi.progress import progress_bar

FORMATS = ("csv", "json", "jsonl", "parquet")
_FORMAT_OF_SUFFIX = {".ndjson": "jsonl"} | {f".{name}": name for name in FORMATS}
_MEDIA_TYPES = {"csv": CSV, "json": JSON}


def _filter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"write it like year=2021, not {text[:80]!r}")
    return name, value


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("dataset", metavar="DATASET", help="Like hires or employees.")
    parser.add_argument(
        "--format", choices=FORMATS, help="Default: by the name of the file, else csv."
    )
    parser.add_argument(
        "--out", default=STANDARD, metavar="FILE", help="Default: standard output, which is -."
    )
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        type=_filter,
        metavar="NAME=VALUE",
        help="A parameter of the dataset, like year=2021; may be given more than once.",
    )


def run(client: Client, options: Namespace) -> int:
    names = [name for name, _ in options.filter]
    if len(set(names)) < len(names):
        raise UsageError("A filter is given twice.")
    if options.out == STANDARD:
        _write(client, options, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with written_whole(Path(options.out)) as file:
            _write(client, options, file)
    return 0


def _write(client: Client, options: Namespace, file: IO[bytes]) -> None:
    dataset, params = options.dataset, dict(options.filter)
    suffix = Path(options.out).suffix.lower()
    form = options.format or _FORMAT_OF_SUFFIX.get(suffix, "csv")
    left_out: list[str] = []

    def look(answer: httpx.Response) -> None:
        left_out[:] = [answer.headers.get("Rejected-Rows-Open", "0")]

    if form == "parquet":
        description = describe(client, dataset)
        # Its writer asks where it is, which a pipe does not know.
        with tempfile.TemporaryFile() as whole:
            write_parquet(whole, description, dataset_rows(client, dataset, params, look=look))
            whole.seek(0)
            shutil.copyfileobj(whole, file)
    elif form == "jsonl":
        for row in dataset_rows(client, dataset, params, look=look):
            file.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
    else:
        media_type = _MEDIA_TYPES[form]
        done = 0
        with progress_bar(dataset, total=None) as show_position:
            for chunk in dataset_bytes(client, dataset, params, media_type=media_type, look=look):
                file.write(chunk)
                done += len(chunk)
                show_position(done)
    if left_out and left_out != ["0"]:
        print(  # noqa: T201
            f"{left_out[0]} rejected rows are still open, and so not in {dataset}.",
            file=sys.stderr,
        )
