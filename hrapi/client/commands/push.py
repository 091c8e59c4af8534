"""Send a CSV or JSON Lines file of any size into a table, in batches of at most 1,000 rows.

A push that was interrupted or killed goes on when the same command is run again: what the service has answered is
not sent again. Rows that cannot be taken go to the service's reject log, and into a CSV file to correct and push.
There is no atomic mode, as batches are stored one by one; on the service, `manage.py load --mode atomic` has one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from hrapi.client.client import Client
from hrapi.client.errors import ClientError, UsageError
from hrapi.client.files import STANDARD, digest_of, opened
from hrapi.client.pushing.journal import Journal, journal_at
from hrapi.client.pushing.layout import FORMATS, HEADERS, FileOptions, format_of_name
from hrapi.client.pushing.sending import Sending
from hrapi.client.pushing.tables import TableShape, shape_of
from hrapi.client.pushing.verdicts import write_rejected
from hrapi.progress import progress_bar

MAX_SHOWN_REJECTIONS = 20
EXIT_SOME_REJECTED, EXIT_ALL_REJECTED = 3, 4
RUN_AGAIN = "Run the same command again: it goes on where this one ended."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="Like departments, jobs or employees.")
    parser.add_argument("file", metavar="FILE", help="Path of the file; - is standard input.")
    parser.add_argument("--format", choices=FORMATS, help="Default: by the file's name, else csv.")
    parser.add_argument("--delimiter", help="Of a CSV file: , ; | or tab (default: found).")
    parser.add_argument("--encoding", default="utf-8", help="Of the file (default: %(default)s).")
    parser.add_argument(
        "--header",
        choices=HEADERS,
        default="auto",
        help="Whether the first line of a CSV file names the columns (default: %(default)s).",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="Says what would happen and keeps nothing, each batch judged by itself.",
    )
    parser.add_argument(
        "--rejected",
        type=Path,
        metavar="FILE.csv",
        help="Where rejected rows go, instead of a new file FILE.rejected.csv in this directory.",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="Have a file that was pushed in the last 24 hours judged anew.",
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=Path.home() / ".local" / "state" / "hrapi",
        metavar="DIR",
        help="Where it is kept how far a push has come (default: %(default)s).",
    )


def run(client: Client, options: Namespace) -> int:
    file_options = FileOptions(
        format=options.format or format_of_name(options.file),
        encoding=options.encoding,
        delimiter=options.delimiter,
        header=options.header,
    )
    file_options.check()
    _check_rejected(options)
    table = shape_of(client, options.table)
    with ExitStack() as stack:
        stream = stack.enter_context(opened(options.file))
        layout = file_options.layout(stream, table)
        file_digest = digest_of(stream)
        path = None if options.dry_run else _journal_path(client, options, file_digest)
        journal = stack.enter_context(journal_at(path))
        sending = Sending(
            connection=client,
            table=table,
            layout=layout,
            journal=journal,
            file_digest=file_digest,
            run_id=journal.run_id(is_new=options.again),
            dry_run=options.dry_run,
        )
        show_position = stack.enter_context(
            progress_bar(table.name, total=os.fstat(stream.fileno()).st_size)
        )
        try:
            sending.send_all(stream, show_position)
        except ClientError as error:
            if error.is_passing:
                raise ClientError(f"{error} {RUN_AGAIN}") from error
            raise
        if digest_of(stream) != file_digest:
            raise ClientError(
                f"{options.file} changed while it was pushed: what was stored may be partly of before."
                " Push it again when nothing writes to it any more."
            )
        code = _report(table, journal, options)
        if path is not None:
            path.unlink(missing_ok=True)
        return code


def _check_rejected(options: Namespace) -> None:
    """Raises UsageError where the rejected rows would take the place of the file: its other rows would be gone."""
    if (
        options.rejected
        and options.file != STANDARD
        and options.rejected.exists()
        and Path(options.file).exists()
        and options.rejected.samefile(options.file)
    ):
        raise UsageError(f"--rejected: {options.rejected} is the file itself. Give another name.")


def _journal_path(client: Client, options: Namespace, file_digest: str) -> Path:
    """A file of its own for each file's content, table, service and way to read it."""
    asked = (options.format, options.delimiter, options.encoding, options.header, options.again)
    told = repr((client.address, options.table, file_digest, asked))
    name = hashlib.sha256(told.encode()).hexdigest()[:32]
    directory: Path = options.state_dir
    return directory / f"push-{name}.sqlite"


def _report(table: TableShape, journal: Journal, options: Namespace) -> int:
    totals, batches = journal.totals(), journal.batches()
    print(f"{table.name}: {_summary(totals, dry_run=options.dry_run)}{_named(batches)}")  # noqa: T201
    if journal.answered_before() == len(batches) > 0:
        _say(
            "These are the answers to an earlier push of the same file in the last 24 hours: nothing was done"
            " again. To have its rows judged anew: --again."
        )
    if not totals["rejected"]:
        return 0
    line, codes = len(table.fields) + 1, len(table.fields) + 2
    for row in islice(journal.rejected(), MAX_SHOWN_REJECTIONS):
        _say(f"line {row[line]}: {row[codes]}")
    if totals["rejected"] > MAX_SHOWN_REJECTIONS:
        _say(f"… and {totals['rejected'] - MAX_SHOWN_REJECTIONS:,} more rejected rows.")
    path = options.rejected or _free_name(options)
    write_rejected(path, table.fields, journal.rejected())
    _say(f"They are in {path}: correct it and push it.")
    is_all = totals["rejected"] == totals["received"]
    return EXIT_ALL_REJECTED if is_all else EXIT_SOME_REJECTED


def _free_name(options: Namespace) -> Path:
    """One that there is no file of: the last one may be half corrected."""
    stem = options.table if options.file == STANDARD else Path(options.file).stem
    path, number = Path(f"{stem}.rejected.csv"), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}.rejected-{number}.csv")
    return path


def _summary(totals: dict[str, Any], *, dry_run: bool) -> str:
    kept = " Nothing was kept: this was a dry run." if dry_run else ""
    replayed = (
        f" {totals['replayed']:,} rows that were rejected earlier for lack of them were taken in."
        if totals["replayed"]
        else ""
    )
    return (
        f"{totals['received']:,} received: {totals['inserted']:,} inserted, {totals['unchanged']:,} unchanged,"
        f" {totals['rejected']:,} rejected, {totals['not_attempted']:,} not attempted.{kept}{replayed}"
    )


def _named(batches: list[int]) -> str:
    if not batches:
        return ""
    if len(batches) == 1:
        return f" (batch {batches[0]})"
    return f" ({len(batches):,} batches, {batches[0]} to {batches[-1]})"


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201
