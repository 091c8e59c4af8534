"""All that the service has stored, as a test compares it with what was sent."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.faults.installed import ORPHANS
from tests.installation import Installation

_ROWS = {
    "departments": "SELECT id, department, batch_id FROM departments",
    "employees": (
        "SELECT id, name, to_char(datetime AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
        " department_id, job_id, batch_id FROM employees"
    ),
}
_FIELDS = {
    "departments": ("id", "department"),
    "employees": ("id", "name", "datetime", "department_id", "job_id"),
}


@dataclass(frozen=True)
class StoredBatch:
    table: str
    source: str
    refused: str
    received: int
    inserted: int
    unchanged: int
    rejected: int
    not_attempted: int


_BEFORE = re.compile(r"Before, it was (.*)\.")


@dataclass(frozen=True)
class Entry:
    """An entry of the reject log: the codes of its faults, and those it had when it was told of."""

    id: int
    row: Any
    status: str
    faults: list[str]
    told_faults: list[str]


@dataclass(frozen=True)
class Stored:
    rows: dict[str, dict[int, tuple[dict[str, Any], int | None]]]
    """For each table by id: the row as it can be posted, and its batch."""
    batches: dict[int, StoredBatch]
    inserted: dict[int, list[int]]
    """For each batch the ids of the rows it brought."""
    rejected: dict[int, dict[int, Entry]]
    """For each batch by position its entries of the reject log."""
    orphans: int

    def miscounts(self) -> Iterator[str]:
        """Batches whose counts do not add up, or are not what is there."""
        for batch_id, batch in self.batches.items():
            what = f"batch {batch_id} ({batch.source}) of {batch.table}"
            told = batch.inserted + batch.unchanged + batch.rejected + batch.not_attempted
            if told != batch.received:
                yield f"{what} does not add up: {batch}"
            there = len(self.inserted[batch_id]), len(self.rejected[batch_id])
            if there != (batch.inserted, batch.rejected):
                yield f"{what} counts {batch.inserted} inserted, {batch.rejected} rejected, not {there}"


def stored(installed: Installation) -> Stored:
    """From one snapshot: a client that gave up may have left a batch behind that is still at work."""
    with installed.connection(autocommit=False) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _read(cursor)


def _read(cursor: Any) -> Stored:
    rows: dict[str, dict[int, tuple[dict[str, Any], int | None]]] = {}
    inserted: dict[int, list[int]] = defaultdict(list)
    for table, query in _ROWS.items():
        rows[table] = {}
        cursor.execute(query)
        for *values, batch_id in cursor:
            rows[table][values[0]] = dict(zip(_FIELDS[table], values, strict=True)), batch_id
            inserted[batch_id].append(values[0])
    rejected: dict[int, dict[int, Entry]] = defaultdict(dict)
    cursor.execute('SELECT batch_id, "index", id, raw, status, errors, history FROM rejected_rows')
    for batch_id, index, entry_id, raw, status, errors, history in cursor:
        faults = [error["code"] for error in errors]
        # When what it lacked has come, it is rejected for what is wrong besides, or for another row with its id.
        before = [event["reason"] for event in history if event["action"] == "rejected"]
        told = _BEFORE.findall(before[0])[0].split(" and ") if before else faults
        rejected[batch_id][index] = Entry(entry_id, json.loads(raw), status, faults, told)
    cursor.execute(
        'SELECT id, "table", source, refused_code, received, inserted, unchanged, rejected,'
        " not_attempted FROM batches"
    )
    batches = {batch_id: StoredBatch(*members) for batch_id, *members in cursor}
    cursor.execute(ORPHANS)
    [[orphans]] = cursor
    return Stored(rows, batches, inserted, rejected, orphans)
