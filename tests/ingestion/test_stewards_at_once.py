"""Two people at one entry of the reject log."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from hrapi.ingestion.models import RejectedRow
from jobs.models import Job

LOG = "/api/v1/rejected-rows/"


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: threads see each other."""


def test_of_two_who_correct_an_entry_one_wins(client_of: Any) -> None:
    steward = client_of("stewards")
    steward.post("/api/v1/jobs/", [{"id": 1, "job": ""}], format="json")
    [entry] = RejectedRow.objects.all()
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(4)

    def send(name: str) -> None:
        start.wait()
        try:
            response = steward.post(f"{LOG}{entry.pk}/resubmit/", {"job": name}, format="json")
            answers.append((response.status_code, name))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[f"Job {number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(code for code, _ in answers) == [200, 409, 409, 409]
    [winner] = [name for code, name in answers if code == 200]
    assert Job.objects.get().job == winner
