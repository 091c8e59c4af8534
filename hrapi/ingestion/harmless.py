"""What was sent, made fit to be shown again: in answers, in the reject log, in pages."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from hrapi.ingestion.fields import MAX_ID, is_missing
from hrapi.ingestion.parsing.numbers import NumberLiteral, plain_number
from hrapi.ingestion.sent import MAX_RAW_CHARACTERS, Fault, KeptRow, PlainText, SentRow

MAX_VALUE_CHARACTERS = 100

# What was parsed has no circles to look for.
_to_ascii_json = json.JSONEncoder(check_circular=False).encode
_NOT_ASCII = re.compile(r"[^\x00-\x7e]")


def harmless_value(value: Any) -> Any:
    """The value for a JSON answer: itself when short and harmless, else an escaped, shortened text of it."""
    # The plain ones first: a batch may have a thousand faults.
    if type(value) is str and len(value) <= MAX_VALUE_CHARACTERS and value.isprintable():
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, NumberLiteral):
        value = plain_number(value)
    if isinstance(value, int) and abs(value) <= MAX_ID:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str) and len(value) <= MAX_VALUE_CHARACTERS and value.isprintable():
        return value
    if isinstance(value, str):
        return shortened(json.dumps(value[: MAX_VALUE_CHARACTERS + 1])[1:-1])
    # Each piece has a character at least.
    return shortened("".join(islice(_pieces(value), MAX_VALUE_CHARACTERS + 1)))


def harmless_name(name: str | None) -> str | None:
    """A field's name as it was sent, escaped and shortened where needed."""
    return None if name is None else str(harmless_value(name))


def describe_fault(fault: Fault) -> dict[str, Any]:
    """`{"field": "name", "code": "required", "message": "…", "value": null}`: every key is always there."""
    return {
        "field": harmless_name(fault.field),
        "code": fault.code.value,
        "message": fault.message,
        "value": harmless_value(fault.value),
    }


def shortened(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARACTERS else text[:MAX_VALUE_CHARACTERS] + "…"


def ascii_json(value: Any) -> str:
    """The value as JSON in ASCII. Numbers keep the digits that were sent."""
    if type(value) is int:
        return str(value)
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    """The JSON of a value bit by bit, so that only the beginning of a large one need be made."""
    if isinstance(value, NumberLiteral):
        yield value.text
    elif isinstance(value, dict):
        opening = "{"
        for key, member in value.items():
            yield f"{opening}{json.dumps(key)}: "
            yield from _pieces(member)
            opening = ", "
        yield "}" if value else "{}"
    elif isinstance(value, list):
        opening = "["
        for member in value:
            yield opening
            yield from _pieces(member)
            opening = ", "
        yield "]" if value else "[]"
    else:
        yield json.dumps(value)


def raw_text(sent: SentRow) -> str:
    """The row as it was sent, as JSON in ASCII, whole."""
    if isinstance(sent.raw, str) and not isinstance(sent.raw, PlainText):
        return _NOT_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], sent.raw)
    try:
        return _to_ascii_json(sent.raw)
    except TypeError:
        # It has a number that is kept as it was written.
        return ascii_json(sent.raw)


def kept_row(table: str, sent: SentRow) -> KeptRow:
    """What the reject log keeps of the row."""
    if sent.kept is not None:
        return sent.kept
    raw = raw_text(sent)
    return KeptRow(raw[:MAX_RAW_CHARACTERS], len(raw), _content_hash(table, sent, raw))


def _content_hash(table: str, sent: SentRow, raw: str) -> str:
    """SHA-256 of the table and what the row says: the same for JSON and CSV, in whatever order of fields."""
    said = None if sent.content is None or sent.faults else _said(sent.content)
    said = said or sent.digest or raw
    return hashlib.sha256(f"{table}\n{said}".encode()).hexdigest()


def _said(content: dict[str, Any]) -> str | None:
    """What the fields that are not empty would hold in CSV, None when one holds what no cell can."""
    texts = []
    for field, value in content.items():
        kind = type(value)
        if kind is str:
            text = value.strip()
            if text and (text.isascii() or not is_missing(text)):
                texts.append((field, text))
        elif kind is int:
            texts.append((field, str(value)))
        elif kind is dict or kind is list:
            return None
        elif value is not None:
            texts.append((field, ascii_json(value)))
    return ascii(sorted(texts))
