from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from hrapi.drops.directory import DropDirectory, drop_directory
from hrapi.drops.errors import InterruptedLoadError
from hrapi.drops.planning import plan_drops
from hrapi.drops.services import Event, Kind, one_run_at_a_time, take_drops
from hrapi.ingestion.harmless import harmless_name
from hrapi.loads.stopping import StoppedError, stopped_by_signals

EXIT_SOME_REJECTED, EXIT_INTERRUPTED = 3, 130
AGAIN = "Run it again: it goes on where it was."


class Command(BaseCommand):
    help = (
        "Loads the files of a directory that are named YYYYMMDD_TABLE.csv or .jsonl, with .gz or without, each "
        "once by its content, in the order of days and of references, and moves them to done/ or failed/ there, "
        "with a result beside each. "
        "Exit codes: 0 nothing failed, or another run is at work; 3 some rows were rejected; 1 some file failed "
        "or could not be taken, or nothing could be done; 2 wrong usage; 130 interrupted."
    )
    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", metavar="DIRECTORY", type=Path)
        parser.add_argument(
            "--settle",
            metavar="SECONDS",
            type=_seconds,
            default=30,
            help="Leaves files that were changed less than so long ago: they may still be written (default: "
            "%(default)s).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Says what would be done and changes nothing."
        )

    def handle(
        self, *args: Any, directory: Path, settle: float, dry_run: bool, **options: Any
    ) -> None:
        try:
            with stopped_by_signals(), drop_directory(directory) as opened:
                if dry_run:
                    counts: Counter[Kind] = Counter()
                    self._tell(plan_drops(opened, settle_seconds=settle), counts)
                    if counts[Kind.FAILED]:
                        raise CommandError(f"{_files(counts[Kind.FAILED])} would fail.")
                else:
                    self._take(opened, settle)
        except StoppedError:
            raise CommandError(f"Interrupted. {AGAIN}", returncode=EXIT_INTERRUPTED) from None
        except InterruptedLoadError:
            raise CommandError(f"The database was gone or busy. {AGAIN}") from None
        except Error as error:
            first_line = str(error).strip().partition("\n")[0].rstrip(".")
            raise CommandError(
                f"The database failed ({type(error).__name__}): {first_line}. {AGAIN}"
            ) from error
        except OSError as error:
            raise CommandError(f"{directory}: {error.strerror or error}") from error

    def _take(self, directory: DropDirectory, settle: float) -> None:
        with one_run_at_a_time() as got:
            if not got:
                self.stderr.write("Another run of take_drops is at work; this one does nothing.")
                return
            counts: Counter[Kind] = Counter()
            try:
                self._tell(take_drops(directory, settle_seconds=settle), counts)
            finally:
                taken = counts[Kind.DONE] + counts[Kind.REJECTED]
                if taken or counts[Kind.FAILED]:
                    self.stdout.write(f"{taken:,} to done/, {counts[Kind.FAILED]:,} to failed/.")
        if counts[Kind.STUCK]:
            raise CommandError(
                f"{_files(counts[Kind.STUCK])} could not be taken and left there: run it by hand to see why."
            )
        if counts[Kind.FAILED]:
            raise CommandError(
                f"{_files(counts[Kind.FAILED])} failed: the results in failed/ say why."
            )
        if counts[Kind.REJECTED]:
            raise CommandError(
                f"Some rows of {_files(counts[Kind.REJECTED])} were rejected: the results in done/ say which.",
                returncode=EXIT_SOME_REJECTED,
            )

    def _tell(self, events: Iterable[Event], counts: Counter[Kind]) -> None:
        """A line for each file as it is done with, and counted: on stderr where nothing was done with it."""
        for event in events:
            counts[event.kind] += 1
            is_result = event.kind not in (Kind.LEFT, Kind.STUCK)
            stream = self.stdout if is_result else self.stderr
            stream.write(f"{harmless_name(event.name)}: {event.text}")


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number of seconds.")
    return seconds
