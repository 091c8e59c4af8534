from __future__ import annotations

import csv
import io
import re
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.csv_cells import neutralise
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.parsing.csv_dialect import CsvOptions, HeaderOption
from hrapi.ingestion.parsing.csv_rows import read_csv
from hrapi.ingestion.sent import Fault, SentRow

JOB = ("id", "job")
TRIPLE = ("id", "name", "note")
LINE_END = re.compile(r"\r\n|\r|\n")


def rows_of(
    data: str | bytes,
    *,
    fields: tuple[str, ...] = JOB,
    delimiter: str | None = ",",
    header: HeaderOption = "auto",
    encoding: str = "utf-8",
) -> list[SentRow]:
    stream = io.BytesIO(data.encode(encoding) if isinstance(data, str) else data)
    options = CsvOptions(encoding=encoding, delimiter=delimiter, header=header)
    rows = list(read_csv(stream, fields=fields, singular="job", options=options))
    assert not stream.closed
    return rows


def good(index: int, line: int, **content: str) -> SentRow:
    return SentRow(index, line, content, content)


def ragged(index: int, line: int, cells: list[str], *, found: str, expected: str) -> SentRow:
    message = f"The row has {found}; {expected}."
    fault = Fault(None, RowCode.RAGGED_ROW, message, len(cells))
    return SentRow(index, line, None, cells, (fault,))


def malformed(index: int, line: int, raw: str, *, reason: str) -> SentRow:
    message = f"Line {line} is not well-formed CSV: {reason}"
    return SentRow(index, line, None, raw, (Fault(None, RowCode.MALFORMED_CSV, message, raw),))


NOT_CLOSED = "the quote that opens cell 2 is not closed before the end of the file."
TEXT_AFTER = (
    "something other than the delimiter follows the closing quote of cell {}. "
    'Inside quotes, write a quote twice: "".'
)
RUNS_ON = "a quote runs on over the end of the line, and then the row does not have {} cells."


