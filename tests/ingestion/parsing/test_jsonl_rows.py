from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.parsing.jsonl_rows import read_jsonl
from hrapi.ingestion.sent import Fault, SentRow


def rows_of(data: str | bytes, *, encoding: str = "utf-8") -> list[SentRow]:
    stream = io.BytesIO(data.encode(encoding) if isinstance(data, str) else data)
    return list(read_jsonl(stream, encoding=encoding))


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["no bom", "bom"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_each_line_that_is_not_blank_is_a_row(bom: bytes, end: bytes) -> None:
    data = bom + end.join([b'{"id": 1}', b"", b" \t", b' {"id": 2, "job": "a\xe2\x80\xa8b"} '])

    assert rows_of(data) == [
        SentRow(0, 1, {"id": 1}, '{"id": 1}'),
        SentRow(1, 4, {"id": 2, "job": "a\u2028b"}, '{"id": 2, "job": "a\u2028b"}'),
    ]


def test_a_bad_line_in_the_middle_is_a_row_with_its_line_named() -> None:
    rows = rows_of('{"id": 1}\n\n{"id": 2,\n{"id": 3}\n')

    assert [(row.index, row.line, row.content) for row in rows] == [
        (0, 1, {"id": 1}),
        (1, 3, None),
        (2, 4, {"id": 3}),
    ]
    (fault,) = rows[1].faults
    assert rows[1].raw == '{"id": 2,'
    assert (fault.field, fault.code, fault.value) == (
        None,
        RowCode.NOT_AN_OBJECT,
        '{"id": 2,',
    )
    assert fault.message.startswith("Line 3 is not a JSON object: ")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"id": 1} x', id="text after the value"),
        pytest.param("{'id': 1}", id="single quotes"),
        pytest.param("id,job", id="csv"),
        pytest.param("{", id="cut"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param("null", id="null"),
        pytest.param("7", id="number"),
        pytest.param('[{"id": 1}]', id="array"),
        pytest.param("\xa0", id="no-break space"),
    ],
)
def test_a_line_that_is_not_one_object_is_a_row_without_content(line: str) -> None:
    first, second = rows_of(f'{line}\n{{"id": 2}}\n')

    assert first.content is None
    assert (first.index, first.line, first.raw) == (0, 1, line[: 16 * 1024])
    assert [fault.code for fault in first.faults] == [RowCode.NOT_AN_OBJECT]
    assert second == SentRow(1, 2, {"id": 2}, '{"id": 2}')


@pytest.mark.parametrize(
    "length, is_read", [(1024 * 1024, True), (1024 * 1024 + 1, False), (4_000_000, False)]
)
def test_a_line_over_the_limit_is_too_long_and_only_that(length: int, is_read: bool) -> None:
    name = "x" * (length - len('{"job": ""}'))
    line = f'{{"job": "{name}"}}'

    first, second = rows_of(f'{line}\r\n{{"id": 2}}\r\n')

    message = "Line 1 has more than 1048576 characters, the most that a line may have."
    raw = line[: 16 * 1024]
    assert first == (
        SentRow(0, 1, {"job": name}, line)
        if is_read
        else SentRow(0, 1, None, raw, (Fault(None, RowCode.TOO_LONG, message, raw),))
    )
    assert second == SentRow(1, 2, {"id": 2}, '{"id": 2}')


@pytest.mark.parametrize("data", [b"", b"\n\n", b" \t\r\n", b"\xef\xbb\xbf"])
def test_a_file_without_values_has_no_rows(data: bytes) -> None:
    assert rows_of(data) == []


def test_a_file_in_another_encoding_loads_when_it_is_named() -> None:
    assert rows_of('{"job": "Köchin"}', encoding="cp1252") == [
        SentRow(0, 1, {"job": "Köchin"}, '{"job": "Köchin"}')
    ]


@pytest.mark.parametrize("data", [b'{"job": "caf\xe9"}', b'{"job": "\x00"}', b"%PDF-1.7"])
def test_a_file_that_is_not_text_is_refused_before_any_row_is_asked_for(data: bytes) -> None:
    with pytest.raises(ProblemError) as caught:
        read_jsonl(io.BytesIO(data))

    assert caught.value.code is ProblemCode.UNDECODABLE


@settings(deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=60),
        st.text(st.sampled_from('{}[]":,\\ue1 \r\n-.Na'), max_size=60).map(str.encode),
    )
)
def test_no_bytes_raise_anything_but_a_problem(data: bytes) -> None:
    try:
        rows = rows_of(data)
    except ProblemError:
        return

    lines = io.StringIO(data.decode("utf-8-sig"), newline="").readlines()
    not_blank = [number for number, line in enumerate(lines, 1) if line.strip(" \t\r\n")]
    assert [row.line for row in rows] == not_blank
