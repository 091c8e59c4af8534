"""Files that are no text at all, told by how they begin."""

from __future__ import annotations

from hrapi.api.problems import ProblemCode, ProblemError

_SAVE_AS_CSV = "Open it in the spreadsheet program, save it as CSV UTF-8, and send that file."
_UNPACK = "Unpack it, and send the file that is inside."

_FORMAT_OF_START: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", _SAVE_AS_CSV),
    (b"%PDF-", "a PDF document", "Export the table itself as CSV UTF-8, and send that file."),
    (b"\x1f\x8b", "a gzip file", f"{_UNPACK} Rows may be posted with `Content-Encoding: gzip`."),
    (b"BZh91AY&SY", "a bzip2 file", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", _UNPACK),
    (b"Obj\x01", "an Avro file", "If it is a backup, `restore` reads it."),
)

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PARTS_OF_WORKBOOKS = (b"[Content_Types].xml", b"xl/", b"opendocument.spreadsheet")

_MARKUP_STARTS = (
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<table",
    b"<meta",
    b"<?xml",
    b"<!--",
)


def refuse_known_format(head: bytes) -> None:
    """Raise ProblemError(UNDECODABLE) when the first bytes are those of another kind of file.

    The detail says what the file looks like and what to do instead.
    """
    found = _known_format(head)
    if found is not None:
        what, remedy = found
        raise ProblemError(
            ProblemCode.UNDECODABLE, f"The file looks like {what}, not like CSV or JSON. {remedy}"
        )


def _known_format(head: bytes) -> tuple[str, str] | None:
    if head.startswith(_ZIP_STARTS):
        if any(part in head for part in _PARTS_OF_WORKBOOKS):
            return "an Excel workbook (.xlsx) or another spreadsheet", _SAVE_AS_CSV
        return "a zip archive or an Excel workbook (.xlsx)", f"{_UNPACK} {_SAVE_AS_CSV}"
    for start, what, remedy in _FORMAT_OF_START:
        if head.startswith(start):
            return what, remedy
    start = head[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP_STARTS):
        return "an HTML or XML page", "Perhaps a login page was saved. Send the CSV file itself."
    return None
