"""Batches as clients send them: ids that several send, rows that are bad, departments that come late."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import count, islice

from tests.faults.ledger import Row, SentBatch

# Above the departments that are there from the start.
LATE_DEPARTMENT = 1_000
SIZE = 40


def good(number: int, rng: random.Random) -> Iterator[SentBatch]:
    """Employees whom nobody else sends."""
    for first in _own_ids(number):
        yield SentBatch("employees", [employee(first + n, number, rng) for n in range(SIZE)])


def overlapping(number: int, rng: random.Random) -> Iterator[SentBatch]:
    """Employees with ids that all clients send, in any order."""
    for step, first in enumerate(_own_ids(number)):
        ids = rng.sample(range(1 + step * SIZE, 1 + (step + 4) * SIZE), SIZE - 1)
        yield _of_others_ids(first, ids, number, rng)


def crowd(step: int, rng: random.Random, *, clients: int, size: int) -> list[SentBatch]:
    """For each client a batch with the same ids, which are new, each in another order."""
    ids = range(1 + step * size, 1 + (step + 1) * size)
    return [
        _of_others_ids(10_000_000 * (number + 1) + step, rng.sample(ids, size), number, rng)
        for number in range(clients)
    ]


def _of_others_ids(first: int, ids: Sequence[int], number: int, rng: random.Random) -> SentBatch:
    rows = [
        _common(row_id) if rng.random() < 0.3 else employee(row_id, number, rng) for row_id in ids
    ]
    return SentBatch("employees", [employee(first, number, rng), *rows])


def mixed(number: int, rng: random.Random) -> Iterator[SentBatch]:
    """Everything at once, and each fifth batch brings departments that employees wait for."""
    for step, first in enumerate(_own_ids(number)):
        if rng.random() < 0.2:
            late = rng.sample(range(max(0, step - 10), step + 10), 8)
            ids = [first, *(LATE_DEPARTMENT + n for n in late)]
            names = [{"id": row_id, "department": f"Department {row_id}"} for row_id in ids]
            yield SentBatch("departments", names)
            continue
        ids = [rng.randrange(step * SIZE, (step + 4) * SIZE) + 1 for _ in range(SIZE - 1)]
        rows = [any_employee(row_id, number, step, rng) for row_id in ids]
        yield SentBatch("employees", [employee(first, number, rng), *rows])


def employee(row_id: int, sender: int, rng: random.Random) -> Row:
    return {
        "id": row_id,
        "name": f"Employee {row_id} of client {sender}",
        "datetime": f"2022-02-02T02:02:{rng.randrange(60):02}Z",
        "department_id": rng.randint(1, 50),
        "job_id": rng.randint(1, 50),
    }


def _common(row_id: int) -> Row:
    """As every client sends it."""
    return employee(row_id, 0, random.Random(row_id))


def any_employee(row_id: int, sender: int, step: int, rng: random.Random) -> Row:
    row = employee(row_id, sender, rng)
    chance = rng.random()
    if chance < 0.4:
        return _common(row_id)
    if chance < 0.6:
        return row | {"department_id": LATE_DEPARTMENT + step + rng.randrange(10)}
    if chance < 0.7:
        bad = [{"name": ""}, {"datetime": "yesterday"}, {"job_id": 99}, {"salary": 1}]
        return row | rng.choice(bad)
    return row


def _own_ids(number: int) -> Iterator[int]:
    """Ids that no other client sends, one for each of its batches."""
    yield from islice(count(10_000_000 * (number + 1), SIZE), 10_000_000 // SIZE)
