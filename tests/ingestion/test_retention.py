"""What was sent of rejected rows goes some time after their entries were closed; that they were rejected stays."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from tests.factories import employee_row
from tests.ingestion.sending import REJECTED_ROWS, send, stored_ids
from tests.problem_bodies import assert_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

CANARY = "Canary Yellowbird"
DAYS = 90


def rejected(api: Any, status: str = "discarded", *, days: float = DAYS + 1, **row: Any) -> int:
    """The id of an entry that got its status so many days ago."""
    sent = employee_row(name=CANARY, department_id=99) | row
    entry: int = send(api, [sent]).json()["rejected_rows"][0]["rejected_row"]
    at = timezone.now() - timedelta(days=days)
    event = {"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "action": status, "batch": None, "user": "ann"}
    history = [] if status == "open" else [event | {"reason": "Test data"}]
    RejectedRow.objects.filter(pk=entry).update(status=status, history=history, created_at=at)
    return entry


def purge(capsys: Any) -> str:
    call_command("purge")
    found: str = capsys.readouterr().out
    return found


def everything_kept() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(entry::text, ' ') FROM rejected_rows AS entry")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("status", ["resolved", "superseded", "discarded"])
def test_what_was_sent_goes_and_all_else_stays(api: Any, capsys: Any, status: str) -> None:
    entry = rejected(api, status, id=7, datetime=CANARY, **{CANARY: CANARY})
    before = RejectedRow.objects.values().get()

    assert "\n1 rejected rows emptied" in purge(capsys)

    after = RejectedRow.objects.values().get(pk=entry)
    assert CANARY not in everything_kept()
    assert [(e["field"], e["code"], e["value"]) for e in after["errors"]] == [
        ("datetime", "invalid_datetime", None),
        ("department_id", "unknown_department", None),
        (None, "unknown_field", None),
    ]
    assert after["errors"][1]["message"] == "Unknown department; what was sent is no longer kept."
    gone = {"raw": "", "raw_length": 0, "content_hash": "", "errors": after["errors"]}
    assert after == before | gone
    assert "\n0 rejected rows emptied" in purge(capsys)


@pytest.mark.parametrize("status, days", [("open", 1000), ("discarded", DAYS - 1), ("resolved", 0)])
def test_what_is_open_or_was_closed_lately_stays(
    api: Any, capsys: Any, status: str, days: float
) -> None:
    entry = rejected(api, status, days=days)
    # It was rejected long ago: what counts is when it was closed.
    RejectedRow.objects.update(created_at=timezone.now() - timedelta(days=1000))

    assert "\n0 rejected rows emptied" in purge(capsys)
    assert CANARY in RejectedRow.objects.get(pk=entry).raw


def test_without_a_history_the_time_of_the_rejection_counts(api: Any, capsys: Any) -> None:
    rejected(api, id=7)
    rejected(api, id=8, days=DAYS - 1)
    RejectedRow.objects.update(history=[])

    assert "\n1 rejected rows emptied" in purge(capsys)


def test_the_setting_says_how_long(api: Any, capsys: Any, settings: Any) -> None:
    settings.REJECTED_ROW_DAYS = 3
    rejected(api, days=4)
    rejected(api, id=8, days=2)

    assert "\n1 rejected rows emptied" in purge(capsys)


def test_more_than_fit_into_one_transaction(
    api: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hrapi.ingestion.forgetting._CHUNK_ROWS", 2)
    for number in range(5):
        rejected(api, id=number + 1)

    assert "\n5 rejected rows emptied" in purge(capsys)
    assert CANARY not in everything_kept()


def test_it_is_shown_as_no_longer_kept(api: Any, capsys: Any) -> None:
    entry = rejected(api, id=7)
    purge(capsys)

    shown = api.get(f"{REJECTED_ROWS}{entry}/").json()
    listed = b"".join(api.get(f"{REJECTED_ROWS}?format=csv").streaming_content).decode()
    trace = api.get("/api/v1/employees/7/trace/").json()

    assert (shown["raw"], shown["raw_truncated"]) == (None, False)
    [row] = csv.DictReader(io.StringIO(listed))
    assert (row["raw"], row["errors"]) == ("", "department_id: unknown_department")
    assert trace["rejected_rows"][0]["errors"][0]["value"] is None


def test_it_cannot_be_corrected_nor_opened_again(api: Any, capsys: Any) -> None:
    entry = rejected(api)
    purge(capsys)

    assert_problem(api.post(f"{REJECTED_ROWS}{entry}/resubmit/", {}), 409, "conflict")
    order = {"filter": {"id": [entry]}, "reason": "After all"}
    assert api.post(f"{REJECTED_ROWS}reopen/", order).json()["changed"] == 0


def test_undoing_the_batch_that_resolved_it_does_not_open_it(api: Any, capsys: Any) -> None:
    entry = rejected(api, "open", id=7)
    batch = send(api, [employee_row(id=7)]).json()["batch"]
    [event] = RejectedRow.objects.get(pk=entry).history
    RejectedRow.objects.update(history=[event | {"at": "2020-01-01T00:00:00Z"}])
    assert "\n1 rejected rows emptied" in purge(capsys)

    answer = api.post(f"/api/v1/batches/{batch}/undo/").json()

    assert (answer["removed"], answer["reopened"]) == (1, 0)


def test_the_file_to_correct_leaves_it_out_and_takes_it_back(api: Any, capsys: Any) -> None:
    entry = rejected(api, id=7)
    address = f"/api/v1/batches/{RejectedRow.objects.get().batch_id}/rejected-rows.csv"
    before = b"".join(api.get(address).streaming_content).decode()
    purge(capsys)

    after = b"".join(api.get(address).streaming_content).decode()
    assert after == before.splitlines(keepends=True)[0]

    # Whoever has the old file at home sends a row like any other: wrong as it was, then corrected.
    again = send(api, before, content_type="text/csv").json()
    assert [row["id"] for row in again["rejected_rows"]] == [7]
    assert send(api, before.replace(",99,", ",1,"), content_type="text/csv").status_code == 201
    assert stored_ids() == [7]
    assert Employee.objects.get().name == CANARY
    assert RejectedRow.objects.get(pk=entry).status == "discarded"
