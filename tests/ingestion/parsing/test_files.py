from __future__ import annotations

import io
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.parsing import files, lines
from hrapi.ingestion.parsing.files import check_file, encoding_name
from hrapi.ingestion.parsing.lines import physical_lines

ENCODINGS = ["utf-8", "cp1252", "utf-16-le", "utf-32-be", "shift_jis", "gb18030", "big5hkscs"]


def refusal(data: bytes, *, encoding: str = "utf-8") -> ProblemError:
    stream = io.BytesIO(data)
    with pytest.raises(ProblemError) as caught:
        check_file(stream, encoding=encoding)
    assert stream.tell() == 0
    return caught.value


def lines_of(data: bytes, *, encoding: str = "utf-8", limit: int = 1000) -> list[str]:
    return list(physical_lines(io.BytesIO(data), encoding=encoding, limit=limit))


def zip_with(name: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, "x")
    return archive.getvalue()


@pytest.mark.parametrize(
    "data, encoding",
    [
        pytest.param(b"", "utf-8", id="empty"),
        pytest.param(b"id,job\n1,Cook\n", "utf-8", id="ascii"),
        pytest.param(b"\xef\xbb\xbfid,job\n", "utf-8", id="bom"),
        pytest.param("1,Köchin 👩🏽‍🍳\n".encode(), "UTF-8", id="four-byte characters"),
        pytest.param("1,Köchin\n".encode("cp1252"), "cp1252", id="cp1252"),
        pytest.param("1,Köchin\n".encode("utf-16"), "utf-16", id="utf-16 has NUL bytes"),
        pytest.param("1,Köchin\n".encode("utf-16-be"), "UTF_16_BE", id="utf-16-be"),
        pytest.param(b"\x0b\x0c\x1a\x7f", "utf-8", id="control characters"),
    ],
)
def test_text_in_the_encoding_passes_and_is_rewound(data: bytes, encoding: str) -> None:
    stream = io.BytesIO(data)
    stream.seek(0, os.SEEK_END)

    check_file(stream, encoding=encoding)

    assert stream.tell() == 0
    assert stream.read() == data


@pytest.mark.parametrize(
    "data, encoding, byte, offset, line, better",
    [
        pytest.param(b"1,a\n2,caf\xe9\n", "utf-8", "0xE9", 9, 2, "cp1252", id="cp1252"),
        pytest.param(b"a\r\nb\rc\n\x81", "utf-8", "0x81", 7, 4, "latin-1", id="not in cp1252"),
        pytest.param(b"\xff\xfea\x00", "utf-8", "0xFF", 0, 1, "utf-16", id="utf-16 bom"),
        pytest.param(b"\xfe\xff\x00a", "cp1252", "0xFE", 0, 1, "utf-16", id="utf-16-be bom"),
        pytest.param("a".encode("utf-32"), "utf-8", "0xFF", 0, 1, "utf-32", id="utf-32 bom"),
        pytest.param(b"a\xc0\xaf", "utf-8", "0xC0", 1, 1, "cp1252", id="overlong"),
        pytest.param(b"ab\x80", "utf-8", "0x80", 2, 1, "cp1252", id="lone continuation byte"),
        pytest.param(b"ab\n\xf0\x9f\x91", "utf-8", "0xF0", 3, 2, "cp1252", id="truncated at end"),
        pytest.param(b"\xed\xa0\x80", "utf-8", "0xED", 0, 1, "cp1252", id="surrogate"),
        pytest.param(b"a\n\x81", "cp1252", "0x81", 2, 2, "latin-1", id="asked for cp1252"),
        pytest.param(b"a\n\xe9", "ascii", "0xE9", 2, 2, "cp1252", id="asked for ascii"),
        pytest.param(b"a\x00\n\x00b", "utf-16-le", "0x62", 4, 2, "utf-8", id="half a character"),
        pytest.param(b"a\x00b\x00", "utf-16", "0x61", 0, 1, "utf-16-le", id="utf-16 without bom"),
        pytest.param(b"a\n", "utf-16", "0x61", 0, 1, "utf-8", id="ascii, asked for utf-16"),
        pytest.param(b"\xff\xfea\x00\x00", "utf-16", "0x00", 4, 1, "utf-8", id="utf-16 cut"),
    ],
)
def test_an_undecodable_byte_is_named_with_its_place_and_the_encoding_to_ask_for(
    data: bytes, encoding: str, byte: str, offset: int, line: int, better: str
) -> None:
    problem = refusal(data, encoding=encoding)

    assert problem.code is ProblemCode.UNDECODABLE
    assert problem.detail == (
        f"The file is not {encoding} text: the byte {byte} at offset {offset}, in line {line}, "
        f"cannot be read. Save it as UTF-8, or name its encoding; if that is {better}: "
        f"`charset={better}` in Content-Type, `encoding` of a load, `--encoding {better}` on the"
        " command line."
    )


@pytest.mark.parametrize(
    "data, offset, line, remedy",
    [
        pytest.param(b"1,a\n2,\x00\n", 6, 2, "take the byte out", id="in a text"),
        pytest.param("id\n".encode("utf-16-le"), 1, 1, "--encoding utf-16-le", id="utf-16-le"),
        pytest.param("id\n".encode("utf-16-be"), 0, 1, "charset=utf-16-be", id="utf-16-be"),
    ],
)
def test_a_nul_byte_is_refused_with_its_place(
    data: bytes, offset: int, line: int, remedy: str
) -> None:
    problem = refusal(data)

    assert problem.code is ProblemCode.UNDECODABLE
    assert f"NUL byte, 0x00, at offset {offset}, in line {line}." in problem.detail
    assert remedy in problem.detail


