"""What clients sent and what they were told, and whether the database agrees with all of it."""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.outcome import Outcome
from tests.faults.serving import Service
from tests.faults.stored import Entry, Stored, stored

Row = dict[str, Any]

CONFLICTS = {"already_exists", "duplicate_in_batch"}


@dataclass
class SentBatch:
    """A batch with a key of its own. Its first row is good, and no other batch has a row with that id.

    So it can be told whether the batch was carried out, whatever the service remembers of its key.
    """

    table: str
    rows: list[Row]
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: dict[str, Any] | None = None
    """What its client was told; None while it was told nothing."""


@dataclass
class Ledger:
    """The clients' own record. Its methods may be called from any thread, but for `settle`."""

    batches: list[SentBatch] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    busy: list[tuple[float, float]] = field(default_factory=list)
    """When requests were begun and ended that were answered 503."""
    outages: list[tuple[float, float]] = field(default_factory=list)
    """When the database was away."""
    rows_lost: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, batch: SentBatch) -> SentBatch:
        with self._lock:
            self.batches.append(batch)
        return batch

    def was_busy(self, begun: float, ended: float) -> None:
        with self._lock:
            self.busy.append((begun, ended))

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def settle(self, service: Service, outcome: Outcome) -> None:
        """Compares every row and every verdict with the database, and tells the outcome of each difference."""
        found = stored(service.installed)
        accounts = [_Account(batch, found, outcome) for batch in self.batches]
        for account in accounts:
            account.settle()
        self.rows_lost = sum(account.rows_lost for account in accounts)
        for miscount in found.miscounts():
            outcome.problem(miscount)
        executed = [account.batch_id for account in accounts if account.batch_id is not None]
        self._check_batches(found, outcome, Counter(executed))
        self._check_stored(found, outcome)
        self._check_busy(service, outcome)
        outcome.ledger = f"{self._totals()}; {_contents(found)}"
        if given_up := [account for account in accounts if account.answer is None]:
            whole = sum(account.batch_id is not None for account in given_up)
            outcome.ledger += f"; of {len(given_up):,} given up {whole:,} are there, whole"

    def _totals(self) -> str:
        acknowledged = [batch for batch in self.batches if batch.answer is not None]
        rows = sum(len(batch.rows) for batch in acknowledged)
        return (
            f"{len(self.batches):,} batches sent, {self.counts['again']:,} times again,"
            f" {len(acknowledged):,} acknowledged, {self.counts['replayed']:,} answers replayed;"
            f" {rows:,} rows acknowledged, {self.rows_lost:,} lost"
        )

    def _check_batches(self, found: Stored, outcome: Outcome, executed: Counter[int]) -> None:
        for batch_id, batch in found.batches.items():
            what = f"batch {batch_id} of {batch.table}"
            outcome.expect(not batch.refused, f"{what} was refused: {batch.refused}")
            if batch.source not in ("replay", "command"):
                times = executed[batch_id]
                outcome.expect(times == 1, f"{what} belongs to {times} requests")
        told = sum(batch.answer.get("replayed", 0) for batch in self.batches if batch.answer)
        replayed = sum(
            batch.inserted for batch in found.batches.values() if batch.source == "replay"
        )
        all_told = all(batch.answer for batch in self.batches if batch.table != "employees")
        outcome.expect(
            told == replayed if all_told else told <= replayed,
            f"{replayed} waiting rows were taken in, {told} were told of",
        )

    def _check_busy(self, service: Service, outcome: Outcome) -> None:
        """503 is for when the database was away, or when others kept changing the same rows."""
        unexcused = [
            (begun, ended)
            for begun, ended in self.busy
            if not any(begun <= until and ended >= since for since, until in self.outages)
        ]
        overtaken = service.log.read_text().count("BusyError")
        outcome.expect(
            len(unexcused) <= overtaken,
            f"503 while the database was there, {len(unexcused)} times; others in the way {overtaken}",
        )

    def _check_stored(self, found: Stored, outcome: Outcome) -> None:
        sent = {
            (batch.table, row["id"], _text(row)) for batch in self.batches for row in batch.rows
        }
        for table, rows in found.rows.items():
            for row_id, (row, batch_id) in rows.items():
                if batch_id is not None:
                    known = (table, row_id, _text(row)) in sent
                    outcome.expect(known, f"{table} {row_id}: nobody sent {row}")
        outcome.expect(found.orphans == 0, f"{found.orphans} orphans")


