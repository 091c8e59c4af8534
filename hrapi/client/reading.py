"""What a dataset holds, out of one streamed answer that may have to be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import ijson

from hrapi.client.connection import Connection
from hrapi.client.errors import ClientError
from hrapi.client.retrying import logger

JSON, CSV = "application/json", "text/csv"
MAX_BREAKS = 5
CHUNK_BYTES = 64 * 1024

Item = TypeVar("Item")
Look = Callable[[httpx.Response], None]


def dataset_rows(
    connection: Connection, dataset: str, params: Mapping[str, Any], *, look: Look | None = None
) -> Iterator[dict[str, Any]]:
    """Every row once. `look` is shown each answer before its rows."""
    return _read(connection, dataset, params, JSON, _parsed, look)


def dataset_bytes(
    connection: Connection,
    dataset: str,
    params: Mapping[str, Any],
    *,
    media_type: str,
    look: Look | None = None,
) -> Iterator[bytes]:
    """The dataset as the service writes it, byte for byte."""
    return _read(connection, dataset, params, media_type, _chunks, look)


def _read(
    connection: Connection,
    dataset: str,
    params: Mapping[str, Any],
    media_type: str,
    items_of: Callable[[httpx.Response], Iterator[Item]],
    look: Look | None,
) -> Iterator[Item]:
    """Every item once. An answer is one moment of the data; after a break the next one must be of the same."""
    path = f"/api/v1/datasets/{quote(dataset, safe='')}/"
    given, etag, breaks = 0, "", 0

    def holds() -> bool:
        # Rows may be newer than the ETag they come with, not newer than one that holds after them.
        headers = {"Accept": media_type, "If-None-Match": etag}
        with connection.stream(path, params=params, headers=headers) as answer:
            return answer.status_code == HTTPStatus.NOT_MODIFIED

    while True:
        has_begun = False
        try:
            with connection.stream(path, params=params, headers={"Accept": media_type}) as answer:
                has_begun = True
                found = answer.headers.get("ETag", "")
                if given and not (found == etag != "" and holds()):
                    raise _changed(dataset)
                etag = found
                if answer.headers.get("Content-Type", "").partition(";")[0] != media_type:
                    raise _no_rows(answer)
                if look:
                    look(answer)
                for item in islice(items_of(answer), given, None):
                    given += 1
                    yield item
                return
        except ClientError as error:
            breaks += 1
            # What has not begun was tried for as long as it may be.
            if not has_begun or not error.is_passing or breaks > MAX_BREAKS:
                raise
            logger.warning("%s Reading on.", error)


def _chunks(answer: httpx.Response) -> Iterator[bytes]:
    # All of one size but the last, so that an answer with the same bytes has the same.
    return answer.iter_bytes(CHUNK_BYTES)


def _parsed(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    rows = ijson.sendable_list()
    parser = ijson.items_coro(rows, "item", use_float=True)
    is_first = True
    try:
        for piece in answer.iter_bytes():
            if is_first and not piece.startswith(b"["):
                raise _no_rows(answer)
            is_first = False
            parser.send(piece)
            yield from rows
            rows.clear()
        parser.close()
    except ijson.JSONError as error:
        raise _no_rows(answer) from error
    if is_first:
        raise _no_rows(answer)


def _no_rows(answer: httpx.Response) -> ClientError:
    return ClientError(
        f"What came from {answer.url.host} is no array of rows. Something before the service answers in its"
        " place: look at the address and at the proxy."
    )


def _changed(dataset: str) -> ClientError:
    return ClientError(
        f"The connection broke while {dataset} was read, and the data may have changed since: rows could be"
        " missing or there twice. Read it again from the start."
    )
