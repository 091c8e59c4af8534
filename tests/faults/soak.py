"""The soak: a service at 70 % of what it can do, for ten minutes, while somebody looks at what it holds."""

from __future__ import annotations

import argparse
import http.client
import json
import random
import subprocess
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.files import BOUNDARY, form
from tests.faults.installed import fill
from tests.faults.outcome import Outcome
from tests.faults.serving import Service, serving
from tests.faults.traffic import employee
from tests.faults.watching import (
    MIB,
    Request,
    Sample,
    bytes_under,
    handles_of,
    in_tenth,
    judge,
    memory_of,
    percentile,
    watching,
)

CLIENTS, LOAD = 8, 0.7
# Rows that are there from the start, which reports and streams read; and of those sent, the newest that stay.
OLD_ROWS, NEW_ROWS = 5_000, 50_000
FIRST_ID = 1_000_000
PERSON, PASSWORD = "person", "a password of the soak"
JSON = "application/json"


@dataclass(frozen=True)
class Sent:
    """A request, and the status that it is to be answered with."""

    method: str
    path: str
    status: int
    body: bytes = b""
    media_type: str = JSON
    authorization: str = ""
    then: Callable[[bytes], Sent] | None = None
    """What the same client sends next, of the body of the answer."""


class Traffic:
    """What clients of every kind send, drawn by chance. Ids are new each time, unless a row is to be rejected."""

    def __init__(self, service: Service) -> None:
        self._token = f"Token {service.token}"
        basic = b64encode(f"{PERSON}:{PASSWORD}".encode()).decode()
        self._basic = f"Basic {basic}"
        self._rng = random.Random(1)
        self._next_id = FIRST_ID
        self._lock = threading.Lock()
        self._kinds: dict[Callable[[], Sent], int] = {
            self.good_batch: 8,
            self.half_bad_batch: 8,
            self.page: 20,
            self.report: 10,
            self.stream: 4,
            self.rejected_rows: 10,
            self.file: 1,
            self.wrong: 8,
            self.stranger: 4,
            self.login: 1,
        }

    def draw(self) -> Sent:
        with self._lock:
            [kind] = self._rng.choices(list(self._kinds), list(self._kinds.values()))
            return kind()

    def _rows(self, number: int) -> list[dict[str, Any]]:
        first, self._next_id = self._next_id, self._next_id + number
        return [employee(first + n, 0, self._rng) for n in range(number)]

    def good_batch(self) -> Sent:
        return self._get("employees/", "POST", 201, json.dumps(self._rows(1000)).encode())

    def half_bad_batch(self) -> Sent:
        rows = self._rows(200)
        for row in rows[::2]:
            row["department_id"], row["name"] = 99, ""
        return self._get("employees/", "POST", 207, json.dumps(rows).encode())

    def page(self) -> Sent:
        return self._get(f"employees/?page_size=100&department_id={self._rng.randint(1, 50)}")

    def report(self) -> Sent:
        report = self._rng.choice(["quarterly-hires", "departments-above-mean"])
        format_ = self._rng.choice(["json", "csv"])
        return self._get(f"reports/{report}/?year=2021&format={format_}")

    def stream(self) -> Sent:
        return self._get("employees/?format=csv&hired_before=2022-01-01")

    def rejected_rows(self) -> Sent:
        return self._get("rejected-rows/?status=open&page_size=50")

    def file(self) -> Sent:
        media_type = f"multipart/form-data; boundary={BOUNDARY}"
        return Sent(
            "POST", "loads/", 202, form(self._rows(2_000)), media_type, authorization=self._token
        )

    def wrong(self) -> Sent:
        return self._rng.choice(
            [
                self._get("employees/", "POST", 400, b"[{"),
                self._get("employees/?colour=red", status=400),
                self._get("employees/999999999999/", status=404),
                self._get("employees/", "DELETE", 405),
                self._get("departments/1/", "DELETE", 403),
            ]
        )

    def stranger(self) -> Sent:
        return Sent("GET", "employees/", 401, authorization=f"Token {'0' * 64}")

    def login(self) -> Sent:
        def log_out(body: bytes) -> Sent:
            token = json.loads(body)["token"]
            return Sent("POST", "auth/logout/", 204, authorization=f"Token {token}")

        return Sent("POST", "auth/login/", 200, authorization=self._basic, then=log_out)

    def _get(self, path: str, method: str = "GET", status: int = 200, body: bytes = b"") -> Sent:
        return Sent(method, path, status, body, authorization=self._token)


@dataclass
class Run:
    """A soak that is over."""

    seconds: float
    outcome: Outcome
    requests: list[Request] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """A table of each tenth of the run: percentiles, and what was held at its end."""
        names = [*self.samples[-1].memory]
        held = "".join(f" {name:>12}" for name in names)
        yield f"{'seconds':>8} {'requests':>9} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7}{held} MiB, handles"
        for number in range(10):
            end = (number + 1) * self.seconds / 10
            taken = in_tenth(self.requests, number, self.seconds)
            p50, p95, p99 = (percentile(taken, percent) * 1000 for percent in (50, 95, 99))
            sample = max((s for s in self.samples if s.at <= end), key=lambda s: s.at)
            held = "".join(
                f" {sample.memory[name] / MIB:>7.1f} {sample.handles[name]:>4.0f}" for name in names
            )
            disk = ", ".join(f"{name} {held / MIB:.1f} MiB" for name, held in sample.disk.items())
            yield (
                f"{end:>8.0f} {len(taken):>9,} {p50:>7.0f} {p95:>7.0f} {p99:>7.0f}{held}"
                f"  {sample.handles['PostgreSQL']:.0f} connections, {disk}"
            )


