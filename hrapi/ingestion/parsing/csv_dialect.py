"""How a CSV file is written: its delimiter, its columns and where its rows begin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.parsing.csv_header import Header
from hrapi.ingestion.parsing.csv_record import (
    DELIMITERS,
    MAX_LINE_CHARACTERS,
    LineQueue,
    MalformedRecord,
    read_record,
)
from hrapi.ingestion.parsing.files import encoding_name
from hrapi.ingestion.parsing.lines import is_blank, is_too_long

SAMPLE_RECORDS = 50
SAMPLE_LINES = 200
SAMPLE_CHARACTERS = 1024 * 1024

HeaderOption = Literal["auto", "present", "absent"]

_DELIMITER_OF_NAME = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|"}
_SEP_LINE = re.compile(r'"?sep=([^\r\n])"?\s*\Z', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_WHICH = (
    "comma, semicolon, tab or pipe, as `?delimiter=…` in the address or `--delimiter …` on the "
    "command line"
)


@dataclass(frozen=True)
class CsvOptions:
    """What the sender says about a CSV file. `delimiter` None: find it.

    `first_line` is the line of another file in which the first row stands, when this one is a part of that.
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    header: HeaderOption = "auto"
    first_line: int | None = None

    def check(self) -> None:
        """Raises ProblemError for an encoding or a delimiter that no file can have."""
        encoding_name(self.encoding)
        if self.delimiter is not None:
            _checked_delimiter(self.delimiter)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read the rows. `columns` are fields or notes, in the file's order."""

    delimiter: str
    columns: tuple[str, ...]
    lines_before_rows: int


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A physical line, with its number from 1."""

    number: int
    text: str


def take_sample(lines: Iterable[str]) -> list[SampleLine]:
    """Return the first lines that are not blank, as many as are needed to find the dialect."""
    sample: list[SampleLine] = []
    characters = 0
    for number, text in enumerate(lines, start=1):
        if not is_blank(text):
            sample.append(SampleLine(number, text))
            characters += len(text)
        if len(sample) == SAMPLE_LINES or characters > SAMPLE_CHARACTERS:
            break
    return sample


def find_dialect(
    sample: Sequence[SampleLine], *, fields: Sequence[str], singular: str, options: CsvOptions
) -> Dialect:
    """Return the dialect of a file that begins with these lines.

    Raises ProblemError: INVALID_PARAMETER for a delimiter that is not one of the four or cannot
    be found, BAD_HEADER for a header that does not name every field once.
    """
    given = None if options.delimiter is None else _checked_delimiter(options.delimiter)
    lines_before = 0
    if sample and sample[0].number == 1 and (sep := _SEP_LINE.match(sample[0].text)):
        given = given or _checked_delimiter(sep[1])
        sample = sample[1:]
        lines_before = 1
    reader = _SampleReader(sample, fields=fields, singular=singular, option=options.header)
    delimiter = given or reader.find_delimiter()
    header = reader.header(delimiter=delimiter)
    if header is None:
        return Dialect(delimiter, tuple(fields), lines_before)
    if not header.is_good:
        raise header.problem(line=sample[0].number if sample else lines_before + 1)
    columns = tuple(column for column in header.columns if column is not None)
    return Dialect(delimiter, columns, reader.first_record(delimiter=delimiter).last_line)


class _Fit(NamedTuple):
    """How well a delimiter fits the sample; the greatest is the best.

    `records` have as many cells as are expected. `torn_cells`, counted downwards, have half of a
    pair of quotes, as when the comma of `1;"a,b"` is taken for the delimiter.
    """

    records: int
    torn_cells: int


class _SampleRecord(NamedTuple):
    """A record of the sample; without cells when it cannot be read."""

    cells: list[str] | None
    last_line: int


class _SampleReader:
    """Reads the sample with one delimiter after the other."""

    def __init__(
        self,
        sample: Sequence[SampleLine],
        *,
        fields: Sequence[str],
        singular: str,
        option: HeaderOption,
    ) -> None:
        self._sample = sample
        self._fields = fields
        self._singular = singular
        self._option = option

    def first_record(self, *, delimiter: str) -> _SampleRecord:
        """Return the first record, or one without cells when there is none."""
        return next(self._records(delimiter=delimiter), _SampleRecord(None, 0))

    def header(self, *, delimiter: str) -> Header | None:
        """Return the first record when it is a header, good or bad, or has to be one."""
        if self._option == "absent":
            return None
        cells = self.first_record(delimiter=delimiter).cells or []
        header = Header(cells, fields=self._fields, singular=self._singular)
        is_header = self._option == "present" or header.is_meant
        return header if is_header else None

    def find_delimiter(self) -> str:
        """Return the one delimiter that fits; raise ProblemError when it is not exactly one."""
        if not self._sample:
            return DELIMITERS[0]
        fits = {delimiter: self._fit(delimiter=delimiter) for delimiter in DELIMITERS}
        unquoted = _QUOTED.sub("", self._sample[0].text)
        occurring = [delimiter for delimiter in DELIMITERS if delimiter in unquoted]
        splits_header = [delimiter for delimiter in occurring if self._names_fields(delimiter)]
        best = [delimiter for delimiter in DELIMITERS if fits[delimiter] == max(fits.values())]
        if len(splits_header) == 1:
            return splits_header[0]
        if len(best) == 1:
            return best[0]
        if max(fits.values()).records == 0:
            if len(occurring) == 1:
                return occurring[0]
            if not occurring and self._names_fields(DELIMITERS[0]):
                return DELIMITERS[0]
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"It cannot be told which delimiter the file is written with. Name it: {_WHICH}.",
        )

    def _names_fields(self, delimiter: str) -> bool:
        header = self.header(delimiter=delimiter)
        return header is not None and header.is_meant

    def _fit(self, *, delimiter: str) -> _Fit:
        header = self.header(delimiter=delimiter)
        expected = len(header.columns if header and header.is_good else self._fields)
        records = islice(self._records(delimiter=delimiter), SAMPLE_RECORDS)
        fitting = [
            record.cells for record in records if record.cells and len(record.cells) == expected
        ]
        torn_cells = sum(cell.count('"') % 2 for cells in fitting for cell in cells)
        return _Fit(records=len(fitting), torn_cells=-torn_cells)

    def _records(self, *, delimiter: str) -> Iterator[_SampleRecord]:
        lines = LineQueue(line.text for line in self._sample)
        for line in lines:
            cells = None
            if not is_too_long(line, limit=MAX_LINE_CHARACTERS):
                record = read_record(line, lines, delimiter=delimiter)
                cells = None if isinstance(record, MalformedRecord) else record
            yield _SampleRecord(cells, self._sample[lines.number - 1].number)


def _checked_delimiter(name: str) -> str:
    delimiter = _DELIMITER_OF_NAME.get(name.casefold(), name)
    if delimiter not in DELIMITERS:
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"{name[:20]!r} is not a delimiter that can be read. Name one of these: {_WHICH}.",
        )
    return delimiter
