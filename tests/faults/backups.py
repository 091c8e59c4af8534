"""Backups that are run into, killed and left without room: F8 and F9."""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from itertools import count
from pathlib import Path

from hrapi.backups.directory_place import DirectoryPlace
from tests.faults.children import (
    CRASHED,
    SURVIVED,
    backup_in_child,
    crash,
    fail_at,
    limit_files,
    no_space,
)
from tests.faults.installed import Senders, backups, digests, orphans, service, token
from tests.faults.killing import all_verify, kill_after, seconds
from tests.faults.outcome import Outcome


def backup_under_load(*, times: int, at_most: float | None = None) -> Outcome:
    """`at_most`: how many times as long as without a backup the median answer may take."""
    outcome = Outcome("F8", "backup while 8 clients send rows")
    with service(employees=5000) as installed, installed.serving(workers=2) as port:
        senders = Senders(port, token(installed), outcome)
        with senders:
            time.sleep(3)
            quiet = [answer.seconds for answer in senders.answers]
            senders.answers.clear()
            for _ in range(times):
                done = installed.manage("backup")
                outcome.expect(done.code == 0, f"backup: {done.errors}")
            loaded = [answer.seconds for answer in senders.answers]
        names = backups(installed)
        outcome.expect(len(names) == times, f"{len(names)} of {times} backups are listed")
        for name in names:
            # Deep follows every reference from file to file.
            done = installed.manage("verify_backup", name, "--deep")
            outcome.expect(done.code == 0, f"{name}: {done.errors}")
        outcome.expect(orphans(installed) == 0, "orphans in the database")
    outcome.tried = f"{times} backups, {len(loaded):,} requests meanwhile"
    ratio = statistics.median(loaded) / statistics.median(quiet)
    if at_most is not None:
        outcome.expect(ratio < at_most, f"the median answer took {ratio:.2f} x as long")
    outcome.notes.append(f"median answer {ratio:.2f} x that without a backup")
    return outcome


def crash_at_every_step(place: Path, *, every: int = 1) -> Outcome:
    """Ends the process, or has the step fail, before each write, open, fsync, mkdir and rename of a backup.

    Uses the database of this process.
    """
    outcome = Outcome("F9", "crash and failure at every step of a backup")
    kept = backup_in_child(lambda: None)
    outcome.expect(kept == 0, f"the first backup ended with {kept}")
    [old] = DirectoryPlace(place).names()
    before = _files(place / old)
    tried = 0
    for fail in (crash, no_space):
        for step in count(1, every):
            code = backup_in_child(lambda step=step, fail=fail: fail_at(step, fail))
            if code == 0:
                # There were fewer steps than that.
                break
            tried += 1
            expected = (CRASHED,) if fail is crash else (1, SURVIVED)
            outcome.expect(code in expected, f"step {step}, {fail.__name__}: exit code {code}")
            all_verify(outcome, place, f"step {step}")
            outcome.expect(_files(place / old) == before, f"step {step}: an older backup changed")
            if len(DirectoryPlace(place).names()) > 1:
                outcome.expect(
                    code in (CRASHED, SURVIVED), f"step {step} failed, but the backup is listed"
                )
                _remove_but(place, old)
        _remove_but(place, old)
    outcome.tried = f"{tried} crashes and failures"
    return outcome


def disk_full(place: Path) -> Outcome:
    """No file may grow beyond a limit, for limits that stop each of the files in its turn."""
    outcome = Outcome("F9", "a disk that is full")
    outcome.expect(backup_in_child(lambda: None) == 0, "the first backup failed")
    [old] = DirectoryPlace(place).names()
    before = _files(place / old)
    limits = sorted({len(data) - 1 for data in before.values()} | {0, 100})
    for limit in limits:
        code = backup_in_child(lambda limit=limit: limit_files(limit))
        outcome.expect(code == 1, f"limit of {limit} bytes: exit code {code}")
        all_verify(outcome, place, f"limit of {limit} bytes")
        outcome.expect(_files(place / old) == before, "an older backup changed")
        outcome.expect(DirectoryPlace(place).names() == [old], "a backup without room is listed")
    outcome.expect(backup_in_child(lambda: None) == 0, "the next backup failed")
    outcome.tried = f"{len(limits)} limits of the size of a file"
    return outcome


def small_disk() -> Outcome:
    """A file system of 2 MB, which a backup does not fit into. Mounting needs root."""
    outcome = Outcome("F9", "a file system of 2 MB")
    with service(employees=200_000) as installed:
        mounted = installed.data_dir / "small"
        mounted.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            outcome.tried = "not tried: a file system cannot be mounted here"
            return outcome
        try:
            small = installed.manage("backup", "departments", "--to", str(mounted))
            outcome.expect(small.code == 0, f"a small backup: {small.errors}")
            for _ in range(3):
                full = installed.manage("backup", "--to", str(mounted))
                outcome.expect(full.code == 1, f"exit code {full.code}")
                outcome.expect("No space left" in full.errors, full.errors)
                outcome.expect(str(mounted) in full.errors, f"no path: {full.errors}")
            listed = installed.manage("list_backups", "--place", str(mounted)).output
            outcome.expect(listed.split()[:1] == small.output.split(), listed)
            again = installed.manage("backup", "departments", "--to", str(mounted))
            outcome.expect(again.code == 0, f"the next backup: {again.errors}")
        finally:
            subprocess.run(["umount", str(mounted)], check=True)
    outcome.tried = "3 backups that do not fit"
    return outcome


def kill_backups(*, times: int) -> Outcome:
    outcome = Outcome("F9", "kill -9 of a backup")
    rng = random.Random(9)
    with service(employees=30_000) as installed:
        place = installed.data_dir / "backups"
        taken = seconds(lambda: installed.manage("backup"))
        before = digests(installed, ("departments", "jobs", "employees"))
        killed = 0
        for _ in range(times):
            killed += kill_after(installed, rng.uniform(0.4, 1.05) * taken, "backup")
            all_verify(outcome, place, "after a kill")
        done = installed.manage("backup")
        outcome.expect(done.code == 0, f"the next backup: {done.errors}")
        outcome.expect(digests(installed, tuple(before)) == before, "the tables changed")
    outcome.tried = f"{killed} kills in {times} runs"
    return outcome


def _files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def _remove_but(place: Path, kept: str) -> None:
    for name in DirectoryPlace(place).names():
        if name != kept:
            DirectoryPlace(place).remove(name)
