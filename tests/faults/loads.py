"""Loads that are killed and run again: F2."""

from __future__ import annotations

import random
from typing import Any

from hrapi import sample_data
from tests.faults.killing import kill_after, seconds
from tests.faults.outcome import Outcome
from tests.faults.serving import Service
from tests.faults.stored import stored
from tests.ingestion.loading import csv_file

_EMPLOYEES = "SELECT id, name, datetime, department_id, job_id FROM employees ORDER BY id"
# The row that another one has the id of was stored by this load, or by the one that was killed.
_OPEN_REJECTIONS = """SELECT line, raw, array_replace(codes, 'already_exists', 'duplicate_in_batch')
    FROM rejected_rows WHERE status = 'open' ORDER BY line"""


def kill_loads(service: Service, *, rows: int, times: int) -> Outcome:
    """Each load is killed once or twice, then run to its end."""
    outcome = Outcome("F2", "kill -9 of a load, which is run again")
    rng = random.Random(2)
    installed = service.installed
    path = str(csv_file(installed.data_dir / "people.csv", _people(rows)))
    command = ("load", "employees", path)
    # Most of a short load is its start, in which there is nothing to lose.
    start = seconds(lambda: installed.manage("load", "employees", "-"))
    taken = seconds(lambda: installed.manage(*command)) - start
    clean = _end_state(service)
    outcome.expect(bool(clean[0] and clean[1]), "the load did nothing")
    killed, parts = 0, 0
    for _ in range(times):
        service.empty()
        for _ in range(rng.randint(1, 2)):
            there_are = _batches(service)
            killed += kill_after(
                installed,
                rng.uniform(0, taken),
                *command,
                has_begun=lambda there_are=there_are: _batches(service) > there_are,
            )
            [[there]] = installed.query("SELECT count(*) FROM employees")
            parts += 0 < there < len(clean[0])
        done = installed.manage(*command)
        outcome.expect(done.code == 3, f"ended with {done.code}: {done.errors[:300]}")
        outcome.expect(
            _end_state(service) == clean, "it ended otherwise than a load that was left alone"
        )
        for miscount in stored(installed).miscounts():
            outcome.problem(miscount)
    outcome.tried = f"{killed:,} kills of {times:,} loads of {rows:,} rows"
    outcome.notes.append(f"{parts:,} times a part was stored")
    return outcome


def _people(count: int) -> list[dict[str, Any]]:
    """Employees, some bad, some with the id of an earlier one, some sent twice."""
    rows = list(sample_data.employee_rows(count))
    for row in rows[100::400]:
        row["department_id"] = 99
    for index in range(200, count, 400):
        rows[index] = rows[index - 150] | {"name": "Somebody Else"}
        rows[index + 1] = dict(rows[index - 150])
    return rows


def _batches(service: Service) -> int:
    [[number]] = service.installed.query("SELECT count(*) FROM batches")
    return int(number)


def _end_state(service: Service) -> tuple[list[Any], list[Any]]:
    return service.installed.query(_EMPLOYEES), service.installed.query(_OPEN_REJECTIONS)
