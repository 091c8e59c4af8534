"""Where exports are published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from hrapi.places.parsing import parse_place
from reports.lake.directory_lake import DirectoryLake
from reports.lake.errors import ExportError
from reports.lake.manifest import Manifest


class Lake(Protocol):
    """A directory, or a prefix in an S3 bucket. `str()` names it. Whatever fails raises ExportError or OSError."""

    def staging(self, run: str) -> AbstractContextManager[Path]:
        """An empty local directory for the files of a run, gone when the block ends."""

    def newest(self, name: str) -> Manifest | None:
        """That of the latest day below a directory like `employees` or `employees-changes`."""

    def fetched(self, path: str, into: Path) -> Path:
        """A local file with what lies at the path; a copy is made in `into`. MissingError when there is none."""

    def publish(
        self, staging: Path, exports: Sequence[Manifest], *, check_alone: Callable[[], None]
    ) -> None:
        """Publishes what was staged, each export whole, in place of that of the same day.

        `check_alone` is called right before, and raises django.db.Error when another run may be at work.
        """

    def keep_log(self, name: str, log: Path) -> None:
        """Keeps a copy of the log of a run beside the data."""


def lake_of(text: str) -> Lake:
    """The lake that an option names. Raises ExportError for one that is not understood."""
    try:
        found = parse_place(text)
    except ValueError as error:
        raise ExportError(str(error)) from None
    if isinstance(found, Path):
        return DirectoryLake(found)
    from reports.lake.bucket_lake import BucketLake

    return BucketLake(*found)
