"""Ways to hurt a service that runs: its web workers, and its database."""

from __future__ import annotations

import http.client
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg2

from hrapi.embedded_postgres import locks
from hrapi.embedded_postgres.account import server_account
from hrapi.embedded_postgres.cluster import Cluster
from tests.embedded_postgres.harness import PATIENCE, has_ended, wait_until
from tests.faults.ledger import Ledger
from tests.faults.outcome import Outcome
from tests.faults.serving import Service

_OTHERS = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


@dataclass
class Hurting:
    """Hurts one service. While it takes its database away, clients may be told 503; the ledger is told when."""

    service: Service
    ledger: Ledger
    outcome: Outcome
    limit: float = PATIENCE
    """For how many seconds nobody may answer when web workers have been killed."""
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    done: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    """The longest that nobody answered after such a kill, in seconds."""

    def kill_worker(self) -> None:
        self._kill(self.rng.sample(self.service.installed.web_workers(), 1))

    def kill_all_workers(self) -> None:
        self._kill(self.service.installed.web_workers())

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.done["web workers killed"] += 1
        wait_until(lambda: all(map(has_ended, pids)))
        begun = time.monotonic()
        wait_until(lambda: _is_ready(self.service.port))
        seconds = time.monotonic() - begun
        self.slowest = max(self.slowest, seconds)
        self.outcome.expect(
            seconds < self.limit, f"nobody answered for {seconds:.1f} s after a kill"
        )

    def terminate_connections(self) -> None:
        """pg_terminate_backend of every connection of the service."""
        with self._outage():
            [[number]] = self.service.installed.query(
                f"SELECT count(pg_terminate_backend(pid, 5000)) {_OTHERS}"
            )
            self.done["connections terminated"] += number

    def crash_connection(self) -> None:
        """kill -9 of one connection's process: PostgreSQL ends all others and recovers."""
        with self._outage(), self.service.installed.connection() as cursor:
            cursor.execute(f"SELECT pid {_OTHERS}")
            pids = [pid for (pid,) in cursor.fetchall()]
            if not pids:
                return
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(pids), signal.SIGKILL)
            self.done["crashes of PostgreSQL"] += 1
            with suppress(psycopg2.Error):
                while True:
                    cursor.execute("SELECT 1")
                    time.sleep(0.01)

    def restart_postgres(self) -> None:
        """pg_ctl stop -m immediate, and start."""
        installed = self.service.installed
        data_dir = installed.data_dir
        cluster = Cluster(data_dir=data_dir, account=server_account(data_dir))
        with self._outage():
            # Who finds it gone starts it again; nobody is to do that in between.
            with locks.exclusive(data_dir / "postgres.start"):
                cluster.run("pg_ctl", "stop", "-s", "-w", "-m", "immediate")
            self.done["restarts of PostgreSQL"] += 1
            installed.hold(fsync=True)

    def kill_postgres(self) -> None:
        """kill -9 of the server itself; the service is to start it again."""
        with self._outage():
            pid = self.service.installed.server_pid()
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: has_ended(pid))
            self.done["kills of PostgreSQL"] += 1
            wait_until(lambda: _is_ready(self.service.port))

    @contextmanager
    def _outage(self) -> Iterator[None]:
        begun = time.monotonic()
        yield
        wait_until(self._accepts_connections)
        self.ledger.outages.append((begun, time.monotonic()))

    def _accepts_connections(self) -> bool:
        try:
            return self.service.installed.query("SELECT 1") == [(1,)]
        except (psycopg2.Error, FileNotFoundError, IndexError):
            return False

    def __str__(self) -> str:
        return ", ".join(f"{number:,} {what}" for what, number in self.done.items())


def _is_ready(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", "/readyz")
        return client.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
