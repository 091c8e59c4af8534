"""What stands beside a file that was moved away. For the same file and load always the same bytes."""

from __future__ import annotations

import json
from typing import Any

from django.urls import reverse

from hrapi.api.problems import ProblemError
from hrapi.drops.directory import Entry
from hrapi.drops.names import DropName
from hrapi.ingestion.harmless import harmless_name
from hrapi.loads.models import Load
from hrapi.loads.selectors import rejected_rows_of

# As many as `load --json` shows.
MAX_REJECTED_ROWS = 1000


def result_of_load(entry: Entry, drop: DropName, load: Load) -> bytes:
    """```
    {"file": "20240131_jobs.csv", "date": "2024-01-31", "sha256": "…", "load": 7, "loaded_from": null,
     "error": null, "batch": 17, "table": "jobs", …}
    ```
    From `batch` on it is what `load --json` answers. `loaded_from` is the file that brought the same content
    first, where that was another one or came earlier: {"file": "20240130_jobs.csv", "date": "2024-01-30"}.
    """
    rejected_file = reverse("loads-rejected-rows-file", args=[load.pk])
    return _written(
        {
            "file": entry.name,
            "date": drop.date.isoformat(),
            "sha256": load.sha256,
            "load": load.pk,
            "loaded_from": _first_file(entry, drop, load),
            "error": (
                {"code": load.error_code, "detail": load.error_detail} if load.error_code else None
            ),
            "batch": load.batch_id,
            "table": load.table,
            "mode": load.mode,
            "dry_run": load.dry_run,
            **load.counts,
            **({"replayed": load.replayed} if load.replayed else {}),
            "rejected_rows": rejected_rows_of(load, at_most=MAX_REJECTED_ROWS),
            "rejected_rows_file": rejected_file if load.counts["rejected"] else None,
        }
    )


def result_of_refusal(name: str, detail: str) -> bytes:
    """Of what is no drop, and became no load."""
    return _written(
        {
            "file": harmless_name(name),
            "load": None,
            "error": {"code": "not_a_drop", "detail": detail},
        }
    )


def result_of_problem(name: str, drop: DropName, problem: ProblemError, batch: int) -> bytes:
    """Of a file whose content could not even be unpacked."""
    return _written(
        {
            "file": name,
            "date": drop.date.isoformat(),
            "load": None,
            "error": {"code": problem.code, "detail": problem.detail},
            "batch": batch,
            "table": drop.table.name,
        }
    )


def is_of_another_file(entry: Entry, drop: DropName, load: Load) -> bool:
    """Whether the load, which has ended, was that of another file, which had the same content."""
    return (load.file_name, load.date) != (entry.name, drop.date) or (
        load.finished_at is not None and entry.changed_at > load.finished_at
    )


def _first_file(entry: Entry, drop: DropName, load: Load) -> dict[str, Any] | None:
    if not is_of_another_file(entry, drop, load):
        return None
    return {"file": load.file_name, "date": load.date.isoformat() if load.date else None}


def _written(result: dict[str, Any]) -> bytes:
    text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate becomes an escape of JSON.
    return text.encode(errors="backslashreplace")
