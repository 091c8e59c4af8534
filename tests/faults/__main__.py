"""`make faults`: what can go wrong is made to go wrong, many times over, and what was lost is printed.

`python -m tests.faults F9 F11` runs only these. After ten minutes it stops, and has failed.
`python -m tests.faults soak`, or `soak --minutes 1`, runs the soak, which takes longer.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
import time

_DATA_DIR = tempfile.mkdtemp(prefix="hrapi-faults-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
os.environ |= {
    "HRAPI_DATA_DIR": _DATA_DIR,
    "DJANGO_SETTINGS_MODULE": "hrapi.settings",
    "DATABASE_URL": "",
    "SECRET_KEY": "faults",
    "BACKUP_PLACE": "",
}

import django  # noqa: E402

django.setup()

from collections.abc import Callable  # noqa: E402
from contextlib import ExitStack  # noqa: E402
from functools import cache  # noqa: E402
from pathlib import Path  # noqa: E402

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from tests.backups.running import backup, store_rows  # noqa: E402
from tests.faults import (  # noqa: E402
    backups,
    collisions,
    fuzzing,
    ingestion,
    loads,
    mutations,
    restores,
    soak,
)
from tests.faults.outcome import Outcome  # noqa: E402
from tests.faults.serving import Service, serving  # noqa: E402

PLACE = Path(settings.BACKUP_PLACE)
LIMIT_SECONDS = 600
SCRATCH = Path(_DATA_DIR) / "scratch"

FAULTS: list[tuple[str, Callable[[], Outcome]]] = [
    ("F1", lambda: ingestion.kill_web_workers(_service(), times=50, limit=5)),
    ("F2", lambda: loads.kill_loads(_service(), rows=20_000, times=6)),
    ("F3", lambda: ingestion.lose_the_database(_service(), times=16)),
    ("F4", lambda: collisions.one_key_at_once(_service(), rounds=50)),
    ("F5", lambda: collisions.ids_at_once(_service(), rounds=12)),
    ("F6", lambda: collisions.parent_deleted(_service(), times=50)),
    ("F7", lambda: collisions.log_unwritable(_service())),
    ("storm", lambda: ingestion.storm(_service(), times=42)),
    ("fuzz", lambda: fuzzing.fuzz_anew(_service(), seconds=8)),
    ("F8", lambda: backups.backup_under_load(times=20, at_most=2.0)),
    ("F9", lambda: _in_an_empty_place(lambda: backups.crash_at_every_step(PLACE))),
    ("F9", lambda: _in_an_empty_place(lambda: backups.disk_full(PLACE))),
    ("F9", backups.small_disk),
    ("F9", lambda: backups.kill_backups(times=25)),
    ("F10", lambda: mutations.mutations(PLACE / backup(), SCRATCH, times=2000)),
    ("F11", lambda: restores.kill_restores(times=32)),
    ("F12", lambda: restores.restore_under_load(times=5)),
]


_opened = ExitStack()


@cache
def _opened_service() -> Service:
    return _opened.enter_context(serving())


def _service() -> Service:
    service = _opened_service()
    service.empty()
    return service


def _in_an_empty_place(work: Callable[[], Outcome]) -> Outcome:
    shutil.rmtree(PLACE, ignore_errors=True)
    return work()


class OutOfTime(BaseException):
    """Not for the code that is tried, which may take an exit for that of a command."""


def _stop(*arguments: object) -> None:
    raise OutOfTime


def main(wanted: list[str]) -> int:
    if wanted[:1] == ["soak"]:
        return soak.main(wanted[1:])
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(LIMIT_SECONDS)
    call_command("migrate", verbosity=0)
    store_rows(further=900)
    lost = 0
    print(f"{'':<5} {'what':<52} {'seconds':>7}  lost  tried")
    for name, fault in FAULTS:
        if wanted and name not in wanted:
            continue
        begun = time.monotonic()
        outcome = fault()
        seconds = time.monotonic() - begun
        found = "; ".join([outcome.tried, *outcome.notes])
        verdict = len(outcome.problems) or "nothing"
        print(f"{name:<5} {outcome.what:<52} {seconds:>7.0f}  {verdict}  {found}", flush=True)
        if outcome.ledger:
            print(f"      {outcome.ledger}", flush=True)
        for problem in outcome.problems[:10]:
            print(f"      {problem}")
        lost += len(outcome.problems)
    return 1 if lost else 0


if __name__ == "__main__":
    try:
        with _opened:
            sys.exit(main(sys.argv[1:]))
    except OutOfTime:
        sys.exit(f"Not all was tried within {LIMIT_SECONDS} seconds.")
