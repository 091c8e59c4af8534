"""What somebody asks for who wants a token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.api.scopes import Scope
from hrapi.api.tokens import DEFAULT_DAYS, MAX_DAYS
from hrapi.ingestion.fields import parse_text
from hrapi.ingestion.sent import Fault

_FIELDS = ("name", "scopes", "expires_days")


def read_token_order(sent: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """`{"name": "nightly load", "scopes": ["ingest"], "expires_days": 30}`, any of it, as make_token takes it.

    Raises ProblemError for anything else.
    """
    if faults:
        raise _bad(faults[0].field or "body", faults[0].message)
    for name in sent:
        if name not in _FIELDS:
            raise _bad(f"{name[:40]!a}", f"Send {', '.join(_FIELDS)} or none of them.")
    try:
        name = parse_text(sent["name"]) if "name" in sent else ""
    except ValueError as error:
        raise _bad("name", str(error)) from None
    scopes, known = sent.get("scopes", []), [scope.value for scope in Scope]
    is_list = isinstance(scopes, list) and len(scopes) <= len(known)
    # An empty list would give all rights, which only who leaves it out can mean.
    is_empty = "scopes" in sent and not scopes
    if not is_list or is_empty or not all(scope in known for scope in scopes):
        raise _bad("scopes", f"Send a list of {', '.join(known)}, or of some of them.")
    days = sent.get("expires_days", DEFAULT_DAYS)
    if type(days) is not int or not 1 <= days <= MAX_DAYS:
        raise _bad("expires_days", f"Send a number of days from 1 to {MAX_DAYS}.")
    return {"name": name, "scopes": scopes, "days": days}


def _bad(name: str, message: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, f"{name}: {message}")
