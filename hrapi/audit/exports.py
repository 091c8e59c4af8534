"""Files that hold people's names, and leave the service."""

from __future__ import annotations

from collections.abc import Collection

from hrapi.audit.origin import current_request, path_of
from hrapi.audit.recording import Action, record
from hrapi.tables import Table


def record_export(*tables: Table, fields: Collection[str] | None = None) -> None:
    """Records that rows of tables are downloaded, if they hold names. `fields` are those shown; None is all."""
    holding = [
        table.name
        for table in tables
        if any(fields is None or field in fields for field in table.personal_fields)
    ]
    request = current_request()
    if holding and request is not None and request.method != "HEAD":
        filters = sorted(name for name in request.GET if name != "format")
        record(
            Action.NAMES_EXPORTED,
            {"tables": holding, "path": path_of(request), "filters": filters},
        )
