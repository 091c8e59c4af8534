"""A service to hurt: rows in its tables, their digests, and clients that send more."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.outcome import Outcome
from tests.installation import Installation, installation

TABLES = ("departments", "jobs", "employees", "batches", "rejected_rows")
ORPHANS = (
    "SELECT count(*) FROM employees e LEFT JOIN departments d ON d.id = e.department_id"
    " LEFT JOIN jobs j ON j.id = e.job_id WHERE d.id IS NULL OR j.id IS NULL"
)


@contextmanager
def service(*, employees: int) -> Iterator[Installation]:
    """An installation with this many employees, whose database runs."""
    # All clients are one user, who may be as fast as the machine, and waits for whatever is done to the service.
    with installation(WRITES_PER_MINUTE="1000000", LOCK_WAIT_SECONDS="600") as installed:
        installed.hold()
        done = installed.manage("migrate", "--verbosity=0")
        assert done.code == 0, done.errors
        fill(installed, employees)
        yield installed


def fill(installed: Installation, employees: int) -> None:
    with installed.connection() as cursor:
        for table, column in (("departments", "department"), ("jobs", "job")):
            cursor.execute(
                f"INSERT INTO {table} (id, {column}) SELECT n, 'Name ' || n FROM generate_series(1, 50) n"
            )
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " SELECT n, 'Old ' || md5(n::text), '2021-01-01Z'::timestamptz + n * '1 min'::interval,"
            "  1 + n %% 50, 1 + n %% 50 FROM generate_series(1, %s) n",
            [employees],
        )


def digests(installed: Installation, tables: tuple[str, ...] = TABLES) -> dict[str, str]:
    """The content of each table, from one snapshot."""
    found = {}
    with installed.connection(autocommit=False) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY id), '')) FROM {table} t"
            )
            [found[table]] = cursor.fetchone()
    return found


def orphans(installed: Installation) -> int:
    [[number]] = installed.query(ORPHANS)
    return int(number)


def backups(installed: Installation) -> list[str]:
    """The names of the backups that are listed."""
    return [line.split()[0] for line in installed.manage("list_backups").output.splitlines()]


def token(installed: Installation, user: str = "sender") -> str:
    code = (
        "from django.contrib.auth.models import Group, User; from knox.models import AuthToken;"
        f"u = User.objects.create_user({user!r}); u.groups.add(Group.objects.get(name='loaders'));"
        "print(AuthToken.objects.create(u)[1])"
    )
    return installed.manage("shell", "--verbosity=0", "-c", code).output.strip()


@dataclass
class Answer:
    """A batch that was sent: its rows, when, and what was answered."""

    rows: list[dict[str, Any]]
    begun: float
    ended: float
    status: int

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


@dataclass
class Senders:
    """Clients in threads, each of which posts a department and then employees who belong to it, and a bad row."""

    port: int
    token: str
    outcome: Outcome
    number: int = 8
    size: int = 50
    answers: list[Answer] = field(default_factory=list)

    def __enter__(self) -> Senders:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=[number]) for number in range(self.number)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, number: int) -> None:
        rng = random.Random(number)
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        next_id = 1_000_000 * (number + 1)
        try:
            while not self._stop.is_set():
                department = next_id
                self._post(
                    client, "departments", [{"id": department, "department": f"D {department}"}]
                )
                rows = [
                    {
                        "id": next_id + n,
                        "name": f"New {next_id + n}",
                        "datetime": "2022-02-02T02:02:02Z",
                        "department_id": department,
                        "job_id": rng.randint(1, 50),
                    }
                    for n in range(self.size)
                ]
                bad = [{"id": next_id, "name": ""}]
                self.answers.append(self._post(client, "employees", rows, bad))
                next_id += self.size
        except Exception as error:  # noqa: BLE001 # Whatever it is, the test must tell.
            self.outcome.problem(f"a client failed: {error!r}")
        finally:
            client.close()

    def _post(
        self, client: Any, table: str, rows: list[dict[str, Any]], bad: Sequence[Any] = ()
    ) -> Answer:
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        begun = time.monotonic()
        client.request("POST", f"/api/v1/{table}/", json.dumps([*rows, *bad]), headers)
        response = client.getresponse()
        body = response.read()
        answer = Answer(rows, begun, time.monotonic(), response.status)
        expected = 207 if bad else 201
        self.outcome.expect(response.status == expected, f"{response.status}: {body[:300]!r}")
        return answer
