"""What was recorded is read through the API, in the admin and in the log, and deleted by the owner alone."""

from __future__ import annotations

import csv
import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from hrapi.audit.models import AuditEvent
from hrapi.audit.recording import LOGGER, Action, record
from hrapi.logs import JsonFormatter
from tests.problem_bodies import assert_problem, text_of
from tests.test_docs import document, names_in, table_after

pytestmark = pytest.mark.django_db

EVENTS = "/api/v1/audit-events/"
NOON = datetime(2026, 11, 7, 12, tzinfo=UTC)


def event(**members: Any) -> int:
    facts: dict[str, Any] = {"action": Action.LOGIN, "user": "ann", "at": NOON}
    return int(AuditEvent.objects.create(**facts | members).pk)


@pytest.fixture
def since(api: Any) -> str:
    """A filter that leaves out what logging in and making users has recorded."""
    return "until=2026-11-09"


def test_an_event_as_it_is_read(api: Any, since: str) -> None:
    pk = event(user_id=7, address="203.0.113.9", request_id="r1", what={"account": "ann"})

    [shown] = api.get(f"{EVENTS}?{since}").json()["results"]

    assert shown == {
        "id": pk,
        "at": "2026-11-07T12:00:00Z",
        "action": "login",
        "user": "ann",
        "user_id": 7,
        "address": "203.0.113.9",
        "request_id": "r1",
        "command": None,
        "what": {"account": "ann"},
    }


@pytest.mark.parametrize(
    "query, found",
    [
        ("", ["ann", "bob", None]),
        ("action=denied", [None]),
        ("user=ann", ["ann"]),
        ("user=an", []),
        ("user_id=7", ["bob"]),
        ("since=2026-11-07T12:00:00Z", ["ann", "bob", None]),
        ("since=2026-11-07T12:00:01Z", ["bob", None]),
        ("action=login&since=2026-11-08", ["bob"]),
    ],
)
def test_filters(api: Any, since: str, query: str, found: list[str | None]) -> None:
    event()
    event(user="bob", user_id=7, at=NOON + timedelta(hours=12))
    event(user=None, action=Action.DENIED, at=NOON + timedelta(hours=13))

    shown = api.get(f"{EVENTS}?{since}&{query}").json()["results"]

    assert [each["user"] for each in shown] == found


def test_the_moment_until_which_is_not_shown_itself(api: Any) -> None:
    event()

    assert api.get(f"{EVENTS}?until=2026-11-07T12:00:00Z").json()["results"] == []


@pytest.mark.parametrize("query", ["action=all", "since=now", "user_id=x", "user=%00", "when=now"])
def test_what_is_no_filter_is_refused(api: Any, query: str) -> None:
    assert_problem(api.get(f"{EVENTS}?{query}"), 400, "invalid_parameter")


def test_pages_and_csv(api: Any, since: str) -> None:
    ids = [event(what={"number": number}) for number in range(3)]

    first = api.get(f"{EVENTS}?{since}&page_size=2").json()
    second = api.get(first["next"]).json()
    rows = list(csv.DictReader(text_of(api.get(f"{EVENTS}?{since}&format=csv")).splitlines()))

    assert [each["id"] for each in first["results"] + second["results"]] == ids
    assert second["next"] is None
    assert [row["id"] for row in rows] == [str(pk) for pk in ids]
    assert [json.loads(row["what"]) for row in rows] == [{"number": n} for n in range(3)]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_api_only_reads(api: Any, method: str) -> None:
    assert_problem(api.generic(method, EVENTS), 405, "method_not_allowed")


def test_the_admin_only_reads() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    pk = event(what={"account": "<b>ann"})
    address = "/admin/audit/auditevent/"

    assert "&lt;b&gt;ann" in client.get(address).content.decode()
    assert client.get(f"{address}{pk}/change/").status_code == 200
    for path in ("add/", f"{pk}/delete/"):
        assert client.get(f"{address}{path}").status_code == 403
    assert client.post(f"{address}{pk}/change/", {"user": "eve"}).status_code == 403
    assert AuditEvent.objects.get(pk=pk).user == "ann"


def test_each_event_is_a_line_of_the_log(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with (
        caplog.at_level(logging.INFO, LOGGER),
        django_capture_on_commit_callbacks(execute=True),
    ):
        record(
            Action.TOKEN_ENDED, {"token": 7, "account": "a\nnn"}, user=User(pk=7, username="ann")
        )
        with transaction.atomic():
            record(Action.LOGIN, user=User(username="bob"))
            transaction.set_rollback(True)

    [found] = [line for line in caplog.records if line.name == LOGGER]
    line = json.loads(JsonFormatter().format(found))
    members = {"action": "token_ended", "user": "ann", "user_id": 7, "address": None}
    what = {"token": 7, "account": "a\nnn"}
    assert line.items() >= (members | {"event": AuditEvent.objects.get(user="ann").pk}).items()
    assert line["what"] == what
    assert found.getMessage() == (
        'Audit: action="token_ended" user="ann" user_id=7 address=null what={"token": 7, "account": "a\\nnn"}'
    )


def test_every_action_is_documented() -> None:
    rows = table_after("## Audit", document("operations.md"))

    assert names_in([row[0] for row in rows]) == AuditEvent.Action.values


def test_the_owner_deletes_what_is_old_as_documented() -> None:
    text = document("operations.md")
    [statements] = re.findall(r"```sql\n(BEGIN;\nALTER TABLE audit_events.*?)```", text, re.DOTALL)
    old = event(at=timezone.now() - timedelta(days=3 * 366))
    young = event(at=timezone.now() - timedelta(days=1000))

    with connection.cursor() as cursor:
        cursor.execute(statements.replace("BEGIN;", "").replace("COMMIT;", ""))

    assert set(AuditEvent.objects.filter(pk__in=[old, young]).values_list("pk", flat=True)) == {
        young
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'audit_events_only_grow'")
        assert cursor.fetchone() == ("O",)
