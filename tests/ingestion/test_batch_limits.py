"""How many rows a batch has, and the values that its query takes."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest

from hrapi.ingestion.models import Batch
from tests.factories import employee_row
from tests.ingestion.bodies import CSV, GOOD, HEADER
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    faults_of,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_a_thousand_rows_are_taken(api: Any) -> None:
    response = send(api, [employee_row(id=number) for number in range(1, 1001)])

    assert response.status_code == 201
    assert response.json()["inserted"] == 1000
    assert stored_ids() == list(range(1, 1001))


def test_a_thousand_and_one_rows_are_refused(api: Any) -> None:
    response = send(api, [employee_row(id=number) for number in range(1, 1002)])

    problem = assert_refused(response, status=413, code="batch_too_large")
    assert "1,000" in problem["detail"]


def test_a_thousand_rows_of_csv_are_taken(api: Any) -> None:
    lines = [f"{number},Ada,2021-11-07T02:48:42Z,1,1\n" for number in range(1, 1001)]

    response = send(api, HEADER + "".join(lines), content_type="text/csv")

    assert response.status_code == 201
    assert response.json()["inserted"] == 1000


def test_a_thousand_and_one_rows_of_csv_are_refused(api: Any) -> None:
    lines = [f"{number},Ada,2021-11-07T02:48:42Z,1,1\n" for number in range(1, 1002)]

    response = send(api, HEADER + "".join(lines), content_type="text/csv")

    assert_refused(response, status=413, code="batch_too_large")


@pytest.mark.parametrize("row", ["1", "{}", "[]", "null", '""'])
def test_a_million_tiny_rows_are_refused_without_building_them(api: Any, row: str) -> None:
    body = ("[" + f"{row}," * 1_000_000 + row + "]").encode()
    tracemalloc.start()
    started = time.process_time()

    response = send(api, body)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_refused(response, status=413, code="batch_too_large")
    assert time.process_time() - started < 3
    assert peak < 6 * len(body)


def test_a_thousand_rejected_rows_are_all_listed(api: Any) -> None:
    response = send(api, [employee_row(id=0) for _ in range(1000)])

    assert response.status_code == 422
    rejected = response.json()["rejected_rows"]
    assert [row["index"] for row in rejected] == list(range(1000))
    assert all(faults_of(row) == [("id", "out_of_range")] for row in rejected)


@pytest.mark.parametrize(
    "query",
    [
        "mode=all",
        "mode=",
        "mode=ATOMIC",
        "mode=atomic&mode=atomic",
        "mode=atomic&mode=partial",
        "mode=%00",
        "mode=%ff",
        "dry_run=yes",
        "dry_run=1",
        "dry_run=",
        "dry_run=True",
        "dryrun=true",
        "dry-run=true",
        "batch=1",
        "page_size=10",
        "x",
        "=",
        "%00=1",
        "mode=" + "x" * 5000,
        "header=maybe",
    ],
)
def test_an_unknown_query_value_is_refused_and_nothing_lands(api: Any, query: str) -> None:
    response = send(api, GOOD, to=f"{EMPLOYEES}?{query}")

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize("delimiter", ["", "x", "%00", ",,", "%0A", "%22", "é"])
def test_an_unknown_delimiter_is_refused(api: Any, delimiter: str) -> None:
    response = send(api, CSV, to=f"{EMPLOYEES}?delimiter={delimiter}", content_type="text/csv")

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize(
    "accept", ["application/xml", "image/png", "text/csv", "application/json; q=0", "é", ""]
)
def test_whatever_answer_is_asked_for_rows_land_and_are_answered_in_json(
    api: Any, accept: str
) -> None:
    response = send(api, GOOD, accept=accept)

    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert stored_ids() == [7]


def test_a_refused_dry_run_is_not_recorded(api: Any) -> None:
    response = send(api, b"[", to=f"{EMPLOYEES}?dry_run=true")

    assert response.status_code == 400
    assert "batch" not in response.json()
    assert Batch.objects.count() == 0


def test_a_refusal_is_recorded_with_table_source_and_user(api: Any) -> None:
    response = send(api, b"[", to=f"{EMPLOYEES}?mode=atomic")

    shown = api.get(f"/api/v1/batches/{response.json()['batch']}/").json()
    assert shown["table"] == "employees"
    assert shown["source"] == "api"
    assert shown["user"] == "administrators-user"
    assert shown["refused_code"] == "malformed_json"
    assert shown["refused_detail"] == response.json()["detail"]
    assert [shown[count] for count in ("received", "inserted", "unchanged", "rejected")] == [0] * 4
