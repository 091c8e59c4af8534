"""Batches that are sent while the service is hurt: F1 and F3, and all of it at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from tests.faults import traffic
from tests.faults.clients import Clients
from tests.faults.files import FILE_ROWS, Files
from tests.faults.hurting import Hurting
from tests.faults.ledger import Ledger
from tests.faults.outcome import Outcome
from tests.faults.serving import Service

Hurt = Callable[[Hurting], None]


def kill_web_workers(service: Service, *, times: int, limit: float) -> Outcome:
    """The service has to answer again before so many seconds are over."""
    outcome, ledger = Outcome("F1", "kill -9 of web workers while 8 clients send"), Ledger()
    clients = Clients(service, outcome, ledger, traffic.overlapping)
    hurting = Hurting(service, ledger, outcome, limit=limit)
    return _hurt(hurting, [Hurting.kill_worker], [clients], times=times)


def lose_the_database(service: Service, *, times: int) -> Outcome:
    what = "connections and PostgreSQL end while 8 clients send"
    outcome, ledger = Outcome("F3", what), Ledger()
    workers = service.installed.web_workers()
    clients = Clients(service, outcome, ledger, traffic.overlapping)
    hurts = [Hurting.terminate_connections, Hurting.restart_postgres]
    _hurt(Hurting(service, ledger, outcome), hurts, [clients], times=times)
    same = service.installed.web_workers() == workers
    outcome.expect(same, "web workers ended with the database")
    return outcome


def storm(service: Service, *, times: int) -> Outcome:
    outcome, ledger = Outcome("storm", "everything at once while 8 clients send anything"), Ledger()
    files = Files(service, outcome, ledger)

    def kill_task_worker(hurting: Hurting) -> None:
        files.kill_worker()
        hurting.done["task workers killed"] += 1

    hurts: list[Hurt] = [
        kill_task_worker,
        Hurting.kill_worker,
        Hurting.kill_all_workers,
        Hurting.terminate_connections,
        Hurting.crash_connection,
        Hurting.restart_postgres,
        Hurting.kill_postgres,
    ]
    clients = [files, Clients(service, outcome, ledger, traffic.mixed)]
    _hurt(Hurting(service, ledger, outcome), hurts, clients, times=times)
    outcome.notes.append(f"{len(files.loads)} files of {FILE_ROWS:,} rows loaded")
    return outcome


def _hurt(
    hurting: Hurting,
    hurts: Sequence[Hurt],
    clients: Sequence[AbstractContextManager[Any]],
    *,
    times: int,
) -> Outcome:
    """Hurts in each way as often, each time after a moment; then the clients end, and the ledger is settled."""
    outcome, order = hurting.outcome, list(hurts)
    with ExitStack() as stack:
        for client in clients:
            stack.enter_context(client)
        for number in range(times):
            time.sleep(hurting.rng.uniform(0.1, 0.5))
            if number % len(order) == 0:
                hurting.rng.shuffle(order)
            order[number % len(order)](hurting)
        time.sleep(0.5)
    hurting.ledger.settle(hurting.service, outcome)
    hurting.service.check_log(outcome)
    outcome.tried = str(hurting)
    if hurting.slowest:
        outcome.notes.append(f"answers again after {hurting.slowest:.1f} s at most")
    return outcome
