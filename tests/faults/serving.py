"""A service that serves, for clients to post to while it is hurt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.installed import fill, token
from tests.faults.outcome import Outcome
from tests.installation import Installation, installation

_HIGH = "1000000"
_LIMITS = {
    "WRITES_PER_MINUTE": _HIGH,
    "REPORTS_PER_MINUTE": _HIGH,
    "LOGIN_FAILURES_PER_ACCOUNT": _HIGH,
    "LOGIN_FAILURES_PER_ADDRESS": _HIGH,
}


@dataclass(frozen=True)
class Service:
    """`token` is that of a loader. Departments and jobs have the ids from 1 to 50; there are no employees."""

    installed: Installation
    port: int
    token: str
    log: Path
    """What gunicorn and the service complained of."""

    def empty(self) -> None:
        """As it was at first."""
        self.log.write_bytes(b"")
        with self.installed.connection() as cursor:
            cursor.execute(
                "TRUNCATE employees, departments, jobs, rejected_rows, batches, kept_answers,"
                " row_changes, loads, load_parts, django_tasks_database_dbtaskresult"
            )
        fill(self.installed, employees=0)

    def check_log(self, outcome: Outcome, *, errors: bool = False) -> None:
        """It holds nobody's name; and no traceback, unless there are to be `errors`."""
        log = self.log.read_text()
        outcome.expect(" of client " not in log, "the log holds names of people")
        outcome.expect(errors or "Traceback" not in log, "the log holds a traceback")


@contextmanager
def serving() -> Iterator[Service]:
    """Two web workers, and a database that forgets nothing when it is killed."""
    # All clients are one user, who may be as fast as the machine.
    with installation(**_LIMITS) as installed:
        installed.hold(fsync=True)
        scratch = installed.data_dir / "scratch"
        scratch.mkdir()
        installed.environment["TMPDIR"] = str(scratch)
        done = installed.manage("migrate", "--verbosity=0")
        assert done.code == 0, done.errors
        log = installed.data_dir / "web.log"
        with log.open("ab") as file, installed.serving(workers=2, log=file) as port:
            service = Service(installed, port, token(installed), log)
            service.empty()
            yield service
