"""Backups that were changed in thousands of ways: F10."""

from __future__ import annotations

import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.backups.mutating import mutate
from tests.backups.running import everything, run
from tests.faults.outcome import Outcome


def mutations(made: Path, scratch: Path, *, times: int) -> Outcome:
    """Each mutation of the backup `made` must be refused by verify_backup and by restore.

    Uses the database of this process.
    """
    outcome = Outcome("F10", "mutations of a backup, verified and restored")
    rng = random.Random(10)
    before = everything()
    kinds: Counter[str] = Counter()
    # What Python opens once is opened now.
    _refused(outcome, made.parent / "20200101T000000.000000Z-abcdef", "nothing", code=1)
    for _ in range(times):
        changed = scratch / made.name
        shutil.copytree(made, changed)
        done = mutate(changed, rng)
        kinds[done.rpartition(" at ")[0] or done] += 1
        with opened() as paths:
            _refused(outcome, changed, done, code=3)
        outside = {path for path in paths if not path.startswith(str(scratch))}
        outcome.expect(not outside, f"{done}: opened {sorted(outside)[:3]}")
        shutil.rmtree(scratch)
    outcome.expect(everything() == before, "the database changed")
    outcome.tried = f"{times:,} mutations of {len(kinds)} kinds"
    return outcome


def _refused(outcome: Outcome, backup: Path, what: str, *, code: int) -> None:
    for command in (["verify_backup", backup], ["restore", "--no-input", "--from", backup]):
        finished = run(*map(str, command))
        outcome.expect(finished.code == code, f"{what}: {command[0]} ends with {finished.code}")
        one_line = len(finished.errors.splitlines()) == 1 and not finished.output
        outcome.expect(one_line, f"{what}: {command[0]} says {finished.errors[:200]}")


_opened: list[str] | None = None


@contextmanager
def opened() -> Iterator[list[str]]:
    """The paths that this process opens in the block, but for modules of Python."""
    global _opened  # An audit hook cannot be taken away again.
    if opened not in _hooked:
        sys.addaudithook(_note)
        _hooked.add(opened)
    _opened = paths = []
    try:
        yield paths
    finally:
        _opened = None


_hooked: set[Any] = set()


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], (str, bytes, Path)):
        path = str(arguments[0])
        if not path.endswith((".py", ".pyc")):
            _opened.append(path)
