"""The faults of `make faults` that concern ingestion, fewer of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.embedded_postgres.harness import PATIENCE
from tests.faults import collisions, ingestion, loads
from tests.faults.outcome import Outcome
from tests.faults.serving import Service, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    running.empty()
    return running


def nothing_lost(outcome: Outcome) -> None:
    assert outcome.problems == []
    assert outcome.tried


def test_f1_kill_web_workers(service: Service) -> None:
    nothing_lost(ingestion.kill_web_workers(service, times=3, limit=PATIENCE))


def test_f2_kill_loads(service: Service) -> None:
    nothing_lost(loads.kill_loads(service, rows=5000, times=2))


def test_f3_lose_the_database(service: Service) -> None:
    nothing_lost(ingestion.lose_the_database(service, times=2))


def test_f4_one_key_at_once(service: Service) -> None:
    nothing_lost(collisions.one_key_at_once(service, rounds=10))


def test_f5_the_same_ids_at_once(service: Service) -> None:
    nothing_lost(collisions.ids_at_once(service, rounds=2))


def test_f6_a_parent_deleted_between_check_and_insert(service: Service) -> None:
    nothing_lost(collisions.parent_deleted(service, times=2))


def test_f7_the_reject_log_cannot_be_written(service: Service) -> None:
    nothing_lost(collisions.log_unwritable(service))


def test_all_at_once(service: Service) -> None:
    nothing_lost(ingestion.storm(service, times=7))
