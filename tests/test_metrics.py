"""What monitoring is told: of rows, batches, the reject log, loads and answers that are kept."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from tests.embedded_postgres.harness import PATIENCE, wait_until
from tests.faults.installed import fill, token
from tests.installation import Installation, installation
from tests.loads.sending import send_file

DEPARTMENTS = "/api/v1/departments/"


def samples(page: str) -> dict[tuple[str, ...], float]:
    """Our own: the name and the values of the labels in the order of their names, with the value."""
    return {
        (sample.name, *dict(sorted(sample.labels.items())).values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name.startswith("hrapi_") and not sample.name.startswith("hrapi_batch_seconds")
    }


@pytest.fixture
def scrape(client_of: Any) -> Any:
    client = client_of("loaders")
    return lambda: samples(client.get("/metrics").content.decode())


def test_of_an_empty_service_little_is_told(scrape: Any) -> None:
    assert scrape() == {
        ("hrapi_kept_answers",): 0,
        ("hrapi_loads", "waiting"): 0,
        ("hrapi_loads", "running"): 0,
    }


def test_rows_and_rejections_are_counted(scrape: Any, api: Any) -> None:
    api.post(DEPARTMENTS, [{"id": 1, "department": "Law"}, {"id": 2}, {"id": "x"}])
    api.post(DEPARTMENTS, [{"id": 1, "department": "Law"}], headers={"Idempotency-Key": "k"})
    first, second = Batch.objects.order_by("id")
    oldest = RejectedRow.objects.earliest("created_at")
    RejectedRow.objects.filter(row_id=2).update(status=RejectedRow.Status.DISCARDED)

    found = scrape()

    assert {key: value for key, value in found.items() if not key[0].startswith("hrapi_loads")} == {
        ("hrapi_rows_total", "inserted", "departments"): 1,
        ("hrapi_rows_total", "unchanged", "departments"): 1,
        ("hrapi_rows_total", "rejected", "departments"): 2,
        ("hrapi_rows_total", "not_attempted", "departments"): 0,
        ("hrapi_batch_newest_timestamp_seconds", "departments"): second.created_at.timestamp(),
        ("hrapi_rejections_total", "not_an_integer", "departments"): 1,
        ("hrapi_rejections_total", "required", "departments"): 2,
        ("hrapi_open_rejections", "not_an_integer", "departments"): 1,
        ("hrapi_open_rejections", "required", "departments"): 1,
        ("hrapi_open_rejections_oldest_timestamp_seconds", "not_an_integer", "departments"):
            oldest.created_at.timestamp(),
        ("hrapi_open_rejections_oldest_timestamp_seconds", "required", "departments"):
            oldest.created_at.timestamp(),
        ("hrapi_kept_answers",): 1,
    }  # fmt: skip
    assert first.created_at < second.created_at


def test_files_that_wait_are_counted_and_the_oldest_is_told(scrape: Any, api: Any) -> None:
    for number in range(3):
        send_file(api, b"id,department\n%d,Law\n" % number)
    sent_at = datetime(2026, 1, 1, tzinfo=UTC)
    for number, load in enumerate(Load.objects.order_by("id")):
        load.created_at = sent_at + timedelta(hours=number)
        load.state = Load.State.RUNNING if number == 0 else Load.State.WAITING
        load.save()

    found = scrape()

    assert {key: value for key, value in found.items() if key[0].startswith("hrapi_loads")} == {
        ("hrapi_loads", "waiting"): 2,
        ("hrapi_loads", "running"): 1,
        ("hrapi_loads_oldest_waiting_timestamp_seconds",): sent_at.timestamp() + 3600,
    }


def test_the_number_of_queries_does_not_depend_on_what_is_there(
    client_of: Any, api: Any, django_assert_max_num_queries: Any
) -> None:
    api.post(DEPARTMENTS, [{"id": number} for number in range(100)])
    client = client_of("loaders")

    with django_assert_max_num_queries(9):
        assert client.get("/metrics").status_code == 200


@pytest.fixture(scope="module")
def service() -> Iterator[Installation]:
    with installation() as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        fill(installed, employees=0)
        yield installed


def ask(port: int, secret: str, method: str, path: str, body: bytes | None = None) -> str:
    """The body of the answer. Each time over a connection of its own, which any worker may take."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Authorization": f"Token {secret}", "Content-Type": "application/json"}
    try:
        client.request(method, path, body, headers)
        response = client.getresponse()
        assert response.status in (200, 201)
        return response.read().decode()
    finally:
        client.close()


@pytest.mark.slow
def test_whichever_worker_is_asked_tells_of_all_of_them_and_of_those_that_are_gone(
    service: Installation,
) -> None:
    secret = token(service)
    with service.serving(workers=2) as port:

        def post(number: int) -> None:
            row = json.dumps({"id": number, "department": f"Department {number}"}).encode()
            ask(port, secret, "POST", DEPARTMENTS, row)

        for number in range(100, 110):
            post(number)
        gone = service.web_workers()
        for worker in gone:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(set(service.web_workers()) - set(gone)) == 2)
        for number in range(110, 115):
            post(number)
        pages = [ask(port, secret, "GET", "/metrics") for _ in range(10)]

    counted = 'hrapi_batch_seconds_count{table="departments"} 15.0'
    answered = 'django_http_responses_total_by_status_total{status="201"} 15.0'
    stored = 'hrapi_rows_total{outcome="inserted",table="departments"} 15.0'
    for page in pages:
        lines = page.splitlines()
        assert [line for line in (counted, answered, stored) if line not in lines] == []
