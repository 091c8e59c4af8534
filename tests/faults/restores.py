"""Restores that are killed, and run into by writers: F11 and F12."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from tests.faults.installed import Senders, digests, orphans, service, token
from tests.faults.killing import all_verify, kill_after, seconds, until_free
from tests.faults.outcome import Outcome
from tests.installation import Installation


def kill_restores(*, times: int) -> Outcome:
    outcome = Outcome("F11", "kill -9 of a restore, both modes")
    rng = random.Random(11)
    killed, slowest, whole = 0, 0.0, {}
    with service(employees=30_000) as installed:
        name = installed.manage("backup").output.strip()
        _change(installed)
        _copy_tables(installed)
        before = digests(installed)
        for number in range(times):
            mode = ("replace", "merge")[number % 2]
            command = ("restore", "--from", name, "--mode", mode, "--no-input")
            if number < 2:
                # Once whole, to know what it leads to and how long it takes.
                taken = seconds(lambda command=command: installed.manage(*command))
                whole[mode] = digests(installed)
                outcome.expect(whole[mode] != before, "the restore did nothing")
                _put_back(installed)
                continue
            killed += kill_after(installed, rng.uniform(0.3, 1.05) * taken, *command)
            slowest = max(slowest, until_free(installed, outcome))
            after = digests(installed)
            outcome.expect(after in (before, whole[mode]), f"{mode}: neither before nor after")
            if after != before:
                _put_back(installed)
                outcome.expect(digests(installed) == before, "the test cannot go back")
        all_verify(outcome, installed.data_dir / "backups", "after the kills")
    outcome.tried = f"{killed} kills in {times - 2} runs"
    outcome.notes.append(f"locks free after {slowest:.1f} s at most")
    return outcome


def restore_under_load(*, times: int) -> Outcome:
    outcome = Outcome("F12", "restore --mode replace while 8 clients send rows")
    requests = mixed = looks = 0
    for _ in range(times):
        with service(employees=20_000) as installed, installed.serving(workers=2) as port:
            name = installed.manage("backup").output.strip()
            with installed.connection() as cursor:
                cursor.execute("UPDATE employees SET name = replace(name, 'Old', 'Changed')")
                cursor.execute("CREATE TABLE kept AS SELECT * FROM employees")
            senders = Senders(port, token(installed), outcome)
            with senders:
                time.sleep(1)
                restoring = installed.start("restore", "employees", "--from", name, "--no-input")
                begun = time.monotonic()
                while restoring.poll() is None:
                    [[old, changed]] = installed.query(
                        "SELECT count(*) FILTER (WHERE name LIKE 'Old%%'),"
                        " count(*) FILTER (WHERE name LIKE 'Changed%%') FROM employees"
                    )
                    looks += 1
                    mixed += (old, changed) not in ((20_000, 0), (0, 20_000))
                ended = time.monotonic()
                _, errors = restoring.communicate()
                outcome.expect(restoring.returncode == 0, errors.decode())
                time.sleep(1)
            requests += len(senders.answers)
            stored = {
                row[0]: row[1:]
                for row in installed.query("SELECT id, name, department_id, job_id FROM employees")
            }
            restored = {
                row[0]: (row[1].replace("Changed", "Old"), *row[2:])
                for row in installed.query("SELECT id, name, department_id, job_id FROM kept")
            }
            for id_, row in restored.items():
                outcome.expect(stored.pop(id_, None) == row, f"employee {id_} is not as restored")
            for answer in senders.answers:
                present = [stored.pop(row["id"], None) is not None for row in answer.rows]
                outcome.expect(len(set(present)) == 1, "a batch is there in part")
                if answer.begun > ended:
                    outcome.expect(present[0], "an acknowledged batch is missing")
                if answer.ended < begun:
                    outcome.expect(not present[0], "a row is there that the backup has not")
            outcome.expect(not stored, f"{len(stored)} rows of nobody")
            outcome.expect(orphans(installed) == 0, "orphans")
    outcome.expect(mixed == 0, f"{mixed} looks at a table in between")
    outcome.tried = f"{times} restores, {requests:,} requests, {looks:,} looks at the table"
    return outcome


def _change(installed: Installation) -> None:
    with installed.connection() as cursor:
        cursor.execute("UPDATE employees SET name = 'Changed ' || id WHERE id %% 7 = 0", [])
        cursor.execute("DELETE FROM employees WHERE id %% 11 = 0", [])
        cursor.execute("INSERT INTO departments (id, department) VALUES (99, 'Later')")
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " SELECT 900000 + n, 'Later', now(), 99, 1 FROM generate_series(1, 500) n"
        )


_CHANGED: Sequence[str] = ("departments", "employees")


def _copy_tables(installed: Installation) -> None:
    with installed.connection() as cursor:
        for table in _CHANGED:
            cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")


def _put_back(installed: Installation) -> None:
    with installed.connection(autocommit=False) as cursor:
        for table in reversed(_CHANGED):
            cursor.execute(f"DELETE FROM {table}")
        for table in _CHANGED:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
        cursor.connection.commit()
