"""A form with a file of any size as it arrives: to the disk, in flat memory, and whole or refused."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters
from gunicorn.http.errors import ParseException

from hrapi.api.handlers import as_problem
from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.bodies import (
    FORM,
    content_encoding,
    declared_length,
    is_chunked,
    unsupported_encoding,
    unsupported_media_type,
)
from hrapi.ingestion.harmless import harmless_name

# What a form has besides its file: the other fields, boundaries and headers.
MAX_OTHER_BYTES = 64 * 1024

_RECEIVED = "_hrapi_received_form"


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent. `content` is open, seekable, and gone when it is closed, whatever happens."""

    name: str
    content: IO[bytes]
    bytes: int
    sha256: str


@dataclass(frozen=True)
class SentForm:
    """Each field and file once, by name."""

    fields: dict[str, str]
    files: dict[str, SentFile]


def receive_form(request: HttpRequest) -> SentForm:
    """The form of a request. Asked again it gives, or raises, the same.

    Raises ProblemError for what is no form, did not arrive whole, is too large or has a name twice.
    """
    known: SentForm | ProblemError | None = vars(request).get(_RECEIVED)
    if known is None:
        try:
            known = _receive(request)
        except ProblemError as problem:
            known = problem
            # The body cannot be read again, and whoever looks for the CSRF token would try.
            vars(request).update(_post=QueryDict(), _files=MultiValueDict())
        vars(request)[_RECEIVED] = known
    if isinstance(known, ProblemError):
        raise known
    return known


def file_too_large() -> ProblemError:
    return ProblemError(
        ProblemCode.BODY_TOO_LARGE,
        f"The file has more than {settings.MAX_LOAD_BYTES:,} bytes. Send it in parts, or load it with"
        " `manage.py load`.",
    )


def _receive(request: HttpRequest) -> SentForm:
    media_type, parameters = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if media_type.lower() != FORM:
        raise unsupported_media_type(media_type.lower(), [FORM])
    if content_encoding(request):
        raise unsupported_encoding(request, "no encoding")
    if is_chunked(request):
        raise ProblemError(ProblemCode.UNDECODABLE, "Send a form with its Content-Length.")
    declared = declared_length(request)
    body = _Body(request, boundary=parameters.get("boundary", ""))
    if declared > settings.MAX_LOAD_BYTES + MAX_OTHER_BYTES:
        raise file_too_large()
    handler = _FileHandler(request)
    try:
        posted, files = _parsed(request, body, handler)
        body.check_end(declared)
        form = SentForm(_fields(posted), _files(files))
    except BaseException:
        handler.close_all()
        raise
    # Where the CSRF token is looked for. The request closes the files when it is over.
    vars(request).update(_post=posted, _files=files)
    return form


def _parsed(
    request: HttpRequest, body: _Body, handler: _FileHandler
) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    try:
        parser = MultiPartParser(request.META, cast("IO[bytes]", body), [handler], "utf-8")
        return parser.parse()
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise as_problem(error) or error from error


def _fields(posted: QueryDict) -> dict[str, str]:
    fields = {}
    for name, values in posted.lists():
        if len(values) > 1:
            raise _sent_twice(name)
        if "\ufffd" in name + values[0]:
            raise ProblemError(
                ProblemCode.UNDECODABLE, f"{harmless_name(name)}: the form is not UTF-8."
            )
        fields[name] = values[0]
    return fields


def _files(files: MultiValueDict[str, Any]) -> dict[str, SentFile]:
    found = {}
    for name, values in files.lists():
        if len(values) > 1:
            raise _sent_twice(name)
        if values[0].size > settings.MAX_LOAD_BYTES:
            raise file_too_large()
        found[name] = SentFile(
            name=values[0].name,
            content=values[0].file,
            bytes=values[0].size,
            sha256=values[0].sha256,
        )
    return found


def _sent_twice(name: str) -> ProblemError:
    return ProblemError(
        ProblemCode.INVALID_PARAMETER, f"{harmless_name(name)}: the form has it twice."
    )


class _Body:
    """The body of a request, which is asked in the end whether it arrived whole."""

    def __init__(self, request: HttpRequest, *, boundary: str) -> None:
        self._request = request
        self._end = f"--{boundary}--".encode("utf-8", "surrogateescape")
        self._has_end = False
        self._length = 0
        # A boundary stands at the start of a line.
        self._tail = b"\n"

    def read(self, size: int) -> bytes:
        try:
            chunk: bytes = self._request.read(size)
        except (OSError, ParseException) as error:
            raise ProblemError(
                ProblemCode.UNDECODABLE, "The body could not be read to its end."
            ) from error
        self._length += len(chunk)
        seen = self._tail + chunk
        self._has_end = self._has_end or b"\n" + self._end in seen
        self._tail = seen[-len(self._end) :]
        return chunk

    def check_end(self, declared: int) -> None:
        if self._length < declared:
            raise ProblemError(
                ProblemCode.UNDECODABLE,
                f"The body ended after {self._length} of the {declared} bytes that were announced.",
            )
        if not self._has_end:
            raise ProblemError(
                ProblemCode.UNDECODABLE, "The form does not end with its boundary: it was cut."
            )


class _UploadedFile(UploadedFile):
    sha256 = ""


class _FileHandler(FileUploadHandler):
    """Writes files to the disk without a name there, so that a killed process leaves none behind."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self._opened: list[IO[bytes]] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request
        self._opened.append(self.file)
        self._digest = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._digest.update(raw_data)
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        uploaded = _UploadedFile(self.file, self.file_name, size=file_size)
        uploaded.sha256 = self._digest.hexdigest()
        return uploaded

    def close_all(self) -> None:
        for file in self._opened:
            file.close()
