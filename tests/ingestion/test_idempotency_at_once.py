"""F4: requests with one Idempotency-Key at the same time, each on a connection of its own."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

import pytest
from django.db import connection, connections

from hrapi.ingestion import idempotency
from hrapi.ingestion.models import Batch, KeptAnswer, RejectedRow
from tests.ingestion.keyed import GOOD, SOME_BAD, answer, post
from tests.problem_bodies import assert_problem


@pytest.fixture(autouse=True)
def db(committed_db: None) -> None:
    """In place of pytest-django's: threads see each other."""


def test_sixteen_requests_with_one_key_are_one(api: Any) -> None:
    answers: list[Any] = []
    start = threading.Barrier(16)

    def send() -> None:
        start.wait()
        try:
            answers.append(post(api, SOME_BAD))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 16
    bodies = {answer(response) for response in answers if response.status_code == 207}
    assert len(bodies) == 1
    busy = [response for response in answers if response.status_code != 207]
    for response in busy:
        assert_problem(response, 409, "idempotency_in_progress")
        assert response["Retry-After"] == "1"
    assert Batch.objects.count() == 1
    assert RejectedRow.objects.count() == 1


def test_one_that_is_carried_out_is_told_to_the_second_whatever_that_sends(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, go_on = threading.Event(), threading.Event()
    real = idempotency._rendered

    def wait(*arguments: Any) -> Any:
        at_work.set()
        assert go_on.wait(30)
        return real(*arguments)

    monkeypatch.setattr(idempotency, "_rendered", wait)
    first: list[Any] = []

    def send() -> None:
        try:
            first.append(post(api, GOOD))
        finally:
            connections.close_all()

    thread = threading.Thread(target=send)
    thread.start()
    assert at_work.wait(30)
    try:
        for body in (GOOD, [GOOD[0]]):
            assert_problem(post(api, body), 409, "idempotency_in_progress")
    finally:
        go_on.set()
        thread.join()

    assert first[0].status_code == 201
    assert answer(post(api, GOOD)) == answer(first[0])


def test_one_that_was_overtaken_is_done_again_whole(api: Any) -> None:
    real = KeptAnswer.objects.create
    calls = 0

    def overtaken(**members: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40P01'; END $$"
                )
        return real(**members)

    with mock.patch.object(KeptAnswer.objects, "create", overtaken):
        first = post(api, SOME_BAD)

    assert first.status_code == 207
    assert Batch.objects.count() == 1
    assert RejectedRow.objects.count() == 1
    assert answer(post(api, SOME_BAD)) == answer(first)
