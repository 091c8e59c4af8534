"""Every limit of the API: where the code holds it, and what is sent at the limit and one beyond it.

The table of docs/api.md is held against this one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hrapi.api.models import TokenDetails
from hrapi.api.pagination import IdCursorPagination
from hrapi.api.request_log import MAX_ID_CHARACTERS
from hrapi.api.scopes import Scope
from hrapi.api.tokens import MAX_DAYS
from hrapi.ingestion.batches import MAX_BATCH_ROWS
from hrapi.ingestion.fields import MAX_ID, MAX_TEXT_LENGTH
from hrapi.ingestion.harmless import MAX_VALUE_CHARACTERS
from hrapi.ingestion.idempotency import MAX_KEY_CHARACTERS
from hrapi.ingestion.parsing.csv_record import MAX_FURTHER_LINES, MAX_LINE_CHARACTERS
from hrapi.ingestion.parsing.json_rows import MAX_JSON_DEPTH
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS
from hrapi.ingestion.stewardship import MAX_IDS, MAX_REASON_CHARACTERS
from hrapi.ingestion.validation import MAX_UNKNOWN_FIELDS
from hrapi.loads.models import Load
from hrapi.loads.orders import MAX_ENCODING_CHARACTERS
from reports.odata.parsing import MAX_FILTER_CHARACTERS, MAX_FILTER_DEPTH
from tests.loads.sending import send_file

DEPARTMENTS, TOKENS = "/api/v1/departments/", "/api/v1/auth/tokens/"
LOG = "/api/v1/rejected-rows/"


@dataclass(frozen=True)
class Limit:
    """`send(client, size)` sends something of that size; `beyond` is what the answer to one more says.

    `beyond` is a code, or of what is only cut a question to the answer, which is no at the limit.
    """

    most: int | str
    beyond: str | Callable[[Any], bool]
    send: Callable[[Any, int], Any]
    # Of a limit that is a setting: a small one for the test.
    set_to: int = 0

    @property
    def size(self) -> int:
        return self.set_to or int(self.most)


def post(client: Any, body: Any, to: str = DEPARTMENTS, **headers: str) -> Any:
    return client.post(to, body, format="json", headers=headers)


def post_text(
    client: Any, body: str | bytes, content_type: str = "text/csv", **options: Any
) -> Any:
    return client.post(DEPARTMENTS, body, content_type=content_type, **options)


def row(row_id: int = 1, department: str = "Law") -> dict[str, Any]:
    return {"id": row_id, "department": department}


def padded(size: int) -> bytes:
    return json.dumps([row()]).encode().ljust(size)


def form(client: Any, **fields: Any) -> Any:
    return client.post(DEPARTMENTS, fields, format="multipart")


def deep(client: Any, levels: int) -> Any:
    # Those of the row and of the array are two of them.
    nested = "[" * (levels - 2) + "]" * (levels - 2)
    body = f'[{{"id": 1, "department": {nested}}}]'
    return post_text(client, body, "application/json")


def line(client: Any, characters: int) -> Any:
    return post_text(client, "id,department\n1,Law" + " " * (characters - 5) + "\n2,Tax\n")


def entry_of(client: Any, body: Any) -> Any:
    """The entry in the reject log of a row that is rejected."""
    [found] = post(client, [body]).json()["rejected_rows"]
    return client.get(f"{LOG}{found['rejected_row']}/")


def raw_of_length(client: Any, characters: int) -> Any:
    sent = {"id": 0, "department": ""}
    rest = characters - len(json.dumps(sent))
    return entry_of(client, sent | {"department": "x" * rest})


def named_file(client: Any, characters: int) -> Any:
    return send_file(client, name="x" * (characters - 5) + "y.csv", force="true")


def token(client: Any, **order: Any) -> Any:
    return client.post(TOKENS, order, format="json")


def tokens(client: Any, number: int) -> Any:
    """The answer to the last of so many."""
    there = TokenDetails.objects.count()
    return [token(client) for _ in range(number - there)][-1]


def waiting(client: Any, number: int) -> Any:
    there = Load.objects.count()
    return [send_file(client, force="true") for _ in range(number - there)][-1]


def discard(client: Any, **order: Any) -> Any:
    return client.post(
        f"{LOG}discard/", {"filter": {"id": [1]}, "reason": "x"} | order, format="json"
    )


def odata(client: Any, text: str) -> Any:
    return client.get("/odata/v4/Departments", {"$filter": text})


LIMITS = {
    "rows of a batch": Limit(
        MAX_BATCH_ROWS,
        "batch_too_large",
        lambda client, size: post(client, [row(n) for n in range(1, size + 1)]),
    ),
    "bytes of a body, also after gunzip": Limit(
        "MAX_BODY_BYTES",
        "body_too_large",
        lambda client, size: post_text(
            client,
            gzip.compress(padded(size)),
            "application/json",
            headers={"content-encoding": "gzip"},
        ),
        set_to=100_000,
    ),
    "bytes of a file to load": Limit(
        "MAX_LOAD_BYTES",
        "body_too_large",
        lambda client, size: send_file(client, b"id,department\n1,Law\n".ljust(size, b"\n")),
        set_to=1000,
    ),
    "fields of a form": Limit(
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "invalid_parameter",
        lambda client, size: form(client, **{f"field {n}": "x" for n in range(size)}),
    ),
    "levels of JSON": Limit(MAX_JSON_DEPTH, "too_deep", deep),
    "an id, and so the digits of a number": Limit(
        MAX_ID, "out_of_range", lambda client, size: post(client, [row(size)])
    ),
    "characters of a text": Limit(
        MAX_TEXT_LENGTH, "too_long", lambda client, size: post(client, [row(1, "x" * size)])
    ),
    "characters of a line of CSV or JSON Lines": Limit(MAX_LINE_CHARACTERS, "too_long", line),
    "lines that a quoted cell goes on for": Limit(
        MAX_FURTHER_LINES,
        "malformed_csv",
        lambda client, size: post_text(client, 'id,department\n1,"' + "\n" * size + '"\n'),
    ),
    "unknown fields of a row that are named": Limit(
        MAX_UNKNOWN_FIELDS,
        lambda answer: "more fields are unknown" in answer.content.decode(),
        lambda client, size: post(client, [row() | {f"x{n}": 1 for n in range(size)}]),
    ),
    "characters of a rejected row that are kept": Limit(
        MAX_RAW_CHARACTERS, lambda answer: answer.json()["raw_truncated"], raw_of_length
    ),
    "characters of a `value` that are shown": Limit(
        MAX_VALUE_CHARACTERS,
        lambda answer: answer.json()["errors"][0]["value"].endswith("…"),
        lambda client, size: entry_of(client, {"id": "x" * size, "department": "Law"}),
    ),
    "`page_size`": Limit(
        IdCursorPagination.max_page_size,
        "invalid_parameter",
        lambda client, size: client.get(DEPARTMENTS, {"page_size": size}),
    ),
    "ids in a `filter` of the reject log": Limit(
        MAX_IDS,
        "invalid_parameter",
        lambda client, size: discard(client, filter={"id": list(range(1, size + 1))}),
    ),
    "characters of a `reason`": Limit(
        MAX_REASON_CHARACTERS,
        "invalid_parameter",
        lambda client, size: discard(client, reason="x" * size),
    ),
    "characters of an `Idempotency-Key`": Limit(
        MAX_KEY_CHARACTERS,
        "invalid_parameter",
        lambda client, size: post(client, [row()], **{"idempotency-key": "k" * size}),
    ),
    "characters of an `X-Request-ID`": Limit(
        MAX_ID_CHARACTERS,
        lambda answer: not answer["X-Request-ID"].startswith("xx"),
        lambda client, size: client.get(DEPARTMENTS, headers={"x-request-id": "x" * size}),
    ),
    "characters of a token's `name`": Limit(
        MAX_TEXT_LENGTH,
        "invalid_parameter",
        lambda client, size: token(client, name="x" * size),
    ),
    "`expires_days` of a token": Limit(
        MAX_DAYS, "invalid_parameter", lambda client, size: token(client, expires_days=size)
    ),
    "`scopes` of a token": Limit(
        len(Scope),
        "invalid_parameter",
        lambda client, size: token(client, scopes=["read"] * size),
    ),
    "tokens of a user that have not ended": Limit("TOKENS_PER_USER", "conflict", tokens, set_to=3),
    "files of a user that wait to be loaded": Limit(
        "WAITING_LOADS_PER_USER", "conflict", waiting, set_to=3
    ),
    "characters of a file's name": Limit(
        255, lambda answer: "y.csv" not in answer.json()["file_name"], named_file
    ),
    "characters of a `$filter` of OData": Limit(
        MAX_FILTER_CHARACTERS,
        "invalid_parameter",
        lambda client, size: odata(client, "id eq 1".ljust(size)),
    ),
    "levels of a `$filter` of OData": Limit(
        MAX_FILTER_DEPTH,
        "too_deep",
        lambda client, size: odata(client, "(" * size + "true" + ")" * size),
    ),
    "characters of an `encoding`": Limit(
        MAX_ENCODING_CHARACTERS,
        lambda answer: "so long a name" in answer.json()["detail"],
        lambda client, size: send_file(client, encoding="x" * size),
    ),
}
