"""How a file is written becomes how its rows are sent. `load` reads it with the same code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO, Literal

from hrapi.api.problems import ProblemError
from hrapi.client.errors import ClientError, UsageError
from hrapi.client.pushing.records import Record, csv_records, json_records
from hrapi.client.pushing.tables import TableShape
from hrapi.ingestion.parsing.csv_dialect import (
    CsvOptions,
    Dialect,
    HeaderOption,
    find_dialect,
    take_sample,
)
from hrapi.ingestion.parsing.csv_record import MAX_LINE_CHARACTERS
from hrapi.ingestion.parsing.csv_rows import read_csv
from hrapi.ingestion.parsing.files import check_file, encoding_name
from hrapi.ingestion.parsing.jsonl_rows import MAX_JSON_LINE_CHARACTERS, read_jsonl
from hrapi.ingestion.parsing.lines import physical_lines
from hrapi.ingestion.sent import SentRow

FileFormat = Literal["csv", "jsonl"]
FORMATS: tuple[FileFormat, ...] = ("csv", "jsonl")
HEADERS: tuple[HeaderOption, ...] = ("auto", "present", "absent")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_BOM = "\ufeff"


def format_of_name(name: str) -> FileFormat:
    return "jsonl" if PurePath(name).suffix.lower() in (".jsonl", ".ndjson") else "csv"


@dataclass(frozen=True)
class Layout:
    """How rows are sent: always as UTF-8, and of CSV under a header of our own.

    `head` stands before the rows of every body. A line that begins with a byte order mark keeps it, as it would
    in the middle of the file.
    """

    media_type: str
    params: dict[str, str]
    head: str
    encoding: str
    dialect: Dialect | None

    def records(self, stream: BinaryIO) -> Iterator[Record]:
        if self.dialect is None:
            return json_records(
                physical_lines(stream, encoding=self.encoding, limit=MAX_JSON_LINE_CHARACTERS)
            )
        lines = physical_lines(stream, encoding=self.encoding, limit=MAX_LINE_CHARACTERS)
        skipped = sum(1 for _ in islice(lines, self.dialect.lines_before_rows))
        return csv_records(lines, self.dialect, lines_before=skipped)

    def rows(self, table: TableShape, body: bytes, *, first_line: int) -> Iterator[SentRow]:
        """The rows of a body as the service reads them."""
        stream = io.BytesIO(body)
        if self.dialect is None:
            return read_jsonl(stream, first_line=first_line)
        options = CsvOptions(
            delimiter=self.dialect.delimiter, header="present", first_line=first_line
        )
        return read_csv(stream, fields=table.fields, singular=table.singular, options=options)


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What the sender says about the file. `delimiter` None: find it."""

    format: FileFormat
    encoding: str
    delimiter: str | None
    header: HeaderOption

    def check(self) -> None:
        """Raises UsageError for options that no file can have."""
        if self.format == "jsonl" and (self.delimiter is not None or self.header != "auto"):
            raise UsageError("delimiter and header are for CSV; the file is JSON Lines.")
        try:
            self._csv.check()
        except ProblemError as problem:
            raise UsageError(problem.detail) from problem

    def layout(self, stream: BinaryIO, table: TableShape) -> Layout:
        """Reads the whole file once. Raises ClientError for one that cannot be read."""
        try:
            check_file(stream, encoding=self.encoding)
            name = encoding_name(self.encoding)
            if self.format == "jsonl":
                return Layout("application/jsonlines", {}, _BOM, name, None)
            lines = physical_lines(stream, encoding=name, limit=MAX_LINE_CHARACTERS)
            dialect = find_dialect(
                take_sample(lines),
                fields=table.fields,
                singular=table.singular,
                options=self._csv,
            )
        except ProblemError as problem:
            raise ClientError(problem.detail, code=problem.code) from problem
        params = {"delimiter": _NAMES[dialect.delimiter], "header": "present"}
        head = f"{dialect.delimiter.join(dialect.columns)}\n"
        return Layout("text/csv", params, head, name, dialect)

    @property
    def _csv(self) -> CsvOptions:
        return CsvOptions(encoding=self.encoding, delimiter=self.delimiter, header=self.header)
