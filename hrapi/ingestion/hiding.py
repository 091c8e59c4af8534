"""Faults of rows for those who may not see what was sent (hrapi/api/names.py says who may)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hrapi.tables import all_tables

NOT_SHOWN = "Not shown: it may hold names of people."


def shown_errors(errors: Sequence[dict[str, Any]], *, sees_sent: bool) -> list[dict[str, Any]]:
    """The faults as they are kept; to who may not see what was sent, without any of it."""
    return list(errors) if sees_sent else [without_sent(error) for error in errors]


def without_sent(error: Mapping[str, Any]) -> dict[str, Any]:
    """`{"field": "name", "code": "too_long", "message": "Too long."}`

    Which field of a table, null for a name that is none, and which code. Messages may quote what was sent, so this
    one is made of the code.
    """
    known = {field for table in all_tables() for field in table.fields}
    return {
        "field": error["field"] if error["field"] in known else None,
        "code": error["code"],
        "message": f"{error['code'].replace('_', ' ').capitalize()}.",
    }
