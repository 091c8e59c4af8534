from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from hrapi.api.problems import ProblemError
from hrapi.garbage import rare_garbage_collection
from hrapi.ingestion.answers import describe_result, summary
from hrapi.ingestion.batches import BatchResult, Origin
from hrapi.ingestion.correction_file import describe_errors
from hrapi.ingestion.files import FORMATS, HEADERS, FileOptions, format_of_name
from hrapi.ingestion.models import Batch
from hrapi.ingestion.services import Follower, load_rows, record_refusal
from hrapi.progress import progress_bar
from hrapi.tables import Table, all_tables, get_table

MAX_SHOWN_REJECTIONS = 20
RUN_AGAIN = "Run the load again; rows that are stored will be found unchanged."
EXIT_WRONG_USAGE, EXIT_SOME_REJECTED, EXIT_ALL_REJECTED = 2, 3, 4


class Command(BaseCommand):
    help = (
        "Loads a CSV or JSON Lines file of any size into a table, in transactions of 1,000 rows. "
        "Rows that cannot be taken go to the reject log. A load that was interrupted can be run again: "
        "what is there already is found unchanged. "
        "Exit codes: 0 everything landed, 3 some rows were rejected, 4 every row was rejected, "
        "1 the load could not be done, 2 wrong usage."
    )
    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "table",
            metavar="TABLE",
            choices=[table.name for table in all_tables()],
            help=f"One of {', '.join(table.name for table in all_tables())}.",
        )
        parser.add_argument("file", metavar="FILE", help="Path of the file; - is standard input.")
        parser.add_argument(
            "--format", choices=FORMATS, help="Default: by the file's name, else csv."
        )
        parser.add_argument("--delimiter", help="Of a CSV file: , ; | or tab (default: found).")
        parser.add_argument(
            "--encoding", default="utf-8", help="Of the file (default: %(default)s)."
        )
        parser.add_argument(
            "--header",
            choices=HEADERS,
            default="auto",
            help="Whether the first line of a CSV file names the columns (default: %(default)s).",
        )
        parser.add_argument(
            "--mode",
            choices=Batch.Mode.values,
            default=Batch.Mode.PARTIAL.value,
            help="partial loads every good row, atomic all or nothing (default: %(default)s).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Says what would happen and keeps nothing."
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="Prints the answer as JSON, with the first 1,000 rejected rows.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        table = get_table(options["table"])
        file_options = FileOptions(
            format=options["format"] or format_of_name(options["file"]),
            encoding=options["encoding"],
            delimiter=options["delimiter"],
            header=options["header"],
        )
        try:
            file_options.check()
        except ProblemError as problem:
            raise CommandError(problem.detail, returncode=EXIT_WRONG_USAGE) from problem
        origin = Origin(
            source=Batch.Source.COMMAND,
            mode=Batch.Mode(options["mode"]),
            dry_run=options["dry_run"],
            file_name="" if options["file"] == "-" else _shown_name(Path(options["file"])),
        )
        try:
            result = _load(table, origin, options["file"], file_options)
        except ProblemError as problem:
            raise CommandError(problem.detail) from problem
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror or error}") from error
        except DatabaseError as error:
            raise CommandError(
                f"The database failed ({type(error).__name__}): {_first_line(error)}. {RUN_AGAIN}"
            ) from error
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted. {RUN_AGAIN}", returncode=130) from None
        self._report(result, as_json=options["json"])
        if result.rejected:
            sys.exit(
                EXIT_ALL_REJECTED if result.rejected == result.received else EXIT_SOME_REJECTED
            )

    def _report(self, result: BatchResult, *, as_json: bool) -> None:
        answer = describe_result(result)
        if as_json:
            self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            batch = "" if result.batch_id is None else f" (batch {result.batch_id})"
            self.stdout.write(f"{result.table}: {summary(result)}{batch}")
        for row in answer["rejected_rows"][:MAX_SHOWN_REJECTIONS]:
            self.stderr.write(f"line {row['line']}: {describe_errors(row['errors'])}")
        if result.rejected > MAX_SHOWN_REJECTIONS:
            self.stderr.write(
                f"… and {result.rejected - MAX_SHOWN_REJECTIONS:,} more rejected rows."
            )
        if result.rejected and result.batch_id is not None:
            self.stderr.write(
                f"They are kept in the reject log: /api/v1/rejected-rows/?batch={result.batch_id}"
            )


class _Bar(Follower):
    """Shows how much of the file has been read."""

    def __init__(self, stream: BinaryIO, show_position: Callable[[int], None]) -> None:
        self._stream, self._show_position = stream, show_position

    def progressed(self, result: BatchResult) -> None:
        self._show_position(self._stream.tell())


def _load(table: Table, origin: Origin, name: str, options: FileOptions) -> BatchResult:
    try:
        with _opened(name) as stream, rare_garbage_collection():
            size = stream.seek(0, 2)
            with progress_bar(table.name, total=size) as show_position:
                bar = _Bar(stream, show_position)
                return load_rows(table, lambda: options.read_rows(stream, table), origin, bar)
    except ProblemError as problem:
        if not origin.dry_run:
            record_refusal(table, problem, origin)
        raise


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """The file, or standard input copied to a temporary file: it is read twice."""
    if name == "-":
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            yield copy
    else:
        with Path(name).open("rb") as file:
            if not file.seekable():
                with tempfile.TemporaryFile() as copy:
                    shutil.copyfileobj(file, copy)
                    yield copy
            else:
                yield file


def _shown_name(path: Path) -> str:
    # A name that is not UTF-8 could not be stored.
    return os.fsencode(path.name).decode(errors="backslashreplace")


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
