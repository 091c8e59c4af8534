"""A person is erased from wherever the service keeps a name, and nobody else is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from employees.models import Employee
from hrapi.backups import locking
from hrapi.ingestion.models import Batch, KeptAnswer, RejectedRow, RowChange
from hrapi.loads.models import Load
from hrapi.privacy.models import Erasure
from tests.audit.recorded import recorded
from tests.backups.running import backup, run
from tests.factories import employee_row
from tests.ingestion.sending import EMPLOYEES, REJECTED_ROWS, send, stored_ids
from tests.loads.sending import send_file, work_off
from tests.privacy.holding import (
    HEADER,
    ID,
    NAME,
    answered,
    files_with_the_name,
    keep_everywhere,
    person,
    tables_with_the_name,
)
from tests.problem_bodies import assert_problem

EVERYWHERE = {"employees", "row_changes", "rejected_rows", "kept_answers"} | {
    *("batches", "loads", "token_details")
}


def erase(*arguments: str, answer: str = "y\n") -> Any:
    return run("erase_employee", str(ID), *arguments, answer=answer)


def test_the_name_is_nowhere_afterwards(api: Any, place: Path) -> None:
    keep_everywhere(api)
    assert tables_with_the_name() == EVERYWHERE

    finished = erase("--name-too")

    assert finished.code == 0, finished.errors
    assert tables_with_the_name() == set()
    assert files_with_the_name(place) == set()
    # It is asked about by the name, on the terminal; what may be kept of the output has none.
    assert NAME in finished.errors
    assert "Yellowbird" not in finished.output


def test_what_is_left_still_adds_up(api: Any) -> None:
    entries = keep_everywhere(api)
    batches = list(Batch.objects.order_by("id").values("id", "received", "inserted", "rejected"))
    others = list(RejectedRow.objects.filter(pk=entries["other"]).values("raw", "errors", "status"))

    erase("--name-too")

    assert list(Batch.objects.order_by("id").values(*batches[0])) == batches
    assert RejectedRow.objects.count() == 5
    erased = RejectedRow.objects.get(pk=entries["by_id"])
    assert (erased.raw, erased.content_hash, erased.status) == ("", "", "discarded")
    assert [event["action"] for event in erased.history] == ["erased"]
    assert erased.codes == ["invalid_datetime"]
    other = RejectedRow.objects.filter(pk=entries["other"])
    assert list(other.values("raw", "errors", "status")) == others
    assert other.get().history[-1]["reason"] == "(erased)"
    refused = Batch.objects.filter(refused_code="bad_header").values_list("refused_detail")
    assert set(refused) == {("(erased)",)}
    assert set(Load.objects.values_list("file_name", flat=True)) == {"(erased)", "people.csv"}
    [dry_run] = Load.objects.filter(dry_run=True)
    assert (dry_run.counts["rejected"], dry_run.dry_run_answer["rejected_rows"]) == (2, [])


def test_others_are_spared_unless_they_are_named(api: Any) -> None:
    entries = keep_everywhere(api)
    send(api, employee_row(id=8, name=NAME))

    finished = erase()

    # In the order of their ids: of the person without an id, and of a row for another table.
    stay = f"{entries['without_id']}, {entries['misplaced']}"
    assert f"with this name and another id or none, which stay: {stay}." in finished.output
    assert f"with another name, and go too: {entries['other_name']}." in finished.output
    kept = RejectedRow.objects.exclude(raw="").order_by("id").values_list("pk", flat=True)
    assert list(kept) == sorted(entries[e] for e in ("without_id", "other", "misplaced"))
    assert Employee.objects.get().pk == 8

    assert erase("--also-rejected", str(entries["without_id"])).code == 0
    assert not RejectedRow.objects.get(pk=entries["without_id"]).is_kept
    assert RejectedRow.objects.get(pk=entries["misplaced"]).is_kept


def test_a_dry_run_shows_the_same_and_changes_nothing(api: Any, place: Path) -> None:
    keep_everywhere(api)

    shown = erase("--dry-run")

    assert shown.code == 0
    assert shown.output.endswith("Nothing was erased: this was a dry run.\n")
    assert tables_with_the_name() == EVERYWHERE
    assert not place.exists()
    done = erase("--no-input")
    assert (
        done.output.splitlines()[:6]
        == shown.output.splitlines()[:6]
        == [
            "Of employee 7:",
            "       1 rows of employees",
            "       1 records of what the row was before",
            "       2 entries of the reject log, of which codes and history stay",
            "       2 kept answers to requests with an Idempotency-Key",
            "       6 names of files and tokens, messages and reasons that hold the name",
        ]
    )


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "yeah\n"])
def test_the_answer_is_no_unless_it_is_yes(api: Any, answer: str) -> None:
    send(api, person())

    finished = erase(answer=answer)

    assert finished.code == 1
    assert finished.errors.endswith("CommandError: Nothing was erased.\n")
    assert stored_ids() == [ID]
    assert not Erasure.objects.exists()


@pytest.mark.parametrize(
    "arguments, code, message",
    [
        (["0"], 2, "0 is not an id of an employee."),
        ([str(2**53)], 2, "is not an id of an employee."),
        (["7", "--user", "nobody"], 2, "There is no user 'nobody'."),
        (["7", "--also-rejected", "99"], 1, "Nothing was erased: the reject log has no entry 99."),
    ],
)
def test_wrong_usage_changes_nothing(
    api: Any, arguments: list[str], code: int, message: str
) -> None:
    send(api, person())

    finished = run("erase_employee", *arguments, "--no-input")

    assert finished.code == code
    assert message in finished.errors
    assert stored_ids() == [ID]


def test_the_record_names_nobody(api: Any, place: Path) -> None:
    entries = keep_everywhere(api)
    User.objects.create_user("officer")

    erase("--user", "officer")

    record = Erasure.objects.get()
    assert (record.table, record.row_id, record.user.username) == ("employees", ID, "officer")
    assert record.counts["rejected_rows"] == 2
    [file] = (place / "erasures").iterdir()
    assert file.name == f"{record.record}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    event = RejectedRow.objects.get(pk=entries["by_id"]).history[-1]
    assert (event["action"], event["user"]) == ("erased", "officer")
    [*_, deleted] = RowChange.objects.filter(row_id=ID)
    assert (deleted.action, deleted.before, deleted.user.username) == ("deleted", {}, "officer")


def test_the_trace_tells_that_it_is_gone_and_not_what_it_was(api: Any) -> None:
    keep_everywhere(api)
    erase()

    trace = api.get(f"{EMPLOYEES}{ID}/trace/").json()

    assert trace["stored"] is False
    assert [(change["action"], change["before"]) for change in trace["changes"]] == [
        ("changed", None),
        ("deleted", None),
    ]
    assert [row["history"][-1]["action"] for row in trace["rejected_rows"]] == ["erased"] * 2
    entry = trace["rejected_rows"][0]["id"]
    assert api.get(f"{REJECTED_ROWS}{entry}/").json()["raw"] is None
    assert api.get(f"{REJECTED_ROWS}?format=csv").status_code == 200


@pytest.mark.parametrize("body", [person(), person(name="Not the same")])
def test_a_request_sent_again_does_not_bring_the_person_back(api: Any, body: Any) -> None:
    send(api, person(), idempotency_key="one")
    send(api, employee_row(id=8), idempotency_key="other")
    erase()

    again = send(api, body, idempotency_key="one")

    assert_problem(again, 409, "conflict")
    assert "is not carried out again" in again.json()["detail"]
    assert again["Idempotent-Replayed"] == "true"
    assert stored_ids() == [8]
    assert send(api, employee_row(id=8), idempotency_key="other")["Idempotent-Replayed"] == "true"
    kept = KeptAnswer.objects.get(key="one")
    assert kept.fingerprint == ""


def test_the_person_may_be_hired_again(api: Any) -> None:
    keep_everywhere(api)
    erase("--name-too")

    assert answered(send(api, person()))[0] == 201
    assert stored_ids() == [ID]


def test_what_is_held_nowhere_can_be_erased_for_the_sake_of_older_backups(place: Path) -> None:
    finished = erase()

    assert finished.code == 0
    assert "Nothing is held here. Older backups may hold something." in finished.output
    assert "(no name is stored)" in finished.errors
    assert Erasure.objects.count() == len(list((place / "erasures").iterdir())) == 1


def test_of_a_person_who_never_got_in_the_name_is_that_of_the_rejected_rows(api: Any) -> None:
    send(api, [person(datetime="never"), person(id=None)])

    assert f"({NAME})" in erase("--name-too").errors
    assert tables_with_the_name() == set()


@pytest.mark.parametrize(
    "name", ["李小龍 Yellowbird", 'O\'Brien "Y" \\ Yellowbird', "=1+1 Yellowbird", "🦆 Yellowbird"]
)
def test_a_name_is_found_however_it_was_sent(api: Any, name: str) -> None:
    send(api, person(name=name))
    escaped = "".join(f"\\u{unit:04X}" for unit in _utf_16(name))
    send(api, f'[{{"id": null, "name": "{escaped}"}}]')
    send(api, [person(id=None, name=f"  {name}  ".replace(" ", "  ").swapcase())])
    send(api, [person(id=None, name=f"{name}s"), person(id=None, name=f"Mc{name.split()[-1]}")])
    ids = list(RejectedRow.objects.order_by("pk").values_list("pk", flat=True))

    erase("--name-too")

    kept = RejectedRow.objects.exclude(raw="").order_by("pk").values_list("pk", flat=True)
    assert list(kept) == ids[2:]


@pytest.mark.parametrize("name", ["A", "is", "\u3000Al "])
def test_a_name_that_is_in_half_of_all_texts_is_not_looked_for(api: Any, name: str) -> None:
    send(api, person(name=name))
    rows = [employee_row(id=None, name=f"This is {name}"), person(datetime="never", name=name)]
    send(api, rows, idempotency_key="two")
    send(api, employee_row(id=8), idempotency_key="other")

    erase("--name-too")

    assert [entry.row_id for entry in RejectedRow.objects.exclude(raw="")] == [None]
    assert KeptAnswer.objects.get(key="other").fingerprint != ""


def _utf_16(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]


def test_a_file_that_is_not_loaded_yet_is_waited_for(api: Any) -> None:
    send(api, person())
    load = send_file(api, f"{HEADER}{ID},{NAME},x,1,1\n".encode(), table="employees").json()["id"]

    finished = erase("--no-input")

    assert finished.code == 1
    assert f"Nothing was erased: load {load} into employees is waiting" in finished.errors
    assert stored_ids() == [ID]
    work_off()
    assert erase("--no-input").code == 0
    assert tables_with_the_name() == set()


@pytest.mark.parametrize("obstacle", [".", "erasures"])
def test_a_place_that_cannot_be_written_calls_it_off(api: Any, place: Path, obstacle: str) -> None:
    keep_everywhere(api)
    (place / obstacle).parent.mkdir(exist_ok=True)
    (place / obstacle).write_text("a file")

    finished = erase("--no-input")

    assert finished.code == 1
    assert "Nothing was erased: no record of it could be kept beside the backups" in finished.errors
    assert tables_with_the_name() == EVERYWHERE
    assert not Erasure.objects.exists()


def test_what_came_between_the_question_and_the_answer_is_shown_again(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(api, person())

    def confirm(*_: Any) -> bool:
        send(api, [person(datetime="never")])
        return True

    command = "hrapi.privacy.management.commands.erase_employee.Command._confirmed"
    monkeypatch.setattr(command, confirm)

    finished = erase()

    assert finished.code == 1
    assert "what is held has changed meanwhile. Look at the plan again." in finished.errors
    assert stored_ids() == [ID]


def test_no_backup_is_made_meanwhile(api: Any) -> None:
    send(api, person())
    with locking.one_run_at_a_time("backup"):
        finished = erase("--no-input")

    assert finished.code == 75
    assert stored_ids() == [ID]


@pytest.fixture
def at_work(api: Any) -> Iterator[Any]:
    """Somebody else's connection, in a transaction that has just stored the person."""
    other = connections["default"].copy()
    other.inc_thread_sharing()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                " VALUES (%s, %s, now(), 1, 1)",
                [ID, NAME],
            )
        yield other
    finally:
        other.close()


