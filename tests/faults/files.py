"""Files that are sent to be loaded while the service is hurt, and the worker that loads them."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from tests.embedded_postgres.harness import PATIENCE, wait_until
from tests.faults.ledger import Ledger, Row, SentBatch
from tests.faults.outcome import Outcome
from tests.faults.serving import Service
from tests.faults.traffic import any_employee, employee

FILE_ROWS = 2_500
FIRST_ID = 500_000_000
BOUNDARY = "end-of-a-part"


@dataclass
class Files:
    """One client that sends file after file, each until it is told that it will be loaded, and a worker.

    When the block ends, every file that was acknowledged is to be loaded; what became of its rows is the answer
    of its batch, held against the database like any other.
    """

    service: Service
    outcome: Outcome
    ledger: Ledger
    loads: dict[int, SentBatch] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Files:
        self._start_worker()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()
        try:
            wait_until(self._have_ended)
            for load_id, batch in self.loads.items():
                batch.answer = self._answer(load_id)
        finally:
            self._worker.terminate()
            self._worker.wait(PATIENCE)

    def kill_worker(self) -> None:
        """kill -9; whoever supervises it starts it again."""
        self._worker.kill()
        self._worker.wait(PATIENCE)
        self._start_worker()

    def _start_worker(self) -> None:
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self._worker = self.service.installed.start("run_worker", **quiet)

    def _have_ended(self) -> bool:
        try:
            unended = self.service.installed.query(
                "SELECT count(*) FROM loads WHERE state IN ('waiting', 'running')"
            )
        except psycopg2.Error:
            return False
        return unended == [(0,)]

    def _work(self) -> None:
        rng = random.Random(99)
        number = 0
        while not self._stop.is_set():
            first = FIRST_ID + number * FILE_ROWS
            rows = [employee(first, 99, rng), *_rows(first, number, rng)]
            batch = self.ledger.sent(SentBatch("employees", rows))
            try:
                self._send(batch)
            except Exception as error:  # noqa: BLE001 # Whatever it is, the test must tell.
                self.outcome.problem(f"a file could not be sent: {error!r}")
                return
            number += 1

    def _send(self, batch: SentBatch) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            begun = time.monotonic()
            status, body = self._request("POST", "", form(batch.rows), batch.key)
            if status == 503:
                self.ledger.was_busy(begun, time.monotonic())
            if status in (200, 202):
                self.loads[json.loads(body)["id"]] = batch
                return
            self.outcome.expect(
                status in (0, 409, 503), f"a file was answered {status}: {body[:300]!r}"
            )
            self.ledger.count("again")
            time.sleep(0.1)
        self.outcome.problem("a file: no answer at all")

    def _request(self, method: str, path: str, body: bytes, key: str) -> tuple[int, bytes]:
        """Status and body; status 0 when no answer came."""
        client = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=PATIENCE)
        headers = {
            "Authorization": f"Token {self.service.token}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Idempotency-Key": key,
        }
        try:
            client.request(method, f"/api/v1/loads/{path}", body, headers)
            response = client.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            client.close()

    def _answer(self, load_id: int) -> dict[str, Any]:
        status, body = self._request("GET", f"{load_id}/", b"", "x")
        load: dict[str, Any] = json.loads(body)
        self.outcome.expect(
            (status, load["state"]) == (200, "finished"), f"load {load_id}: {status} {load}"
        )
        return load


def _rows(first: int, number: int, rng: random.Random) -> list[Row]:
    """Of ids that only this file has; some are bad, and some wait for departments that come late."""
    rows: list[Row] = []
    for row_id in range(first + 1, first + FILE_ROWS):
        is_odd = rng.random() < 0.02
        rows.append(any_employee(row_id, 99, number, rng) if is_odd else employee(row_id, 99, rng))
    return rows


def form(rows: list[Row]) -> bytes:
    file = "".join(json.dumps(row) + "\n" for row in rows)
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="table"\r\n\r\nemployees\r\n',
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="rows.jsonl"\r\n'
        f"Content-Type: application/jsonl\r\n\r\n{file}\r\n",
        f"--{BOUNDARY}--\r\n",
    ]
    return "".join(parts).encode()
