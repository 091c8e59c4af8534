"""Clients that post batches, and send each again with its key until they are told what became of it."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Ledger, SentBatch
from tests.faults.outcome import Outcome
from tests.faults.serving import Service

PATIENCE = 60.0
# Clients wait for this part of what Retry-After asks for: they are to be where it hurts.
HURRY = 0.1
VERDICTS = {200, 201, 207, 422}
_COME_BACK = {409: "idempotency_in_progress", 503: "service_unavailable"}

Batches = Callable[[int, random.Random], Iterator[SentBatch]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def is_json(self) -> bool:
        return self.headers["Content-Type"] in ("application/json", "application/problem+json")

    @property
    def told(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body) if self.is_json else {}
        return parsed

    @property
    def is_verdict(self) -> bool:
        """Whether it tells what became of the rows of a batch."""
        return self.status in VERDICTS and "batch" in self.told

    @property
    def asks_to_come_back(self) -> bool:
        code = _COME_BACK.get(self.status)
        return (
            code is not None
            and self.told.get("code") == code
            and int(self.headers.get("Retry-After", 0)) > 0
        )


@dataclass
class Door:
    """The service, as one client posts to it."""

    service: Service
    _connection: http.client.HTTPConnection | None = None

    def post(
        self, batch: SentBatch, *, body: str = "", query: str = "", hang_up: bool = False
    ) -> Answer | None:
        """The answer; None when none came. With `hang_up` it is not waited for. `body` in place of the rows."""
        sent = {
            "Authorization": f"Token {self.service.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": batch.key,
        }
        if self._connection is None:
            port = self.service.port
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            self._connection.request(
                "POST", f"/api/v1/{batch.table}/{query}", body or json.dumps(batch.rows), sent
            )
            if hang_up:
                self.close()
                return None
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Clients:
    """Clients in threads, each with batches of its own, until the block ends; each ends what it has begun.

    `whims` is how often one does not wait for an answer, sends once more what was answered, or gives a batch up
    for which it got none.
    """

    service: Service
    outcome: Outcome
    ledger: Ledger
    batches: Batches
    number: int = 8
    whims: float = 0.1
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Clients:
        self._threads = [
            threading.Thread(target=self._work, args=[number]) for number in range(self.number)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self.join()

    def join(self) -> None:
        """Waits until they have sent all their batches, or are stopped."""
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        rng = random.Random(number)
        door = Door(self.service)
        try:
            for batch in self.batches(number, rng):
                if self._stop.is_set():
                    break
                self._send(door, self.ledger.sent(batch), rng)
        except Exception as error:  # noqa: BLE001 # Whatever it is, the test must tell.
            self.outcome.problem(f"a client failed: {error!r}")
        finally:
            door.close()

    def _send(self, door: Door, batch: SentBatch, rng: random.Random) -> None:
        gives_up = rng.random() < self.whims
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self._post(door, batch, hang_up=rng.random() < self.whims)
            if answer is not None and answer.is_verdict:
                batch.answer = answer.told
                while rng.random() < self.whims:
                    self.ledger.count("again")
                    self._expect_the_same(answer, self._post(door, batch))
                return
            if answer is None and gives_up and not self._stop.is_set():
                return
            self.ledger.count("again")
            asked = float(answer.headers.get("Retry-After", 1)) if answer is not None else 0.5
            time.sleep(asked * HURRY)
        self.outcome.problem(f"{batch.table} from {batch.rows[0]['id']}: no answer at all")

    def _post(self, door: Door, batch: SentBatch, *, hang_up: bool = False) -> Answer | None:
        """Whatever is answered that never may be, is a problem."""
        begun = time.monotonic()
        answer = door.post(batch, hang_up=hang_up)
        if answer is None:
            return None
        if answer.status == 503:
            self.ledger.was_busy(begun, time.monotonic())
        if answer.headers.get("Idempotent-Replayed"):
            self.ledger.count("replayed")
        said = f"answered {answer.status}: {answer.body[:300]!r}"
        self.outcome.expect(answer.is_verdict or answer.asks_to_come_back, said)
        return answer

    def _expect_the_same(self, first: Answer, again: Answer | None) -> None:
        if again is not None and again.is_verdict:
            same = (again.status, again.body) == (first.status, first.body)
            self.outcome.expect(
                same and again.headers.get("Idempotent-Replayed") == "true",
                f"answered {first.status} {first.body[:200]!r}, then {again.status} {again.body[:200]!r}",
            )
