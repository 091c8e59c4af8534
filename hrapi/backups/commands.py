"""What the commands about backups share: exit codes, one line for what went wrong, progress."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from hrapi.backups.errors import BackupError, BadBackupError, BusyError
from hrapi.backups.stored import StoredTable, stored_tables
from hrapi.garbage import rare_garbage_collection

EXIT_WRONG_USAGE, EXIT_BAD_BACKUP, EXIT_BUSY = 2, 3, 75
ALL_TABLES = ", ".join(table.name for table in stored_tables())


class BackupCommand(BaseCommand):
    """A command whose errors are one line: 3 for a bad backup, 75 when another run is at work, else 1."""

    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with rare_garbage_collection():
                self.work(**options)
        except BadBackupError as error:
            raise CommandError(str(error), returncode=EXIT_BAD_BACKUP) from error
        except BusyError as error:
            raise CommandError(str(error), returncode=EXIT_BUSY) from error
        except BackupError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise CommandError(f"{where}{error.strerror or error}") from error
        except Error as error:
            first_line = str(error).strip().partition("\n")[0].rstrip(".")
            raise CommandError(
                f"The database failed ({type(error).__name__}): {first_line}."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=130) from None

    def work(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError


def add_trigger(parser: ArgumentParser) -> None:
    """The option by which a schedule says that it, not a person, runs the command."""
    parser.add_argument(
        "--trigger",
        choices=["manual", "cron"],
        default="manual",
        help="What the record of the run names as its cause; schedules say cron (default: %(default)s).",
    )


def tables_named(names: Sequence[str]) -> tuple[StoredTable, ...]:
    """The stored tables of these names, all without names. Raises CommandError for another name."""
    for name in names:
        if name not in {table.name for table in stored_tables()}:
            raise CommandError(
                f"{name[:60]!a} is none of the tables {ALL_TABLES}.", returncode=EXIT_WRONG_USAGE
            )
    return tuple(table for table in stored_tables() if not names or table.name in names)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[str, int], None]]:
    """A function that shows how many rows of a table are done, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda table, rows: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda table, rows: progress.update(
            task, description=f"{what} {table}: {rows:,} rows"
        )
