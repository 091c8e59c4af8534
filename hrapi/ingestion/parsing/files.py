"""What is checked in a file before any row of it is read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.parsing.formats import refuse_known_format

CHECK_CHUNK_BYTES = 1024 * 1024

_ASCII_PROBES = (b"\\x41 \\u0041", b"xn--mnchen-3ya", b"\x1b$B!!", bytes(range(128)))
"""Bytes that an encoding must read as ASCII, so that delimiters and line ends are what they seem.

Not so: Python's escapes, IDNA, ISO 2022, UTF-7, EBCDIC. Some raise errors of other kinds.
"""

_WIDE_BOMS = (
    # UTF-32 first: its little-endian BOM begins with the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_WIDE_OF_FIRST_NUL = {0: "utf-16-be", 1: "utf-16-le"}
"""What a text that starts with an ASCII character is, by the offset of its first NUL."""


def check_file(stream: BinaryIO, *, encoding: str = "utf-8", is_part: bool = False) -> None:
    """Read the whole file once, with flat memory, and leave it rewound.

    Raises ProblemError(UNDECODABLE) when it is not text in that encoding, has NUL bytes or is a
    file of another kind, and ProblemError(INVALID_PARAMETER) when there is no such encoding. A part of a file may
    begin like one of another kind.
    Offsets count from 0, lines from 1.
    """
    name = encoding_name(encoding)
    try:
        _check_chunks(stream, name=name, is_part=is_part)
    finally:
        stream.seek(0)


def encoding_name(encoding: str) -> str:
    """Return Python's name of a text encoding; UTF-8 with a BOM is plain `utf-8`."""
    if not _is_readable_encoding(encoding):
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            f"{encoding[:40]!a} is not a text encoding that can be read. Name another one, such "
            "as utf-8, cp1252, latin-1 or utf-16: `charset=…` in Content-Type, `encoding` of a load, "
            "`--encoding …` on the command line.",
        )
    name = codecs.lookup(encoding).name
    return "utf-8" if name == "utf-8-sig" else name


def _is_readable_encoding(encoding: str) -> bool:
    try:
        if _is_wide(codecs.lookup(encoding).name):
            return True
        return all(probe.decode(encoding) == probe.decode("ascii") for probe in _ASCII_PROBES)
    except (LookupError, ValueError):
        return False


def _is_wide(name: str) -> bool:
    return name.startswith(("utf-16", "utf-32"))


def _check_chunks(stream: BinaryIO, *, name: str, is_part: bool) -> None:
    decoder = codecs.getincrementaldecoder(name)()
    is_utf8 = name == "utf-8"
    is_wide = _is_wide(name)
    offset = 0
    for chunk in _chunks(stream):
        if offset == 0:
            if not is_part:
                refuse_known_format(chunk)
            better = _encoding_by_bom(chunk, name=name)
            if better is not None:
                raise _undecodable(stream, name=name, offset=0, better=better)
        if not is_wide and (index := chunk.find(b"\0")) >= 0:
            raise _has_nul(stream, name=name, offset=offset + index)
        # ASCII is valid UTF-8, unless the chunk before ended inside a character.
        if not (is_utf8 and chunk.isascii() and not decoder.getstate()[0]):
            _decode(decoder, chunk, stream=stream, name=name, offset=offset)
        offset += len(chunk)
    _decode(decoder, b"", stream=stream, name=name, offset=offset)


def _decode(
    decoder: codecs.IncrementalDecoder, chunk: bytes, *, stream: BinaryIO, name: str, offset: int
) -> None:
    try:
        decoder.decode(chunk, not chunk)
    except UnicodeDecodeError as error:
        # The error counts from the bytes that were kept from the chunk before.
        kept = len(error.object) - len(chunk)
        place = offset - kept + error.start
        raise _undecodable(stream, name=name, offset=place) from error


def _undecodable(
    stream: BinaryIO, *, name: str, offset: int, better: str | None = None
) -> ProblemError:
    stream.seek(offset)
    byte = stream.read(1)[0]
    better = better or _better_encoding(byte, name=name)
    line = _line_of(stream, name=name, offset=offset)
    return ProblemError(
        ProblemCode.UNDECODABLE,
        f"The file is not {name} text: the byte 0x{byte:02X} at offset {offset}, in line {line}, "
        f"cannot be read. Save it as UTF-8, or name its encoding; if that is {better}: "
        f"`charset={better}` in Content-Type, `encoding` of a load, `--encoding {better}` on the "
        "command line.",
    )


def _has_nul(stream: BinaryIO, *, name: str, offset: int) -> ProblemError:
    line = _line_of(stream, name=name, offset=offset)
    if (better := _WIDE_OF_FIRST_NUL.get(offset)) is not None:
        remedy = (
            f"Save it as UTF-8; if it is {better}: `charset={better}` in Content-Type, "
            f"`encoding` of a load, `--encoding {better}` on the command line."
        )
    else:
        remedy = "If it is a binary file, save the table as CSV UTF-8; else take the byte out."
    return ProblemError(
        ProblemCode.UNDECODABLE,
        f"The file is not {name} text: it has a NUL byte, 0x00, at offset {offset}, in line "
        f"{line}. {remedy}",
    )


def _encoding_by_bom(head: bytes, *, name: str) -> str | None:
    """Return the encoding to ask for instead when the first bytes speak against this one."""
    found = next((wide for bom, wide in _WIDE_BOMS if head.startswith(bom)), None)
    if name in ("utf-16", "utf-32"):
        # Without a BOM, their decoders do not know the order of the bytes.
        without_bom = f"{name}-le" if b"\0" in head else "utf-8"
        return None if found == name else (found or without_bom)
    return None if _is_wide(name) else found


def _better_encoding(byte: int, *, name: str) -> str:
    if _is_wide(name):
        return "utf-8"
    try:
        bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252" if name != "cp1252" else "latin-1"


def _line_of(stream: BinaryIO, *, name: str, offset: int) -> int:
    """Count the physical lines up to a byte. Only done for a file that is refused."""
    decoder = codecs.getincrementaldecoder(name)(errors="replace")
    line = 1
    after_cr = False
    left = offset
    for chunk in _chunks(stream):
        text = decoder.decode(chunk[:left])
        line += text.count("\r") + text.count("\n") - text.count("\r\n")
        line -= after_cr and text.startswith("\n")
        after_cr = text.endswith("\r") if text else after_cr
        left -= len(chunk)
        if left <= 0:
            break
    return line


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while chunk := stream.read(CHECK_CHUNK_BYTES):
        yield chunk