def test_who_is_just_being_stored_is_waited_for_and_erased(at_work: Any) -> None:
    def erase_elsewhere() -> int:
        try:
            return int(erase("--no-input").code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        erasing = pool.submit(erase_elsewhere)
        wait_until_it_waits()
        at_work.commit()
        assert erasing.result(60) == 0

    assert tables_with_the_name() == set()


def test_it_does_not_wait_for_ever(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hrapi.backups.locking.MAX_WAIT_SECONDS", 1)

    finished = erase("--no-input")

    assert finished.code == 1
    assert "others have not let go of a table" in finished.errors
    assert not Erasure.objects.exists()


def wait_until_it_waits() -> None:
    for _ in range(600):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("Nobody waits for a lock.")


def test_backups_and_what_is_done_with_them_go_on_as_before(api: Any, place: Path) -> None:
    send(api, person())
    name = backup()
    erase()

    assert run("list_backups").output.split()[0] == name
    assert run("verify_backup", "latest", "--deep").code == 0
    assert run("prune_backups", "--keep-last", "1", "--yes").code == 0
    assert run("backup_status").code == 0
    assert len(list((place / "erasures").iterdir())) == 1


def test_it_is_recorded_without_the_name(api: Any) -> None:
    send(api, [person()])

    with recorded() as events:
        assert erase().code == 0

    [event] = [event for event in events if event.action == "erased"]
    assert event.what == {"table": "employees", "id": ID, "counts": Erasure.objects.get().counts}
    assert NAME not in str(vars(event))