class _Account:
    """One batch, held against what is stored."""

    def __init__(self, batch: SentBatch, found: Stored, outcome: Outcome) -> None:
        self.batch, self.found = batch, found
        self.answer = batch.answer
        self.outcome = outcome
        self.rows_lost = 0
        """Rows that were acknowledged and are neither stored nor in the reject log."""
        first = found.rows[batch.table].get(batch.rows[0]["id"])
        self.batch_id = None if first is None else first[1]

    def settle(self) -> None:
        if self.batch_id is None:
            # Were a part of it there, the part's batch would belong to nobody.
            self._expect(self.answer is None, "was acknowledged and is not there")
            self.rows_lost = len(self.batch.rows) if self.answer else 0
            return
        entries = self.found.rejected[self.batch_id]
        if self.answer is not None:
            self._check_answer(self.answer, entries)
        received = self.found.batches[self.batch_id].received
        self._expect(received == len(self.batch.rows), f"has {received} rows")
        for index, row in enumerate(self.batch.rows):
            kept = self.found.rows[self.batch.table].get(row["id"])
            if index in entries:
                self._check_entry(index, entries[index], None if kept is None else kept[0])
            elif kept is None or kept[0] != row:
                self._expect(False, f"row {index} was taken and is not there: {row}, but {kept}")
                self.rows_lost += 1

    def _check_entry(self, index: int, entry: Entry, kept: Row | None) -> None:
        row = self.batch.rows[index]
        self._expect(entry.row == row, f"row {index} is logged as {entry.row}")
        if not CONFLICTS.isdisjoint(entry.faults):
            is_other = kept is not None and kept != row
            self._expect(is_other, f"row {index}: {entry.faults}, but {kept} is there")
        if entry.status == "resolved":
            self._expect(kept is not None, f"row {index} is resolved, but not there")

    def _check_answer(self, answer: dict[str, Any], entries: dict[int, Entry]) -> None:
        batch = self.found.batches.get(answer["batch"])
        self._expect(
            answer["batch"] == self.batch_id, f"is batch {self.batch_id}, not {answer['batch']}"
        )
        if batch is not None:
            counts = ("received", "inserted", "unchanged", "rejected", "not_attempted")
            told = {name: answer[name] for name in counts}
            kept = {name: getattr(batch, name) for name in counts}
            self._expect(told == kept, f"was told {told}, recorded is {kept}")
        told_rows = {
            row["index"]: (row["rejected_row"], [error["code"] for error in row["errors"]])
            for row in answer["rejected_rows"]
        }
        logged = {index: (entry.id, entry.told_faults) for index, entry in entries.items()}
        differences = [
            f"{index}: told {told_rows.get(index)}, kept {logged.get(index)}"
            for index in sorted(told_rows.keys() | logged.keys())
            if told_rows.get(index) != logged.get(index)
        ]
        self._expect(not differences, f"rejections differ, {len(differences)}: {differences}")

    def _expect(self, holds: bool, text: str) -> None:
        if not holds:
            name = f"{self.batch.table} from {self.batch.rows[0]['id']}"
            self.outcome.problem(f"{name}: {text}"[:600])


def _contents(found: Stored) -> str:
    """What of everything there is, so that it can be seen that it was there."""
    batches = found.batches.values()
    taken_in = sum(batch.inserted for batch in batches if batch.source == "replay")
    there = {
        "inserted": sum(batch.inserted for batch in batches) - taken_in,
        "taken in later": taken_in,
        "unchanged": sum(batch.unchanged for batch in batches),
    }
    log = Counter(entry.status for entries in found.rejected.values() for entry in entries.values())
    return ", ".join(f"{number:,} {what}" for what, number in {**there, **log}.items() if number)


def _text(row: Row) -> str:
    return json.dumps(row, sort_keys=True)
