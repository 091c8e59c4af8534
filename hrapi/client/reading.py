"""The rows of a dataset, out of one streamed answer that may have to be asked for again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx
import ijson

from hrapi.client.connection import Connection
from hrapi.client.errors import ClientError
from hrapi.client.retrying import logger

JSON = "application/json"
MAX_BREAKS = 5


def dataset_path(dataset: str) -> str:
    return f"/api/v1/datasets/{quote(dataset, safe='')}/"


def dataset_rows(
    connection: Connection, dataset: str, params: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Every row once. An answer is one moment of the data; after a break the next one must be of the same."""
    path = dataset_path(dataset)
    given, etag, breaks = 0, "", 0
    while True:
        try:
            with connection.stream(path, params=params, headers={"Accept": JSON}) as answer:
                found = answer.headers.get("ETag", "")
                if given and not (found == etag != "" and _holds(connection, path, params, etag)):
                    raise _changed(dataset)
                etag = found
                for row in islice(_parsed(answer), given, None):
                    given += 1
                    yield row
                return
        except ClientError as error:
            breaks += 1
            if not error.is_passing or breaks > MAX_BREAKS:
                raise
            logger.warning("%s Reading on after %d rows.", error, given)


def _holds(connection: Connection, path: str, params: Mapping[str, Any], etag: str) -> bool:
    """Whether the ETag is still that of the data. Rows may be newer than theirs, not than one that holds later."""
    headers = {"Accept": JSON, "If-None-Match": etag}
    with connection.stream(path, params=params, headers=headers) as answer:
        return answer.status_code == HTTPStatus.NOT_MODIFIED


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
