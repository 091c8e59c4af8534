"""The reject log for who may work on it but not see names: which rows, which faults, and nothing that was sent."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from hrapi.ingestion.models import RejectedRow
from tests.names.canary import (
    CHANGED,
    EMPLOYEES,
    HTML,
    NAME,
    REJECTED,
    ROOT,
    STORED,
    holds_name,
    kept,
    row,
)  # fmt: skip
from tests.problem_bodies import assert_problem, text_of

LOG = f"{ROOT}rejected-rows/"
FILES = ["/rejected-rows.csv?table=employees", f"{ROOT}rejected-rows.csv?table=employees"]


def send(client: Client, address: str, body: Any, **headers: str) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def entry_of(row_id: int) -> RejectedRow:
    return RejectedRow.objects.get(row_id=row_id, status="open", table="employees")


def test_an_entry_says_what_is_wrong_and_nothing_that_was_sent(blind: Client) -> None:
    entry = blind.get(f"{LOG}{entry_of(9).pk}/").json()

    assert list(entry) == [
        "id", "batch", "table", "index", "line", "row_id", "status", "errors", "created_at", "history",
    ]  # fmt: skip
    assert entry["errors"] == [
        {"field": None, "code": "unknown_field", "message": "Unknown field."}
    ]
    [fault] = blind.get(f"{LOG}{entry_of(6).pk}/").json()["errors"]
    assert fault == {
        "field": "datetime",
        "code": "invalid_datetime",
        "message": "Invalid datetime.",
    }


def test_csv_has_no_column_for_what_was_sent(blind: Client) -> None:
    header = text_of(blind.get(f"{LOG}?format=csv")).splitlines()[0]

    assert header == "id,batch,table,index,line,row_id,status,errors,created_at,history"


def test_a_row_that_was_changed_is_traced_without_the_name(blind: Client) -> None:
    [change] = blind.get(f"{EMPLOYEES}{CHANGED}/trace/").json()["changes"]

    assert list(change["before"]) == ["id", "datetime", "department_id", "job_id"]


def test_files_of_rejected_rows_are_refused(blind: Client) -> None:
    batch = entry_of(REJECTED).batch_id
    for address in [*FILES, f"{ROOT}batches/{batch}/rejected-rows.csv"]:
        response = blind.get(address)
        assert response.status_code == 403
        assert "this needs the right" in text_of(response)


GUESSES: list[dict[str, Any]] = [
    {"value": NAME},
    {"field": "name", "value": "nobody"},
    {"table": "jobs", "value": NAME},
    {"code": "unknown_field", "field": NAME},
    {"id": [1], "value": None},
]


def test_entries_are_not_chosen_by_a_guess(blind: Client) -> None:
    for guess in GUESSES:
        for what in ("discard", "reopen", "resubmit"):
            order = {"filter": guess, "dry_run": True}
            order |= {} if what == "resubmit" else {"reason": "x"}
            assert_problem(send(blind, f"{LOG}{what}/", order), 403, "permission_denied")


def test_entries_are_chosen_by_what_is_shown(blind: Client) -> None:
    for chosen in ({"field": "datetime"}, {"code": "wrong_type"}, {"table": "employees"}):
        order = {"filter": chosen, "reason": "x", "dry_run": True}
        answer = send(blind, f"{LOG}discard/", order)
        assert (answer.status_code, answer.json()["changed"] > 0) == (200, True)


def test_no_answer_to_working_it_off_shows_names(blind: Client, seeing: Client) -> None:
    before = kept()
    for table in ("employees", "jobs"):
        order = {"filter": {"table": table}, "dry_run": True}
        assert holds_name(send(seeing, f"{LOG}resubmit/", order))
        answer = send(blind, f"{LOG}resubmit/", order)
        assert answer.json()["still_open_rows"]
        assert not holds_name(answer)
    for entry in RejectedRow.objects.filter(status="open").exclude(row_id=REJECTED):
        answer = send(blind, f"{LOG}{entry.pk}/resubmit/", {"department_id": 1})
        assert answer.status_code == 422
        assert not holds_name(answer)
    assert kept() == before


def test_a_corrected_row_is_answered_without_what_was_sent(blind: Client) -> None:
    answer = send(blind, f"{LOG}{entry_of(REJECTED).pk}/resubmit/", {"department_id": 1})

    assert answer.status_code == 200
    assert answer.json()["status"] == "resolved"
    assert not holds_name(answer)


def test_pages_take_no_guess_either(blind: Client) -> None:
    entry = f"/rejected-rows/{entry_of(6).pk}/"
    for page in ("/rejected-rows/", "/rejected-rows.csv", entry):
        for query in ("value=Canary", "field=Canary+Yellowbird"):
            address = f"{page}?table=employees&{query}"
            assert blind.get(address, headers={"accept": HTML}).status_code == 403, address


def test_pages_try_corrections_without_showing_names(blind: Client) -> None:
    address = "/rejected-rows/?table=employees"
    tried = {"action": "try_it", "field": "department_id", "value": "1"}

    page = blind.post(address, tried, headers={"accept": HTML})
    checked = blind.post(
        f"/rejected-rows/{entry_of(6).pk}/", {"action": "check"}, headers={"accept": HTML}
    )

    assert page.status_code == 200
    assert "would still be wrong" in text_of(page)
    assert checked.status_code == 403
    assert not holds_name(page)
    assert not holds_name(checked)


def test_the_admin_takes_no_guess_either(blind: Client) -> None:
    for lookup in ("raw__contains", "errors__contains", "content_hash", "raw__regex"):
        response = blind.get(f"/admin/ingestion/rejectedrow/?{lookup}=Canary")
        assert response.status_code in (302, 400)
        assert response.get("Location", "?e=1").endswith("?e=1")
    assert blind.get("/admin/ingestion/batch/?refused_detail__contains=Canary").status_code in (
        302,
        400,
    )


def test_an_untouched_row_of_the_log_comes_back_without_its_secrets(
    blind: Client, seeing: Client
) -> None:
    """Its cells are empty where none can hold what was sent: nobody need know it to send it back."""
    entry = entry_of(9)
    sent = f"id,name,datetime,department_id,job_id,_rejected_row\n,,,,,{entry.pk}\n"
    address = f"{EMPLOYEES}?dry_run=true"

    assert holds_name(seeing.post(address, sent, content_type="text/csv"))
    answer = blind.post(address, sent, content_type="text/csv")

    [fault] = answer.json()["rejected_rows"][0]["errors"]
    assert fault == {"field": None, "code": "unknown_field", "message": "Unknown field."}


def test_who_sends_rows_sees_what_they_held(blind: Client) -> None:
    answer = send(blind, f"{EMPLOYEES}?dry_run=true", [row(30, datetime=NAME)])

    [fault] = answer.json()["rejected_rows"][0]["errors"]
    assert fault["value"] == NAME


def test_changes_are_answered_without_the_name(blind: Client) -> None:
    address = f"{EMPLOYEES}{STORED}/"
    for body, status in [({"job_id": 1}, 200), ({"job_id": 99}, 422), ({"name": ""}, 422)]:
        answer = blind.patch(address, json.dumps(body), content_type="application/json")
        assert answer.status_code == status
        assert not holds_name(answer)
    assert kept()[0]["name"] == NAME


def test_an_answer_that_was_kept_does_not_outlive_the_right(seeing: Client) -> None:
    address = f"{LOG}{entry_of(REJECTED).pk}/resubmit/"
    key = {"Idempotency-Key": "once"}
    first = send(seeing, address, {"department_id": 1}, **key)
    assert holds_name(first)
    assert holds_name(send(seeing, address, {"department_id": 1}, **key))

    Permission.objects.get(codename="view_names").user_set.clear()
    # Losing a right ends sessions.
    seeing.force_login(User.objects.latest("pk"))
    again = send(seeing, address, {"department_id": 1}, **key)

    assert_problem(again, 422, "idempotency_mismatch")
    assert not holds_name(again)
