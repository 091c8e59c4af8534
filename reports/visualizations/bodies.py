"""What somebody sends to save a chart, to put charts together, or to share one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.request import Request

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.bodies import read_object
from hrapi.ingestion.fields import FORBIDDEN, parse_text
from reports.charts.specification import read_chart
from reports.visualizations.models import Share
from reports.visualizations.sharing import MAX_DAYS

MAX_DESCRIPTION = 5_000
MAX_CHARTS = 20
MAX_SITES = 10
_ORIGIN = re.compile(
    r"https?://(?=.{1,200}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*"
    r"(:(?P<port>[1-9][0-9]{0,4}))?"
)
_MAX_PORT = 65_535


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


def charts(sent: Any) -> list[int | str]:
    """Ids of visualizations and names of standard charts, each once."""
    is_list = isinstance(sent, list) and len(sent) <= MAX_CHARTS
    if not is_list or not all(
        type(key) is int or (type(key) is str and not key.isdigit()) for key in sent
    ):
        raise bad("charts", f"Send a list of up to {MAX_CHARTS} ids or names of standard charts.")
    if len(set(sent)) < len(sent):
        raise bad("charts", "Send each once.")
    return list(sent)


def formats(sent: Any) -> list[str]:
    known: list[str] = Share.Format.values
    if not isinstance(sent, list) or not sent or not all(each in known for each in sent):
        raise bad("formats", f"Send a list of {', '.join(known)}, or of some of them.")
    return [each for each in known if each in sent]


def expires_days(sent: Any) -> int:
    if type(sent) is not int or not 1 <= sent <= MAX_DAYS:
        raise bad("expires_days", f"Send a number of days from 1 to {MAX_DAYS}.")
    return sent


def frozen(sent: Any) -> bool:
    if type(sent) is not bool:
        raise bad("frozen", "Send true or false.")
    return sent


def embed_on(sent: Any) -> list[str]:
    """Origins as browsers write them: they become a part of a header."""
    is_list = isinstance(sent, list) and len(sent) <= MAX_SITES
    if not is_list or not all(isinstance(site, str) and _is_origin(site) for site in sent):
        raise bad(
            "embed_on",
            f"Send a list of up to {MAX_SITES} sites like https://wiki.example.com, in small letters and"
            " without a path.",
        )
    return list(dict.fromkeys(sent))


def _is_origin(site: str) -> bool:
    found = _ORIGIN.fullmatch(site)
    return found is not None and int(found["port"] or 0) <= _MAX_PORT


def bad(name: str, message: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: {message}")
