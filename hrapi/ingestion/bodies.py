"""Bodies of requests: bytes with limits, then rows."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from gunicorn.http.errors import ParseException
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from hrapi.api.forms import form_bytes
from hrapi.api.handlers import as_problem
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.batches import MAX_BATCH_ROWS
from hrapi.ingestion.harmless import harmless_name
from hrapi.ingestion.parsing.csv_dialect import CsvOptions
from hrapi.ingestion.parsing.csv_rows import read_csv
from hrapi.ingestion.parsing.json_rows import read_json, read_json_value
from hrapi.ingestion.parsing.jsonl_rows import read_jsonl
from hrapi.ingestion.sent import Fault, SentRow
from hrapi.tables import Table

JSON, CSV, FORM = "application/json", "text/csv", "multipart/form-data"
JSON_LINES = "application/jsonlines"

ROWS = (JSON, JSON_LINES, CSV, FORM)

_SENT_BYTES = "_hrapi_sent_bytes"


@dataclass(frozen=True, slots=True)
class SentBody:
    """The rows of a body. `is_single` when one row was sent by itself, to be answered by itself."""

    rows: list[SentRow]
    is_single: bool
    file_name: str = ""


def read_rows(request: Request, table: Table, csv_options: CsvOptions) -> SentBody:
    """The rows of a request, at most a thousand. Raises ProblemError for what cannot be read as rows."""
    media_type, parameters = content_type(request)
    encoding = parameters.get("charset", csv_options.encoding)
    if media_type == JSON:
        _check_charset(parameters)
        if csv_options != CsvOptions():
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                "delimiter and header are for CSV, first_line for CSV and JSON Lines; the body is JSON.",
            )
        rows, is_single = read_json(read_body(request), max_rows=MAX_BATCH_ROWS)
        return SentBody(rows, is_single)
    if media_type == JSON_LINES:
        if csv_options != CsvOptions(first_line=csv_options.first_line):
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                "delimiter and header are for CSV; the body is JSON Lines.",
            )
        lines = read_jsonl(
            io.BytesIO(read_body(request)),
            encoding=encoding,
            first_line=csv_options.first_line or 1,
        )
        return _file_body(lines, "JSON")
    if media_type == CSV:
        return _csv_body(io.BytesIO(read_body(request)), table, csv_options, encoding)
    if media_type == FORM:
        fields, files = read_form(request)
        file = files.get("file")
        if isinstance(file, UploadedFile):
            file.seek(0)
            return _csv_body(
                io.BytesIO(file.read()), table, csv_options, csv_options.encoding, file.name or ""
            )
        return SentBody([SentRow(0, None, fields, fields)], is_single=True)
    raise unsupported_media_type(media_type, ROWS)


def read_object(request: Request) -> tuple[dict[str, Any], list[Fault]]:
    """The one object of a PUT or PATCH, and its faults. Raises ProblemError when the body is anything else."""
    media_type, parameters = content_type(request)
    if media_type == FORM:
        fields, files = read_form(request)
        if files:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER,
                "Send the fields of the row. Files are for posting rows.",
            )
        return fields, []
    if media_type != JSON:
        raise unsupported_media_type(media_type, (JSON, FORM))
    _check_charset(parameters)
    row = read_json_value(read_body(request))
    if row.content is None:
        raise ProblemError(
            ProblemCode.WRONG_TOP_LEVEL_TYPE, "Send one object with the row's fields."
        )
    return row.content, list(row.faults)


def read_form(request: Request) -> tuple[dict[str, Any], MultiValueDict[str, UploadedFile]]:
    """The fields and files of a form. Raises ProblemError for one over the limit or with fields twice."""
    if content_encoding(request):
        raise unsupported_encoding(request, "no encoding")
    if declared_length(request) > settings.MAX_BODY_BYTES:
        raise body_too_large()
    if is_chunked(request):
        raise ProblemError(ProblemCode.UNDECODABLE, "Send a form with its Content-Length.")
    form_bytes(request._request)
    try:
        data = request.data
    except (ParseError, SuspiciousOperation) as error:
        raise as_problem(error) or error from error
    if not isinstance(data, QueryDict):
        raise ProblemError(ProblemCode.UNDECODABLE, "The form is empty.")
    files = request.FILES
    for name, values in data.lists():
        if len(values) > 1:
            raise ProblemError(
                ProblemCode.INVALID_PARAMETER, f"The form has {harmless_name(name)!r} twice."
            )
        if name not in files and "\ufffd" in name + values[0]:
            # Django puts this character where a form is not UTF-8; it would be stored.
            raise ProblemError(
                ProblemCode.UNDECODABLE, f"{harmless_name(name)}: the form is not UTF-8."
            )
    fields = {
        name: value
        for name, value in data.items()
        if name not in files and name != "csrfmiddlewaretoken"
    }
    if files and (fields or [*files] != ["file"]):
        raise ProblemError(
            ProblemCode.INVALID_PARAMETER,
            "Send either the fields of one row, or a CSV file as `file` and nothing else.",
        )
    return fields, files


def read_body(request: Request) -> bytes:
    """The whole body, unzipped, at most MAX_BODY_BYTES of it either way. Memory stays within that limit."""
    encoding = content_encoding(request)
    if encoding not in ("", "gzip"):
        raise unsupported_encoding(request, "gzip or no encoding")
    body = sent_bytes(request)
    return _unzipped(body, settings.MAX_BODY_BYTES) if encoding == "gzip" else body


def sent_bytes(request: Request) -> bytes:
    """The body as it was sent, at most MAX_BODY_BYTES of it. Asked again it gives, or raises, the same."""
    known: bytes | ProblemError | None = vars(request).get(_SENT_BYTES)
    if known is None:
        try:
            known = _read_whole(request)
        except ProblemError as problem:
            known = problem
        vars(request)[_SENT_BYTES] = known
    if isinstance(known, ProblemError):
        raise known
    return known


def _read_whole(request: Request) -> bytes:
    limit = settings.MAX_BODY_BYTES
    stream = _stream(request)
    declared = declared_length(request)
    if declared > limit:
        raise body_too_large()
    body = _read(stream, limit + 1)
    if len(body) > limit:
        raise body_too_large()
    if len(body) < declared:
        raise ProblemError(
            ProblemCode.UNDECODABLE,
            f"The body ended after {len(body)} of the {declared} bytes that were announced.",
        )
    # Rendering the browsable API looks at request.data; the stream cannot be read again.
    vars(request).update(_full_data={}, _data={}, _files=MultiValueDict())
    return body


def _read(stream: Any, size: int) -> bytes:
    try:
        body: bytes = stream.read(size)
    except (OSError, ParseException) as error:
        # The client has gone, or sent chunks that are none.
        raise ProblemError(
            ProblemCode.UNDECODABLE, "The body could not be read to its end."
        ) from error
    return body


def content_type(request: Request) -> tuple[str, dict[str, str]]:
    media_type, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    return media_type.lower(), parameters


def unsupported_media_type(media_type: str, supported: Iterable[str]) -> ProblemError:
    found = (
        f"The media type {media_type!r} is not taken" if media_type else "Content-Type is missing"
    )
    return ProblemError(
        ProblemCode.UNSUPPORTED_MEDIA_TYPE, f"{found}. Send {' or '.join(supported)}."
    )


def content_encoding(request: Request | HttpRequest) -> str:
    """How the body was encoded on its way; empty when it was not."""
    name = request.headers.get("Content-Encoding", "").strip().lower()
    return "" if name == "identity" else name


def unsupported_encoding(request: Request | HttpRequest, supported: str) -> ProblemError:
    return ProblemError(
        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        f"The content encoding {request.headers['Content-Encoding']!r} is not taken."
        f" Send {supported}.",
    )


def body_too_large() -> ProblemError:
    return ProblemError(
        ProblemCode.BODY_TOO_LARGE,
        f"The body has more than {settings.MAX_BODY_BYTES:,} bytes. Send it in parts.",
    )


def _csv_body(
    stream: io.BytesIO, table: Table, options: CsvOptions, encoding: str, file_name: str = ""
) -> SentBody:
    known = replace(options, encoding=encoding)
    reader = read_csv(stream, fields=table.fields, singular=table.singular, options=known)
    return _file_body(reader, "CSV", file_name)


def _file_body(reader: Iterator[SentRow], kind: str, file_name: str = "") -> SentBody:
    rows = list(islice(reader, MAX_BATCH_ROWS + 1))
    if not rows:
        raise ProblemError(
            ProblemCode.EMPTY_BATCH, f"The {kind} has no rows. Send 1 to {MAX_BATCH_ROWS:,}."
        )
    if len(rows) > MAX_BATCH_ROWS:
        raise ProblemError(
            ProblemCode.BATCH_TOO_LARGE,
            f"The {kind} has more than {MAX_BATCH_ROWS:,} rows. Send it in parts, or load it as a file.",
        )
    return SentBody(rows, is_single=False, file_name=file_name)


def _stream(request: Request) -> Any:
    return request.META["wsgi.input"] if is_chunked(request) else request._request


def is_chunked(request: Request | HttpRequest) -> bool:
    # Django reads nothing of such a body; the server says here that it marks the end itself.
    environ = request.META
    return bool(environ.get("wsgi.input_terminated") and "CONTENT_LENGTH" not in environ)


def declared_length(request: Request | HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return int(declared) if declared.isascii() and declared.isdigit() else 0


def _unzipped(body: bytes, limit: int) -> bytes:
    try:
        unzipped = gzip.GzipFile(fileobj=io.BytesIO(body)).read(limit + 1)
    except EOFError:
        raise _bad_gzip("ends in the middle of its gzip data") from None
    except (gzip.BadGzipFile, zlib.error):
        raise _bad_gzip("is no valid gzip data") from None
    if len(unzipped) > limit:
        raise body_too_large()
    return unzipped


def _bad_gzip(problem: str) -> ProblemError:
    return ProblemError(ProblemCode.UNDECODABLE, f"The body {problem}. Zip and send it again.")


def _check_charset(parameters: dict[str, str]) -> None:
    charset = parameters.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise ProblemError(
            ProblemCode.UNSUPPORTED_MEDIA_TYPE, f"JSON is sent as UTF-8, not {charset!r}."
        )
