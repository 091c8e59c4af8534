"""Files of rows: how they are written, and their rows. For the command line and for files sent to the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO, Literal

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.parsing.csv_dialect import CsvOptions, HeaderOption
from hrapi.ingestion.parsing.csv_rows import read_csv
from hrapi.ingestion.parsing.jsonl_rows import read_jsonl
from hrapi.ingestion.sent import SentRow
from hrapi.tables import Table

FileFormat = Literal["csv", "jsonl"]
FORMATS: tuple[FileFormat, ...] = ("csv", "jsonl")
HEADERS: tuple[HeaderOption, ...] = ("auto", "present", "absent")


def format_of_name(name: str) -> FileFormat:
    return "jsonl" if PurePath(name).suffix.lower() in (".jsonl", ".ndjson") else "csv"


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What the sender says about a file. `delimiter` None: find it."""

    format: FileFormat
    encoding: str = "utf-8"
    delimiter: str | None = None
    header: HeaderOption = "auto"

    def check(self) -> None:
        """Raises ProblemError for options that no file can have."""
        if self.format == "jsonl" and (self.delimiter is not None or self.header != "auto"):
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                "delimiter and header are for CSV; the file is JSON Lines.",
            )
        self._csv.check()

    def read_rows(self, stream: BinaryIO, table: Table) -> Iterator[SentRow]:
        """The rows of the file from its start, in flat memory. The stream must be seekable, and is left open.

        Raises ProblemError at once for a file that cannot be read. What is wrong with single rows is in their
        faults.
        """
        stream.seek(0)
        if self.format == "jsonl":
            return read_jsonl(stream, encoding=self.encoding)
        return read_csv(stream, fields=table.fields, singular=table.singular, options=self._csv)

    @property
    def _csv(self) -> CsvOptions:
        return CsvOptions(encoding=self.encoding, delimiter=self.delimiter, header=self.header)
