"""What was sent, as a person can read it."""

from __future__ import annotations

import json
from typing import Any

from hrapi.ingestion.fields import FORBIDDEN
from hrapi.ingestion.harmless import ascii_json
from hrapi.ingestion.parsing.numbers import NumberLiteral


def in_words(code: str) -> str:
    """`unknown department`"""
    return code.replace("_", " ")


# They join letters or part them, in names and emoji.
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """The text with escapes for what cannot be seen: `Tab\\tin it`."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() or each in _JOINERS else json.dumps(each)[1:-1] for each in text
    )


def shown(value: Any) -> str:
    """Whatever was sent: a text as it is, all else as JSON."""
    return visible(value) if isinstance(value, str) else ascii_json(value)


def as_input(value: Any) -> str | None:
    """The value for a text input, None when it would come back as another one or could not be seen in it."""
    if isinstance(value, str):
        return None if FORBIDDEN.search(value) else value
    if isinstance(value, NumberLiteral):
        return value.text
    return str(value) if type(value) is int else None
