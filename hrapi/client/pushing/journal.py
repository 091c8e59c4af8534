"""What the service has acknowledged of a file, kept so that it survives a kill at any moment.

A SQLite file that only its owner can read: the verdicts in it hold what was sent.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hrapi.client.errors import ClientError

COUNTS = ("received", "inserted", "unchanged", "rejected", "not_attempted", "replayed")

_TABLES = """
CREATE TABLE IF NOT EXISTS run (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS limits (part INTEGER PRIMARY KEY, max_bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    part INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER, was_answered_before INTEGER NOT NULL,
    counts TEXT NOT NULL, rejected TEXT NOT NULL
);
"""


class Journal:
    """Answers by part, and the sizes that parts were cut to. Every change is committed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)

    def run_id(self, *, is_new: bool) -> str:
        """The same for one push however often it is gone on with; of a file's first push empty."""
        found = self._database.execute("SELECT id FROM run").fetchone()
        if found is None:
            found = [secrets.token_hex(8) if is_new else ""]
            self._write("INSERT INTO run VALUES (?)", *found)
        run_id: str = found[0]
        return run_id

    def has(self, key: str) -> bool:
        query = "SELECT 1 FROM answers WHERE key = ?"
        return self._database.execute(query, [key]).fetchone() is not None

    def keep(
        self,
        part: int,
        key: str,
        answer: dict[str, Any],
        rejected: Sequence[Sequence[Any]],
        *,
        was_answered_before: bool,
    ) -> None:
        """The answer of a part. `rejected` are its rows of the file of rejected rows."""
        counts = {name: answer.get(name, 0) for name in COUNTS}
        self._write(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
            *(part, key, answer["batch"], was_answered_before),
            *(json.dumps(counts), json.dumps(rejected)),
        )

    def max_bytes(self, part: int, *, default: int) -> int:
        query = "SELECT max_bytes FROM limits WHERE part <= ? ORDER BY part DESC LIMIT 1"
        found = self._database.execute(query, [part]).fetchone()
        return default if found is None else int(found[0])

    def limit(self, part: int, max_bytes: int) -> None:
        """From this part on, bodies are no larger."""
        self._write("INSERT OR REPLACE INTO limits VALUES (?, ?)", part, max_bytes)

    def totals(self) -> dict[str, int]:
        totals = dict.fromkeys(COUNTS, 0)
        for (counts,) in self._database.execute("SELECT counts FROM answers"):
            for name, number in json.loads(counts).items():
                totals[name] += number
        return totals

    def batches(self) -> list[int]:
        query = "SELECT batch FROM answers WHERE batch IS NOT NULL ORDER BY part"
        return [batch for (batch,) in self._database.execute(query)]

    def answered_before(self) -> int:
        """How many parts were answered as an earlier push was."""
        query = "SELECT coalesce(sum(was_answered_before), 0) FROM answers"
        return int(self._database.execute(query).fetchone()[0])

    def rejected(self) -> Iterator[list[Any]]:
        """All rows of the file of rejected rows, in the order of the file."""
        for (rows,) in self._database.execute("SELECT rejected FROM answers ORDER BY part"):
            yield from json.loads(rows)

    def _write(self, statement: str, *values: Any) -> None:
        with self._database:
            self._database.execute(statement, values)


@contextmanager
def journal_at(path: Path | None) -> Iterator[Journal]:
    """The journal of that file, which is made when there is none. None: one that is not kept."""
    if path is None:
        with closing(sqlite3.connect(":memory:")) as database:
            yield Journal(database)
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(path)) as database:
            yield Journal(database)
    except sqlite3.Error as error:
        raise ClientError(
            f"{path}, where it is kept how far the push has come, cannot be used: {error}. If it is damaged,"
            " remove it and run the same command again: nothing is stored twice."
        ) from error
