"""Files to load, written by the tests, and the command that loads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from hrapi.ingestion.models import Batch, RejectedRow
from tests.installation import Finished

FIELDS = ("id", "name", "datetime", "department_id", "job_id")


def load(*arguments: str | Path) -> Finished:
    """Runs the command in this process."""
    output, errors = io.StringIO(), io.StringIO()
    code: Any = 0
    try:
        call_command("load", *map(str, arguments), stdout=output, stderr=errors)
    except SystemExit as end:
        code = end.code
    except CommandError as error:
        code = error.returncode
        errors.write(f"CommandError: {error}\n")
    return Finished(code, output.getvalue(), errors.getvalue())


def csv_file(path: Path, rows: Iterable[dict[str, Any]], *, header: bool = True) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
    return path


def jsonl_file(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def batches() -> list[tuple[Any, ...]]:
    """Table, received, inserted, unchanged, rejected and not attempted of each batch."""
    columns = ("table", "received", "inserted", "unchanged", "rejected", "not_attempted")
    return list(Batch.objects.order_by("id").values_list(*columns))


def rejections() -> list[tuple[Any, ...]]:
    """Line, status and codes of each entry of the reject log."""
    return list(RejectedRow.objects.order_by("id").values_list("line", "status", "codes"))
