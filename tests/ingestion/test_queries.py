"""A batch costs the same number of round trips to the database however many rows it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from hrapi.api.models import TokenDetails
from tests.factories import employee_row
from tests.ingestion.sending import EMPLOYEES, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

Rows = Callable[[int], list[dict[str, Any]]]

MOST_STATEMENTS = 14


@pytest.fixture
def loader() -> APIClient:
    """A client with a real token, of a user who may load and no more."""
    user = User.objects.create_user("loader", password="a long password")
    user.groups.add(Group.objects.get(name="loaders"))
    _, token = AuthToken.objects.create(user)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    # When a token was used is kept, but not each time.
    client.get("/api/v1/")
    return client


def test_when_a_token_was_used_costs_one_statement_in_five_minutes(loader: APIClient) -> None:
    body = [employee_row()]
    just_used = statements(loader, body, status=201)
    TokenDetails.objects.update(last_used_at=timezone.now() - timedelta(minutes=5))

    later = statements(loader, body, status=200)
    again = statements(loader, body, status=200)

    assert len(later) == len(again) + 1
    assert sum("token_details" in sql for sql in later) == 2
    assert sum("token_details" in sql for sql in just_used) == 1


def good_rows(number: int) -> list[dict[str, Any]]:
    return [employee_row() for _ in range(number)]


def half_bad_rows(number: int) -> list[dict[str, Any]]:
    """Every second row is bad, in ways the schema sees and in ways only the database does."""
    faults = [
        # First, for the last look at what rows lack.
        {"department_id": 999},
        {"name": ""},
        {"job_id": 10**6},
        {"datetime": "now"},
        {"x": 1},
    ]
    bad = [employee_row(**faults[position % len(faults)]) for position in range((number + 1) // 2)]
    good = [employee_row() for _ in range(number // 2)]
    return [row for pair in zip(bad, good, strict=False) for row in pair] + bad[len(good) :]


def statements(client: APIClient, body: Any, *, status: int, to: str = EMPLOYEES) -> list[str]:
    """Every statement of the request: logging in, COPY, and those around the transaction included."""
    with CaptureQueriesContext(connection) as captured:
        response = send(client, body, to=to)
    assert response.status_code == status, response.content[:500]
    return [query["sql"] for query in captured.captured_queries]


@pytest.mark.parametrize(
    "rows, mode, status, number",
    [
        pytest.param(good_rows, "partial", 201, 8, id="all good"),
        pytest.param(good_rows, "atomic", 201, 8, id="all good, atomic"),
        pytest.param(half_bad_rows, "partial", 207, 12, id="half bad"),
        pytest.param(half_bad_rows, "atomic", 422, 11, id="half bad, atomic"),
    ],
)
def test_a_thousand_rows_cost_as_many_statements_as_two(
    loader: APIClient, rows: Rows, mode: str, status: int, number: int
) -> None:
    to = f"{EMPLOYEES}?mode={mode}"

    two = statements(loader, rows(2), status=status, to=to)
    thousand = statements(loader, rows(1000), status=status, to=to)

    assert len(two) == len(thousand) == number <= MOST_STATEMENTS


@pytest.mark.parametrize(
    "body, status",
    [
        pytest.param([employee_row()], 201, id="an array of one"),
        pytest.param(employee_row(), 201, id="an object"),
        pytest.param([employee_row(name="")], 422, id="an array of one bad row"),
        pytest.param(employee_row(name=""), 422, id="a bad object"),
    ],
)
def test_one_row_costs_no_more(loader: APIClient, body: Any, status: int) -> None:
    found = statements(loader, body, status=status)

    assert len(found) <= 10


def test_one_row_and_a_thousand_cost_the_same(loader: APIClient) -> None:
    one = statements(loader, good_rows(1), status=201)
    thousand = statements(loader, good_rows(1000), status=201)

    assert len(one) == len(thousand)


def test_a_thousand_rows_again_cost_as_many_statements(loader: APIClient) -> None:
    rows = good_rows(1000)
    first = statements(loader, rows, status=201)

    again = statements(loader, rows, status=200)

    # One more, for the rows that are stored, and none for storing.
    assert len(again) == len(first) <= MOST_STATEMENTS


def test_rows_half_stored_and_half_bad_cost_no_more_than_the_most(loader: APIClient) -> None:
    rows = half_bad_rows(1000)
    statements(loader, rows, status=207)

    again = statements(loader, rows[:500] + half_bad_rows(500), status=207)

    assert len(again) == MOST_STATEMENTS == 14


def test_a_thousand_rejected_rows_again_cost_as_many_statements(loader: APIClient) -> None:
    rows = [employee_row(name="") for _ in range(1000)]
    first = statements(loader, rows, status=422)

    again = statements(loader, rows, status=422)

    assert len(again) == len(first)


def test_a_dry_run_costs_no_more(loader: APIClient) -> None:
    rows = half_bad_rows(1000)
    dry = statements(loader, rows, status=207, to=f"{EMPLOYEES}?dry_run=true")

    real = statements(loader, rows, status=207)

    assert len(dry) <= len(real)


def test_nothing_but_batch_and_log_is_written_of_a_rejected_batch(loader: APIClient) -> None:
    found = statements(loader, [employee_row(name="")], status=422)

    written = [sql for sql in found if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE"))]
    # One of requests, one of batches; entries of the log come by COPY.
    assert [sql.split()[2].strip('"') for sql in written] == ["counters", "batches"]
