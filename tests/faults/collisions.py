"""Requests that get in each other's way, and rows that cannot be logged: F4 to F7."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

from tests.embedded_postgres.harness import wait_until
from tests.faults import traffic
from tests.faults.clients import Answer, Clients, Door
from tests.faults.installed import digests
from tests.faults.ledger import Ledger, SentBatch
from tests.faults.outcome import Outcome
from tests.faults.serving import Service
from tests.faults.stored import stored
from tests.ingestion.loading import csv_file
from tests.installation import Installation

# Why it cannot, and what is answered: a fault of our own, a right that is missing, a full disk.
_REASONS = {"P0001": 500, "42501": 500, "53100": 503}
TABLES = ("departments", "jobs", "employees", "batches", "rejected_rows", "kept_answers")


def one_key_at_once(service: Service, *, rounds: int) -> Outcome:
    """Sixteen requests of one key at the same moment, of two bodies: one of them is carried out, once."""
    outcome = Outcome("F4", "16 requests with one key at once")
    rng = random.Random(4)
    ledger = Ledger()
    waited = replayed = 0
    door = Door(service)
    for first, second in islice(
        zip(traffic.overlapping(0, rng), traffic.overlapping(1, rng), strict=True), rounds
    ):
        second.key = first.key
        sent = [first] * 12 + [second] * 4
        rng.shuffle(sent)
        answers = _at_once([_posting(service, batch) for batch in sent])
        winners = {id(batch) for batch, answer in zip(sent, answers, strict=True) if _ran(answer)}
        if len(winners) != 1:
            outcome.problem(f"{len(winners)} bodies of one key were carried out")
            continue
        [winner] = [batch for batch in (first, second) if id(batch) in winners]
        told = {answer.body for answer in answers if answer.is_verdict}
        runs = sum(map(_ran, answers))
        outcome.expect(len(told) == runs == 1, f"{runs} runs, {len(told)} bodies")
        for batch, answer in zip(sent, answers, strict=True):
            waits = answer.status == 409 and answer.asks_to_come_back
            waited += waits
            replayed += answer.is_verdict and not _ran(answer)
            right = answer.is_verdict if batch is winner else _is_mismatch(answer)
            outcome.expect(waits or right, f"{answer.status}: {answer.body[:300]!r}")
        again, other = door.post(winner), door.post(second if winner is first else first)
        outcome.expect(again is not None and {again.body} == told, "another answer later")
        outcome.expect(other is not None and _is_mismatch(other), "another body was taken later")
        winner.answer = json.loads(told.pop())
        ledger.sent(winner)
    door.close()
    ledger.settle(service, outcome)
    outcome.tried = f"{rounds:,} rounds; {waited:,} were told to wait, {replayed:,} replayed"
    return outcome


def ids_at_once(service: Service, *, rounds: int) -> Outcome:
    outcome = Outcome("F5", "8 clients send the same ids in any order")
    ledger = Ledger()
    rng = random.Random(5)
    for number in range(rounds):
        batches = traffic.crowd(number, rng, clients=8, size=400)

        def its_own(
            client: int, rng: random.Random, batches: list[SentBatch] = batches
        ) -> Iterator[SentBatch]:
            yield batches[client]

        with Clients(service, outcome, ledger, its_own, whims=0) as clients:
            clients.join()
    ledger.settle(service, outcome)
    told = [batch.answer for batch in ledger.batches if batch.answer]
    outcome.expect(len(told) == 8 * rounds, f"{len(told)} of {8 * rounds} batches were answered")
    codes = {
        error["code"]
        for answer in told
        for row in answer["rejected_rows"]
        for error in row["errors"]
    }
    outcome.expect(codes <= {"already_exists"}, f"rows were rejected for {sorted(codes)}")
    service.check_log(outcome)
    outcome.tried = f"{len(told):,} batches"
    return outcome


def parent_deleted(service: Service, *, times: int) -> Outcome:
    """A department goes when a batch that needs it has been checked, and is about to be stored."""
    outcome = Outcome("F6", "a department deleted between check and insert")
    ledger = Ledger()
    for number in range(times):
        department = 2000 + number
        with service.installed.connection() as cursor:
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (%s, 'Brief')", [department]
            )
        batch = ledger.sent(next(traffic.good(number, random.Random(number))))
        needing = batch.rows[10:20]
        for row in needing:
            row["department_id"] = department
        with ThreadPoolExecutor(1) as pool:
            with service.installed.held_up_at(batch.rows[-1]["id"]):
                posting = pool.submit(_posting(service, batch))
                wait_until(service.installed.someone_waits)
                with service.installed.connection() as cursor:
                    cursor.execute("DELETE FROM departments WHERE id = %s", [department])
            answer = posting.result()
        said = f"{answer.status}: {answer.body[:300]!r}"
        outcome.expect(answer.status == 207, said)
        batch.answer = answer.told if answer.is_verdict else None
        rejected = {
            row["id"]: [error["code"] for error in row["errors"]]
            for row in answer.told.get("rejected_rows", [])
        }
        unknown = {row["id"]: ["unknown_department"] for row in needing}
        outcome.expect(rejected == unknown, said)
    ledger.settle(service, outcome)
    outcome.tried = f"{times:,} departments"
    return outcome


def log_unwritable(service: Service) -> Outcome:
    """No row can be written to the reject log, for one reason or another: nothing at all is stored."""
    outcome = Outcome("F7", "the reject log cannot be written")
    ledger = Ledger()
    door = Door(service)
    tried = 0
    for number, (sqlstate, status) in enumerate(_REASONS.items()):
        batch = ledger.sent(next(traffic.good(number, random.Random(number))))
        batch.rows[7]["department_id"] = 999
        before = digests(service.installed, TABLES)
        with _unwritable(service.installed, sqlstate):
            for rows, query in (
                (batch.rows, ""),
                (batch.rows, "?mode=atomic"),
                (batch.rows[7], ""),
            ):
                tried += 1
                answer = door.post(batch, body=json.dumps(rows), query=query)
                said = "nothing" if answer is None else f"{answer.status}: {answer.body[:300]!r}"
                honest = answer is not None and answer.status == status and _is_problem(answer)
                outcome.expect(honest, f"{sqlstate} was answered {said}")
            after = digests(service.installed, TABLES)
            outcome.expect(after == before, f"{sqlstate}: something is stored")
        answer = door.post(batch)
        if answer is not None and answer.status == 207:
            batch.answer = answer.told
        else:
            outcome.problem(f"after {sqlstate} it was not taken: {answer}")
    door.close()
    ledger.settle(service, outcome)
    service.check_log(outcome, errors=True)
    _load_unlogged(service, outcome)
    outcome.tried = f"{tried} requests and a load, for {len(_REASONS)} reasons"
    return outcome


def _load_unlogged(service: Service, outcome: Outcome) -> None:
    """Of a load whole parts stay, and run again it ends as it should."""
    installed = service.installed
    rows = [traffic.employee(row_id, 0, random.Random(row_id)) for row_id in range(1, 2501)]
    rows[1500]["department_id"] = 999
    file = str(csv_file(installed.data_dir / "people.csv", rows))
    there = "SELECT count(*) FROM employees WHERE id <= 2500"
    with _unwritable(installed, "P0001"):
        done = installed.manage("load", "employees", file)
        one_line = done.code == 1 and len(done.errors.splitlines()) == 1
        outcome.expect(one_line, f"a load ends with {done.code}: {done.errors[:300]}")
        outcome.expect(installed.query(there) == [(1000,)], "no whole part of a load is stored")
    done = installed.manage("load", "employees", file)
    outcome.expect(done.code == 3, f"a load ends with {done.code}: {done.errors[:300]}")
    outcome.expect(installed.query(there) == [(2499,)], "the load did not end as it should")
    for miscount in stored(installed).miscounts():
        outcome.problem(miscount)


@contextmanager
def _unwritable(installed: Installation, sqlstate: str) -> Iterator[None]:
    with installed.connection() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE 'It cannot be written.' USING ERRCODE = '{sqlstate}'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON rejected_rows"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION refuse CASCADE")


def _posting(service: Service, batch: SentBatch) -> Callable[[], Answer]:
    def post() -> Answer:
        door = Door(service)
        try:
            answer = door.post(batch)
        finally:
            door.close()
        assert answer is not None, "no answer came"
        return answer

    return post


def _at_once(works: Sequence[Callable[[], Answer]]) -> list[Answer]:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Answer]) -> Answer:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _ran(answer: Answer) -> bool:
    return answer.is_verdict and not answer.headers.get("Idempotent-Replayed")


def _is_mismatch(answer: Answer) -> bool:
    return answer.status == 422 and answer.told.get("code") == "idempotency_mismatch"


def _is_problem(answer: Answer) -> bool:
    is_problem = answer.headers["Content-Type"] == "application/problem+json"
    return is_problem and answer.told["status"] == answer.status