@pytest.mark.parametrize("header", ["", "id,job\n"], ids=["no header", "header"])
@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "quoted"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["no bom", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("final", [True, False], ids=["final end", "no final end"])
def test_a_file_loads_however_it_is_written(
    header: str, quote: str, bom: bytes, end: str, final: bool
) -> None:
    text = f"{header}1,Köchin\n2,\n".replace(",", f"{quote},{quote}").replace("\n", f"{quote}\n")
    lines = [quote + line for line in text.splitlines()]
    data = end.join(lines) + (end if final else "")

    rows = rows_of(bom + data.encode(), delimiter=None)

    first = 2 if header else 1
    assert rows == [
        good(0, first, id="1", job="Köchin"),
        good(1, first + 1, id="2", job=""),
    ]


def test_lines_are_physical_lines_whatever_ends_them_and_blank_ones_count() -> None:
    rows = rows_of("\n  \nid,job\r\n\r\n1,a\r2,b\n\n\r   \r\n3,c")

    assert rows == [
        good(0, 5, id="1", job="a"),
        good(1, 6, id="2", job="b"),
        good(2, 10, id="3", job="c"),
    ]


def test_cells_are_untouched() -> None:
    rows = rows_of("1, Ann\t\n\t2 ,a\x0bb\x0cc\x1cd\x85e\u2028f\u3000\n,\n")

    assert rows == [
        good(0, 1, id="1", job=" Ann\t"),
        good(1, 2, id="\t2 ", job="a\x0bb\x0cc\x1cd\x85e\u2028f\u3000"),
        good(2, 3, id="", job=""),
    ]


def test_content_and_raw_leave_out_the_notes_of_the_rejected_rows() -> None:
    rows = rows_of('_rejected_row,_line,_Codes,job,id\n17,3,"job: required",,7\n18,4\n')

    expected = "5 are expected: _rejected_row, _line, _codes, job, id"
    assert rows == [
        replace(good(0, 2, job="", id="7"), corrects=17),
        ragged(1, 3, ["18", "4"], found="2 cells", expected=expected),
    ]


def test_a_header_repeated_in_the_middle_is_a_row() -> None:
    rows = rows_of("id,job\n1,a\nid,job\n")

    assert rows == [good(0, 2, id="1", job="a"), good(1, 3, id="id", job="job")]


def test_rows_begin_after_a_sep_line_and_a_header() -> None:
    assert rows_of("sep=;\r\nid;job\r\n1;a,b\r\n", delimiter=None) == [
        good(0, 3, id="1", job="a,b")
    ]


def test_a_file_in_another_encoding_loads_when_it_is_named() -> None:
    expected = [good(0, 1, id="1", job="Köchin…")]

    assert rows_of("1,Köchin…\n", encoding="cp1252") == expected
    assert rows_of("1,Köchin…\n", encoding="utf-16") == expected


@pytest.mark.parametrize("header", ["auto", "absent"])
@pytest.mark.parametrize("text", ["", "\n", "  \r\n\r", "\ufeff"])
def test_a_file_without_records_has_no_rows(text: str, header: HeaderOption) -> None:
    assert rows_of(text, header=header) == []
    assert rows_of(text, header=header, delimiter=None) == []


def test_a_header_alone_has_no_rows() -> None:
    assert rows_of("id,job") == []


def test_too_few_and_too_many_cells_are_ragged() -> None:
    expected = "2 are expected: id, job"

    assert rows_of("1\n1,a,\n1,'=b,c\n2,b\n,,,\n") == [
        ragged(0, 1, ["1"], found="1 cell", expected=expected),
        ragged(1, 2, ["1", "a", ""], found="3 cells", expected=expected),
        ragged(2, 3, ["1", "=b", "c"], found="3 cells", expected=expected),
        good(3, 4, id="2", job="b"),
        ragged(4, 5, ["", "", "", ""], found="4 cells", expected=expected),
    ]


@pytest.mark.parametrize(
    "record, cell",
    [
        pytest.param('1,"a"', "a", id="quoted"),
        pytest.param('1,"a,b"', "a,b", id="delimiter inside"),
        pytest.param('1,"say ""hi"""', 'say "hi"', id="doubled quotes"),
        pytest.param('1,""', "", id="empty"),
        pytest.param('1,""""', '"', id="one quote"),
        pytest.param('1,  "a"  ', "a", id="spaces around quotes"),
        pytest.param('1,"  a  "', "  a  ", id="spaces inside quotes"),
        pytest.param('"1" , "a"', "a", id="spaces between quoted cells"),
        pytest.param('1,O"Brien', 'O"Brien', id="quote in the middle"),
        pytest.param('1,a"b"c"', 'a"b"c"', id="quotes in the middle"),
        pytest.param('1,\t"a"', '\t"a"', id="a tab is no space"),
        pytest.param('"1","a"', "a", id="all quoted"),
        pytest.param('1,"a\nb"', "a\nb", id="lf inside"),
        pytest.param('1,"a\r\nb\r"', "a\r\nb\r", id="crlf and cr inside"),
        pytest.param('1,"\n\n  \n"', "\n\n  \n", id="blank lines inside"),
        pytest.param('1,"a""\n""b"', 'a"\n"b', id="doubled quotes beside a line end"),
        pytest.param('"1","\n"  ', "\n", id="spaces after a quote in the next line"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_quotes_are_read(record: str, cell: str, end: str) -> None:
    following = "2,b\n" if end else ""
    lines = len(LINE_END.findall(record)) + 1

    rows = rows_of(record + end + following)

    assert rows == [
        good(0, 1, id="1", job=cell),
        *([good(1, lines + 1, id="2", job="b")] if end else []),
    ]


@pytest.mark.parametrize(
    "record, reason",
    [
        pytest.param('1,"abc"def', TEXT_AFTER.format(2), id="text after the quotes"),
        pytest.param('"1"x,"a"', TEXT_AFTER.format(1), id="in the first cell"),
        pytest.param('1,"a" "b"', TEXT_AFTER.format(2), id="two quoted texts"),
        pytest.param('1,"a"\t', TEXT_AFTER.format(2), id="a tab after the quotes"),
        pytest.param('1,b,"a"x', TEXT_AFTER.format(3), id="in a cell too many"),
        pytest.param('1,"a', NOT_CLOSED, id="not closed"),
        pytest.param('1,"a""', NOT_CLOSED, id="doubled instead of closed"),
        pytest.param('1,b,"a', RUNS_ON.format(2), id="not closed in a cell too many"),
    ],
)
def test_wrong_quotes_are_malformed(record: str, reason: str) -> None:
    assert rows_of(f"0,a\n{record}\n\n2,b\r\n", header="absent") == [
        good(0, 1, id="0", job="a"),
        malformed(1, 2, record, reason=reason),
        good(2, 4, id="2", job="b"),
    ]


def test_an_unterminated_quote_swallows_none_of_the_rows_after_it() -> None:
    numbers = range(3, 5001)
    after = "".join(f"{number},b\n" for number in numbers)

    rows = rows_of(f'1,a\n2,"open\n{after}')

    reason = "the quote that opens cell 2 is not closed within 100 lines and 65536 characters."
    assert rows == [
        good(0, 1, id="1", job="a"),
        malformed(1, 2, '2,"open', reason=reason),
        *(good(number - 1, number, id=str(number), job="b") for number in numbers),
    ]


@pytest.mark.parametrize(
    "after, reason",
    [
        pytest.param('3,"Ann"', TEXT_AFTER.format(2), id="the next quote closes it"),
        pytest.param('3,",Ann"', RUNS_ON.format(2), id="the row then has too many cells"),
    ],
)
def test_an_unterminated_quote_does_not_take_a_quoted_row(after: str, reason: str) -> None:
    rows = rows_of(f'2,"open\n{after}\n4,c\n')

    assert rows[0] == malformed(0, 1, '2,"open', reason=reason)
    assert [row.line for row in rows] == [1, 2, 3]
    assert rows[1].content is not None
    assert rows[2] == good(2, 3, id="4", job="c")


def test_a_record_of_several_lines_with_too_few_cells_gives_its_lines_back() -> None:
    rows = rows_of('1,"a\nb"\n2,x,y\n', fields=TRIPLE)

    assert rows == [
        malformed(0, 1, '1,"a', reason=RUNS_ON.format(3)),
        ragged(1, 2, ['b"'], found="1 cell", expected="3 are expected: id, name, note"),
        good(2, 3, id="2", name="x", note="y"),
    ]


@pytest.mark.parametrize("further, is_read", [(100, True), (101, False)])
def test_a_record_may_run_on_over_a_bounded_number_of_lines(further: int, is_read: bool) -> None:
    rows = rows_of('1,"' + "\n" * further + '"\n')

    assert rows[0].content == ({"id": "1", "job": "\n" * further} if is_read else None)
    assert [row.line for row in rows] == ([1] if is_read else [1, further + 1])


@pytest.mark.parametrize("length, is_read", [(65534, True), (65535, False)])
def test_a_record_may_run_on_over_a_bounded_number_of_characters(
    length: int, is_read: bool
) -> None:
    rows = rows_of('1,"\n' + "x" * length + '"\n')

    assert rows[0].content == ({"id": "1", "job": "\n" + "x" * length} if is_read else None)
    assert [row.line for row in rows] == ([1] if is_read else [1, 2])


def test_a_field_of_200_kb_is_read() -> None:
    name = "x" * 200_000

    assert rows_of(f'1,{name}\n2,"{name}"\n') == [
        good(0, 1, id="1", job=name),
        good(1, 2, id="2", job=name),
    ]


@pytest.mark.parametrize("start", ["1,", '1,"', "", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_of_1_mb_is_too_long_and_only_that(start: str, end: str) -> None:
    long_line = (start + "x" * 1_000_000)[:1_000_000]

    rows = rows_of(f"0,a\n{long_line}{end}2,b\n")

    raw = long_line[: 16 * 1024]
    message = "Line 2 has more than 262144 characters, the most that a line may have."
    assert rows == [
        good(0, 1, id="0", job="a"),
        SentRow(1, 2, None, raw, (Fault(None, RowCode.TOO_LONG, message, raw),)),
        good(2, 3, id="2", job="b"),
    ]


@pytest.mark.parametrize("length, is_read", [(256 * 1024, True), (256 * 1024 + 1, False)])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_limit_of_a_line_does_not_count_its_end(length: int, is_read: bool, end: str) -> None:
    rows = rows_of("1," + "x" * (length - 2) + end)

    assert len(rows) == 1
    assert (rows[0].content is not None) == is_read


def test_what_is_kept_of_a_malformed_line_is_bounded() -> None:
    record = '1,"' + "x" * 100_000

    assert rows_of(record) == [malformed(0, 1, record[: 16 * 1024], reason=NOT_CLOSED)]


@pytest.mark.parametrize(
    "written, cell",
    [
        pytest.param("'=1+1", "=1+1", id="plain"),
        pytest.param('"\'=1+1"', "=1+1", id="quoted"),
        pytest.param('"\'\n=1"', "\n=1", id="over two lines"),
        pytest.param('"x\n\'=1"', "x\n'=1", id="in the second line only"),
        pytest.param("''=1", "'=1", id="two apostrophes"),
        pytest.param("O'Brien", "O'Brien", id="apostrophe inside"),
        pytest.param("'t Hooft", "'t Hooft", id="apostrophe of the text"),
        pytest.param(" '=1", " '=1", id="space before"),
    ],
)
def test_the_apostrophe_of_a_formula_is_taken_off(written: str, cell: str) -> None:
    assert rows_of(f"1,{written}\n") == [good(0, 1, id="1", job=cell)]


def test_the_apostrophe_of_a_formula_is_taken_off_in_a_further_line() -> None:
    rows = rows_of('1,"x\ny",\'=1\n', fields=TRIPLE)

    assert rows == [good(0, 1, id="1", name="x\ny", note="=1")]


def test_blank_lines_are_no_rows_of_a_single_column() -> None:
    rows = rows_of("1\n\n  \n2\n", fields=("id",))

    assert rows == [good(0, 1, id="1"), good(1, 4, id="2")]


@pytest.mark.parametrize(
    "data, options, code",
    [
        pytest.param(b"1,caf\xe9\n", CsvOptions(), ProblemCode.UNDECODABLE, id="cp1252"),
        pytest.param(b"1,\x00\n", CsvOptions(), ProblemCode.UNDECODABLE, id="nul"),
        pytest.param(b"PK\x03\x04", CsvOptions(), ProblemCode.UNDECODABLE, id="zip"),
        pytest.param(b"id,foo\n", CsvOptions(), ProblemCode.BAD_HEADER, id="bad header"),
        pytest.param(b"hello\n", CsvOptions(), ProblemCode.INVALID_PARAMETER, id="no delimiter"),
        pytest.param(
            b"1,a\n", CsvOptions(encoding="foo"), ProblemCode.INVALID_PARAMETER, id="encoding"
        ),
        pytest.param(
            b"1,a\n", CsvOptions(delimiter=":"), ProblemCode.INVALID_PARAMETER, id="delimiter"
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_any_row_is_asked_for(
    data: bytes, options: CsvOptions, code: ProblemCode
) -> None:
    with pytest.raises(ProblemError) as caught:
        read_csv(io.BytesIO(data), fields=JOB, singular="job", options=options)

    assert caught.value.code is code


cells = st.text(st.sampled_from("ab1 ,;\t|\"'=-\r\n\x0b\x85\u2028é👍"), max_size=6)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["minimal", "all"])
@settings(max_examples=400, deadline=None)
@given(
    table=st.lists(st.tuples(cells, cells, cells), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    is_given=st.booleans(),
)
def test_what_the_csv_module_writes_is_read_back(
    table: list[tuple[str, str, str]], delimiter: str, end: str, is_given: bool, quoting: Any
) -> None:
    text = "".join(written(row, delimiter=delimiter, quoting=quoting) + end for row in table)
    header = delimiter.join(TRIPLE) + end

    rows = rows_of(header + text, fields=TRIPLE, delimiter=delimiter if is_given else None)

    assert [row.content for row in rows] == [dict(zip(TRIPLE, row, strict=True)) for row in table]


def written(row: tuple[str, ...], *, delimiter: str, quoting: Any) -> str:
    # With another line end than CRLF, csv would leave cells with a lone CR or LF unquoted.
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
    writer.writerow([neutralise(cell) for cell in row])
    return file.getvalue().removesuffix("\r\n")


csv_text = st.text(st.sampled_from('a1,;|\t"""\' \n\n\r=é\x0b'), max_size=80)


@settings(max_examples=500, deadline=None)
@given(text=csv_text, fields=st.sampled_from([JOB, TRIPLE]))
@example(text='a","\n' * 20, fields=TRIPLE)
@example(text='1,"a\n,\n', fields=JOB)
def test_every_line_that_is_not_blank_is_in_exactly_one_row(
    text: str, fields: tuple[str, ...]
) -> None:
    rows = rows_of(text, fields=fields, header="absent")

    covered = [line for row in rows for line in lines_in(row)]
    lines = io.StringIO(text, newline="").readlines()
    with_text = {number for number, line in enumerate(lines, 1) if line.strip(" \r\n")}
    assert len(covered) == len(set(covered))
    assert with_text <= set(covered)
    assert [row.index for row in rows] == list(range(len(rows)))


def lines_in(row: SentRow) -> range:
    assert row.line is not None
    assert (row.content is None) == bool(row.faults)
    cells = row.content.values() if row.content is not None else ()
    further = sum(len(LINE_END.findall(cell)) for cell in cells)
    return range(row.line, row.line + further + 1)


@settings(max_examples=500, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=60),
        csv_text.map(str.encode),
        csv_text.map(lambda text: f"id,{text}".encode()),
    ),
    delimiter=st.sampled_from([None, ",", "tab"]),
    header=st.sampled_from(["auto", "present", "absent"]),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "shift_jis"]),
)
def test_no_bytes_raise_anything_but_a_problem(
    data: bytes, delimiter: str | None, header: HeaderOption, encoding: str
) -> None:
    try:
        rows = rows_of(data, delimiter=delimiter, header=header, encoding=encoding)
    except ProblemError:
        return

    assert [row.index for row in rows] == list(range(len(rows)))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('aaaaaaaaaaaaaaaaaaaa","\n', id="closes a quote and opens another"),
        pytest.param('"aaaaaaaaaaaaaaaaaaaaaa\n', id="opens a quote"),
        pytest.param('"""a,""aaaaaaaaaaaaa"",\n', id="doubled quotes"),
        pytest.param('1,2,"' + "a" * 600 + "\n" * 150, id="opens a quote now and then"),
        pytest.param('"' * 200_001 + "\n", id="quotes only"),
        pytest.param(" " * 200_000 + '"a" ' + " " * 40_000 + "x\n", id="spaces around quotes"),
    ],
)
def test_hostile_quotes_of_5_mb_are_read_in_linear_time(line: str) -> None:
    data = (line * (5_000_000 // len(line))).encode()
    options = CsvOptions(delimiter=",", header="absent")

    rows = read_csv(io.BytesIO(data), fields=TRIPLE, singular="job", options=options)

    assert sum(row.content is None for row in rows) > 0


class RepeatedText(io.RawIOBase):
    """A file that repeats a text, without holding it."""

    def __init__(self, text: bytes, *, times: int) -> None:
        self._block = text * (1 + 4_000_000 // len(text))
        self._size = len(text) * times
        self._position = 0
        self._period = len(text)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        assert whence == io.SEEK_SET
        self._position = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        start = self._position % self._period
        size = min(size, self._size - self._position)
        self._position += size
        return self._block[start : start + size]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"1,x", id="one line"),
        pytest.param(b" " * 50 + b"\n", id="blank lines"),
        pytest.param(b'1,"' + b"x" * 1000 + b"\n", id="quotes that are not closed"),
        pytest.param(b"1," + b"x" * 1000 + b"\n", id="rows"),
    ],
)
def test_memory_is_flat(text: bytes) -> None:
    file = RepeatedText(text, times=16_000_000 // len(text))
    options = CsvOptions(delimiter=",")
    tracemalloc.start()
    try:
        for _ in read_csv(file, fields=JOB, singular="job", options=options):  # type: ignore[arg-type]
            pass
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 8_000_000