@pytest.mark.parametrize(
    "data, what, remedy",
    [
        pytest.param(zip_with("xl/workbook.xml"), "Excel workbook", "CSV UTF-8", id="xlsx"),
        pytest.param(zip_with("jobs.csv"), "zip archive", "Unpack", id="zip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "(.xls)", "CSV UTF-8", id="xls"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", "CSV UTF-8", id="pdf"),
        pytest.param(b"\x1f\x8b\x08\x00", "gzip", "Content-Encoding: gzip", id="gzip"),
        pytest.param(b"Obj\x01\x04", "Avro", "restore", id="avro"),
        pytest.param(b"<!DOCTYPE html>\n<html>", "HTML", "CSV file itself", id="html"),
        pytest.param(b"\xef\xbb\xbf \r\n<HTML>", "HTML", "CSV file itself", id="html with bom"),
        pytest.param(b"<?xml version='1.0'?>", "XML", "CSV file itself", id="xml"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_file_of_another_kind_is_refused_with_what_it_looks_like(
    data: bytes, what: str, remedy: str, encoding: str
) -> None:
    problem = refusal(data, encoding=encoding)

    assert problem.code is ProblemCode.UNDECODABLE
    assert problem.detail.startswith("The file looks like ")
    assert what in problem.detail
    assert remedy in problem.detail


@pytest.mark.parametrize(
    "encoding",
    [
        *["klingon", "", "a\0b", "\ud800", "x" * 100_000],
        *["hex", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"],
        *["utf-7", "iso2022_jp", "hz", "cp037"],
    ],
    ids=lambda encoding: ascii(encoding[:20]),
)
def test_what_is_no_superset_of_ascii_is_an_invalid_parameter(encoding: str) -> None:
    problem = refusal(b"1,a\n", encoding=encoding)

    assert problem.code is ProblemCode.INVALID_PARAMETER


@pytest.mark.parametrize(
    "asked, name",
    [("UTF8", "utf-8"), ("utf-8-sig", "utf-8"), ("Windows-1252", "cp1252"), ("l1", "iso8859-1")],
)
def test_an_encoding_has_one_name(asked: str, name: str) -> None:
    assert encoding_name(asked) == name


def test_a_bad_byte_deep_in_a_large_file_is_named_by_line() -> None:
    data = b"1234567,Cook\r\n" * 200_000 + b"7,Caf\xe9\n" + b"1,a\n" * 200_000

    problem = refusal(data)

    assert "0xE9 at offset 2800005, in line 200001," in problem.detail


@settings(deadline=None)
@given(data=st.binary(max_size=40), encoding=st.sampled_from(ENCODINGS), chunk=st.integers(1, 7))
def test_chunks_do_not_matter_to_what_is_decodable(data: bytes, encoding: str, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # These look at the first bytes of the file, or for NUL in a whole chunk.
        patch.setattr(files, "refuse_known_format", lambda head: None)
        patch.setattr(files, "_encoding_by_bom", lambda head, name: None)
        data = data if encoding.startswith(("utf-16", "utf-32")) else data.replace(b"\0", b"0")
        expected = outcome(data, encoding=encoding)
        patch.setattr(files, "CHECK_CHUNK_BYTES", chunk)
        found = outcome(data, encoding=encoding)

    assert found == expected
    assert (expected is None) == is_decodable(data, encoding=encoding)


def is_decodable(data: bytes, *, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def outcome(data: bytes, *, encoding: str) -> str | None:
    try:
        check_file(io.BytesIO(data), encoding=encoding)
    except ProblemError as problem:
        return problem.detail
    return None


@settings(deadline=None)
@given(text=st.text(alphabet="aé👍\r\n\x0b\x0c\x1c\x85\u2028\ufeff", max_size=60))
def test_the_offset_of_a_bad_byte_is_where_decoding_stops(text: str) -> None:
    good = text.encode()

    problem = refusal(good + b"\xff")

    line = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    assert f"0xFF at offset {len(good)}, in line {line}," in problem.detail


@pytest.mark.parametrize(
    "data, expected",
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"a\nb\r\nc\rd", ["a\n", "b\r\n", "c\r", "d"], id="all three, and none"),
        pytest.param(b"\r\r\n\n\r", ["\r", "\r\n", "\n", "\r"], id="only line ends"),
        pytest.param(b"\xef\xbb\xbfa\n", ["a\n"], id="bom"),
        pytest.param(
            "a\x0bb\x0cc\x1cd\x85e\u2028f\n".encode(),
            ["a\x0bb\x0cc\x1cd\x85e\u2028f\n"],
            id="other separators stay inside",
        ),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 65536])
def test_only_lf_crlf_and_cr_end_a_line(
    data: bytes, expected: list[str], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", chunk)

    assert lines_of(data) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
@pytest.mark.parametrize("length, kept", [(8, 8), (9, 9), (10, 9), (50, 9)])
@pytest.mark.parametrize("chunk", [1, 7, 8, 9, 10, 11, 65536])
def test_a_line_over_the_limit_is_cut_and_the_rest_of_it_skipped(
    end: str, length: int, kept: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", chunk)
    long_line = "x" * length + end
    data = f"a\n{long_line}" + ("b\n" if end else "")

    found = lines_of(data.encode(), limit=8)

    shown = "x" * kept + (end if length <= 8 else "")
    assert found == ["a\n", shown, *(["b\n"] if end else [])]


@settings(deadline=None)
@given(text=st.text(alphabet="aé\r\n\x85", max_size=40), chunk=st.integers(1, 5))
def test_lines_put_together_again_are_the_text(text: str, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "CHUNK_BYTES", chunk)
        found = lines_of(text.encode())

    assert "".join(found) == text
    assert found == io.StringIO(text, newline="").readlines()
