"""Reports that are polled while others write: whatever is answered 304 is what there is at that moment."""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from rest_framework.test import APIClient

from employees.models import Employee
from tests.factories import DepartmentFactory, JobFactory
from tests.versions.together import another_connection, at_once

REPORT = "/api/v1/reports/quarterly-hires/?year=2021"


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: transactions commit, and meet."""


def hire(cursor: Any, row_id: int) -> None:
    cursor.execute(
        "INSERT INTO employees (id, name, datetime, department_id, job_id)"
        " VALUES (%s, 'Zed', '2021-02-01T00:00:00Z', 1, 1)",
        [row_id],
    )


def hire_some(number: int) -> None:
    """Two transactions at a time, which commit in either order, whatever their ids."""
    chance = random.Random(number)
    with another_connection() as one, another_connection() as other:
        for step in range(0, 80, 2):
            pair = [(one, step), (other, step + 1)]
            for cursor, place in pair:
                hire(cursor, 1000 * number + place)
            chance.shuffle(pair)
            for cursor, _ in pair:
                cursor.connection.commit()


class Poller:
    """A client that keeps what it was answered, and asks whether it is still so."""

    def __init__(self) -> None:
        user, _ = User.objects.get_or_create(username="tool")
        user.groups.add(Group.objects.get(name="readers"))
        self.client = APIClient()
        self.client.force_authenticate(user)
        self.etag = ""
        self.hires = -1
        self.statuses: list[int] = []

    def poll(self) -> int:
        """How many hires the client is told of, or told to know already."""
        response: Any = self.client.get(REPORT, headers={"if-none-match": self.etag})
        self.statuses.append(response.status_code)
        if response.status_code == 200:
            self.etag = response["ETag"]
            self.hires = sum(row["q1"] for row in response.json())
        return self.hires


def hires() -> int:
    return Employee.objects.count()


@pytest.fixture
def references(db: None, settings: Any) -> None:
    settings.REPORTS_PER_MINUTE = 10**9
    DepartmentFactory(id=1)
    JobFactory(id=1)


@pytest.mark.usefixtures("references")
def test_what_is_answered_was_so_while_it_was_asked() -> None:
    """Hires only come: whatever is told lies between how many there were before and after."""
    poller = Poller()
    wrong: list[tuple[int, int, int]] = []

    def poll(done: threading.Event) -> None:
        while not done.is_set():
            before = hires()
            for _ in range(3):
                told = poller.poll()
                after = hires()
                if not before <= told <= after:
                    wrong.append((before, told, after))
                before = after

    faults = at_once(writers=[partial(hire_some, n) for n in range(1, 4)], readers=[poll])

    assert faults == []
    assert wrong == []
    assert poller.poll() == hires() == 240
    assert {poller.poll(), poller.poll()} == {240}
    assert set(poller.statuses) == {200, 304}


@pytest.mark.usefixtures("references")
def test_in_one_snapshot_304_is_the_truth() -> None:
    poller = Poller()
    wrong: list[tuple[int, int]] = []

    def poll(done: threading.Event) -> None:
        while not done.is_set():
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                there = hires()
                told = [poller.poll(), poller.poll()]
            wrong.extend((each, there) for each in told if each != there)

    faults = at_once(writers=[partial(hire_some, n) for n in range(1, 4)], readers=[poll])

    assert faults == []
    assert wrong == []
    assert set(poller.statuses) == {200, 304}