def soak(service: Service, *, seconds: float, measured: float, every: float) -> Run:
    """Measures for `measured` seconds what the service can do, and watches it at 70 % of that.

    It looks at the processes `every` so many seconds. The answers have to be the expected ones; whether anything
    grew is for `watching.judge`.
    """
    outcome = Outcome("soak", "a service at 70 % of what it can do")
    traffic = Traffic(service)
    _prepare(service)
    with _task_worker(service) as worker, _trimmed(service):
        answered = _send(service, traffic, outcome, measured)
        rate = LOAD * len(answered) / measured
        run = Run(seconds, outcome)
        with watching(lambda at: _look(service, worker, at), every=every) as run.samples:
            run.requests = _send(service, traffic, outcome, seconds, rate=rate)
    service.check_log(outcome)
    outcome.tried = (
        f"{len(run.requests):,} requests in {seconds:,.0f} s, {rate:.1f} requests a second"
        f" of {rate / LOAD:.1f}"
    )
    return run


def _prepare(service: Service) -> None:
    with service.installed.connection() as cursor:
        cursor.execute("TRUNCATE employees, departments, jobs CASCADE")
    fill(service.installed, OLD_ROWS)
    code = (
        "from django.contrib.auth.models import User;"
        f"User.objects.create_user({PERSON!r}, password={PASSWORD!r})"
    )
    done = service.installed.manage("shell", "--verbosity=0", "-c", code)
    assert done.code == 0, done.errors


@contextmanager
def _task_worker(service: Service) -> Iterator[int]:
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    worker = service.installed.start("run_worker", **quiet)
    try:
        yield worker.pid
    finally:
        worker.terminate()
        worker.wait(60)


@contextmanager
def _trimmed(service: Service) -> Iterator[None]:
    """The tables stay as large as they are, or answers would take longer for no fault of the service."""
    stop = threading.Event()

    def trim() -> None:
        while not stop.wait(2):
            with service.installed.connection() as cursor:
                cursor.execute(
                    "DELETE FROM employees WHERE id >= %s"
                    " AND id < (SELECT max(id) FROM employees) - %s",
                    [FIRST_ID, NEW_ROWS],
                )
                cursor.execute(
                    "DELETE FROM rejected_rows WHERE id < (SELECT max(id) FROM rejected_rows) - %s",
                    [NEW_ROWS],
                )

    trimmer = threading.Thread(target=trim)
    trimmer.start()
    try:
        yield
    finally:
        stop.set()
        trimmer.join()


def _look(service: Service, worker: int, at: float) -> Sample:
    installed = service.installed
    pids = {"gunicorn": installed.web_master(), "task worker": worker}
    for number, pid in enumerate(sorted(installed.web_workers()), start=1):
        pids[f"web {number}"] = pid
    [[connections]] = installed.query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    handles = {name: float(handles_of(pid)) for name, pid in pids.items()}
    return Sample(
        at,
        memory={name: float(memory_of(pid)) for name, pid in pids.items()},
        handles=handles | {"PostgreSQL": float(connections)},
        disk={"scratch": float(bytes_under(installed.data_dir / "scratch"))},
    )


def _send(
    service: Service, traffic: Traffic, outcome: Outcome, seconds: float, *, rate: float = 0
) -> list[Request]:
    """Requests of clients who send as soon as they were answered; with a `rate`, when a request is due.

    Such a request waits from when it was due, whether a client was free for it or not.
    """
    begun = time.monotonic()
    requests: list[Request] = []
    due_times = iter(_times(seconds, rate))
    lock, wrong = threading.Lock(), Counter[str]()

    def work() -> None:
        client = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        while True:
            with lock:
                due = next(due_times, None)
            now = time.monotonic() - begun
            if due is None or (not rate and now >= seconds):
                break
            if due > now:
                time.sleep(due - now)
            sent: Sent | None = traffic.draw()
            due = due or now
            while sent is not None:
                status, body = _ask(client, sent)
                requests.append(Request(due, time.monotonic() - begun - due))
                if status != sent.status:
                    wrong[
                        f"{sent.method} {sent.path}: {status}, not {sent.status}: {body[:200]!r}"
                    ] += 1
                    break
                sent = sent.then(body) if sent.then else None
        client.close()

    workers = [threading.Thread(target=work) for _ in range(CLIENTS if not rate else 2 * CLIENTS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for text, times in wrong.items():
        outcome.problem(f"{times} times {text}")
    return requests


def _times(seconds: float, rate: float) -> Iterator[float]:
    """When requests are due; without a rate always at once."""
    number = 0
    while not rate or number / rate < seconds:
        yield number / rate if rate else 0
        number += 1


def _ask(client: http.client.HTTPConnection, sent: Sent) -> tuple[int, bytes]:
    """Status and body; 0 and what happened when no answer came."""
    headers = {"Authorization": sent.authorization}
    if sent.body:
        headers["Content-Type"] = sent.media_type
    try:
        client.request(sent.method, f"/api/v1/{sent.path}", sent.body, headers)
        response = client.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        client.close()
        return 0, repr(error).encode()


def main(arguments: Sequence[str]) -> int:
    """Prints a table, and what is wrong; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults soak")
    parser.add_argument("--minutes", type=float, default=10)
    seconds = parser.parse_args(arguments).minutes * 60
    with serving() as service:
        run = soak(service, seconds=seconds, measured=20, every=5)
    for line in run.lines():
        print(line)
    problems = [*run.outcome.problems, *judge(run.samples, run.requests, seconds=seconds)]
    print(f"{run.outcome.tried}; {len(problems) or 'nothing'} wrong")
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0
