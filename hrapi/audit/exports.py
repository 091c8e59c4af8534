"""Files that hold people's names, and leave the service."""

from __future__ import annotations

from collections.abc import Collection

from hrapi.audit.origin import current_request, path_of
from hrapi.audit.recording import Action, record
from hrapi.tables import Table


def record_export(table: Table, fields: Collection[str]) -> None:
    """Records that rows of the table are downloaded, if the fields that are shown hold names."""
    if any(field in fields for field in table.personal_fields):
        _record(table)


def record_export_of_sent(*tables: Table) -> None:
    """Records that what was sent for the tables is downloaded: in a wrong column of any of them may be a name."""
    _record(*tables)


def _record(*tables: Table) -> None:
    request = current_request()
    if request is not None and request.method != "HEAD":
        filters = sorted(name for name in request.GET if name != "format")
        what = {"tables": [table.name for table in tables], "path": path_of(request)}
        record(Action.NAMES_EXPORTED, what | {"filters": filters})
