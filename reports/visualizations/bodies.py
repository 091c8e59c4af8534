"""What somebody sends to save a chart, to put charts together, or to share one."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.request import Request

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.bodies import read_object
from hrapi.ingestion.fields import FORBIDDEN, parse_text
from reports.charts.specification import read_chart

MAX_DESCRIPTION = 5_000


def read_fields(request: Request, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The fields that were sent, each read by its reader. Raises ProblemError for others, and for bad ones."""
    sent, faults = read_object(request)
    if faults:
        raise bad(faults[0].field or "body", faults[0].message)
    for name in sent:
        if name not in readers:
            raise bad(f"{name[:40]!a}", f"Send {', '.join(readers)}, or some of them.")
    return {name: readers[name](value) for name, value in sent.items()}


def need(fields: Mapping[str, Any], *names: str) -> None:
    """Raises ProblemError where one of them is missing."""
    for name in names:
        if name not in fields:
            raise bad(name, "It is needed.")


def title(sent: Any) -> str:
    try:
        return parse_text(sent)
    except ValueError as error:
        raise bad("title", str(error)) from None


def description(sent: Any) -> str:
    """A text of several lines, or none."""
    if type(sent) is not str or len(sent) > MAX_DESCRIPTION:
        raise bad("description", f"Send a text of up to {MAX_DESCRIPTION:,} characters.")
    text = unicodedata.normalize("NFC", sent.replace("\r\n", "\n").strip())
    if found := FORBIDDEN.search(text.replace("\n", " ").replace("\t", " ")):
        raise bad("description", f"The character U+{ord(found[0]):04X} cannot be kept. Remove it.")
    return text


def is_team(sent: Any) -> bool:
    if type(sent) is not bool:
        raise bad("is_team", "Send true or false.")
    return sent


def specification(sent: Any) -> dict[str, Any]:
    """As it is kept: with all that was left out."""
    return read_chart(sent).as_json()


def bad(name: str, message: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: {message}")
