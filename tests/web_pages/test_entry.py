"""One rejected row: what is shown of it, correcting it, discarding it, and going on with the next one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from psycopg2 import sql

from employees.models import Employee
from hrapi.ingestion.forgetting import forget_rows
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import EmployeeFactory
from tests.pages import Page
from tests.web_pages.people import ACCEPT, LIST, Person, row

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>{{7*7}}'\"&lt;"


def kept() -> list[dict[str, Any]]:
    """All that a page could change."""
    return [
        *RejectedRow.objects.order_by("pk").values(),
        *Batch.objects.order_by("pk").values(),
        *Employee.objects.order_by("pk").values(),
    ]


def inputs(page: Page) -> dict[str, str]:
    """What the inputs for the fields of the row hold."""
    fields = page.form("correct").fields
    return {name[4:]: value for name, value in fields.items() if name.startswith("row-")}


def status(entry: int) -> str:
    return RejectedRow.objects.get(pk=entry).status


def text(page: Page) -> str:
    return " ".join(page.text.split())


def test_the_form_holds_what_was_sent_with_the_faults_beside_it(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name="Zoë 😀", datetime="27/07/2021", department_id=99))

    page = steward.open(f"{LIST}{entry}/")

    assert inputs(page) == {
        "id": "7", "name": "Zoë 😀", "datetime": "27/07/2021", "department_id": "99", "job_id": "1",
    }  # fmt: skip
    assert "No department has id 99." in page.text
    assert "This is not an ISO 8601 date and time." in page.text
    for name in ("datetime", "department_id"):
        assert f'id="row-{name}-faults"' in page.html
    assert page.html.count('aria-invalid="true"') == 2
    assert page.html.count(" autofocus") == 1


def test_references_can_be_chosen_by_name_where_they_may_be_seen(steward: Person) -> None:
    [entry] = steward.reject(row(department_id=99))

    page = steward.open(f"{LIST}{entry}/")
    half = Person("", "view_rejectedrow", "change_rejectedrow", "add_employee")

    assert '<option value="2">Legal</option>' in page.html
    assert '<option value="2">Nurse</option>' in page.html
    assert "Legal" not in half.open(f"{LIST}{entry}/").html


def test_a_correction_is_stored_and_the_next_one_offered(steward: Person) -> None:
    first, second, third, other = steward.reject(
        row(id=7, name=""), row(id=8, name=""), row(id=9, name=""), row(id=10, department_id=99)
    )

    page = steward.send(
        f"{LIST}{second}/", "correct", action="send", **{"row-name": "Ada", "row-job_id": "2"}
    )

    employee = Employee.objects.get()
    assert (employee.pk, employee.name, employee.job_id) == (8, "Ada", 2)
    assert "Corrected and sent: the row is stored." in page.text
    assert "Next one 2 left of employees, required" in text(page)
    assert f"{LIST}{third}/?table=employees&code=required" in page.links
    batch = Batch.objects.latest("pk")
    assert (batch.source, batch.user) == ("resubmission", steward.user)
    assert f"resolved by {steward.user.username} in batch {batch.pk}" in text(page)
    assert f"rejected, sent by {steward.user.username} in batch {batch.pk - 1}" in text(page)

    page = steward.send(f"{LIST}{third}/", "correct", action="send", **{"row-name": "Bo"})
    # After the last one comes the first again.
    assert f"{LIST}{first}/?table=employees&code=required" in page.links
    page = steward.send(f"{LIST}{first}/", "correct", action="send", **{"row-name": "Cy"})
    assert "That was the last one of employees, required" in text(page)
    assert status(other) == "open"


def test_the_next_one_is_of_the_filter_that_one_came_with(steward: Person) -> None:
    entries = steward.reject(
        row(department_id=98), row(department_id=99), row(department_id=98), row(department_id=99)
    )
    query = "?table=employees&code=unknown_department&field=department_id&value=99"

    page = steward.send(
        f"{LIST}{entries[1]}/{query}", "correct", action="send", **{"row-department_id": "2"}
    )

    assert f"{LIST}{entries[3]}/{query}" in page.links
    assert f"{LIST}{query}" in page.links


def test_a_filter_that_cannot_be_read_is_as_none(steward: Person) -> None:
    first, second = steward.reject(row(name=""), row(name=""))

    page = steward.open(f"{LIST}{first}/?table=people&batch=x&value=%00")

    assert f"{LIST}{second}/?table=employees&code=required" in page.links


def test_what_is_still_wrong_is_told_and_what_was_typed_is_kept(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name="", department_id=99))
    before = kept()
    typed = {"row-name": f"  {EVIL} ", "row-department_id": "98", "row-datetime": "soon"}

    page = steward.send(f"{LIST}{entry}/", "correct", action="send", status=422, **typed)

    assert inputs(page) == {
        "id": "7", "name": f"  {EVIL} ", "datetime": "soon", "department_id": "98", "job_id": "1",
    }  # fmt: skip
    assert "No department has id 98." in page.text
    assert "Sent: 99" in text(page)
    assert "This field is required." not in page.text
    assert "Still wrong; nothing was changed." in page.text
    assert kept() == before


@pytest.mark.parametrize("name, code", [("Ada", 200), ("", 422)])
def test_checking_changes_nothing(steward: Person, name: str, code: int) -> None:
    [entry] = steward.reject(row(id=7, name=""))
    before = kept()

    page = steward.send(
        f"{LIST}{entry}/", "correct", action="check", status=code, **{"row-name": name}
    )

    assert kept() == before
    assert ("This would be taken." in page.text) == (code == 200)
    assert inputs(page)["name"] == name


def test_fields_that_nobody_touched_keep_their_type(steward: Person) -> None:
    # As a text 1e3 would not be a whole number.
    [entry] = steward.reject(
        json.dumps(row(id="?", name="", department_id=2)).replace('"?"', "1e3")
    )
    assert inputs(steward.open(f"{LIST}{entry}/"))["id"] == "1e3"

    steward.send(f"{LIST}{entry}/", "correct", action="send", **{"row-name": "Ada"})

    assert Employee.objects.values_list("pk", "department_id").get() == (1000, 2)


def test_a_field_that_no_input_can_hold_stays_as_it_was_sent(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name=" Ada\n", department_id=99))

    page = steward.open(f"{LIST}{entry}/")
    assert inputs(page)["name"] == ""
    assert "Sent: Ada\\n – left as it is unless you type something" in text(page)
    steward.send(f"{LIST}{entry}/", "correct", action="send", **{"row-department_id": "2"})

    assert Employee.objects.get().name == "Ada"


def test_characters_that_join_letters_stay_in_the_input(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name="علی\u200cرضا", department_id=99))
    [other] = steward.reject(row(id=8, name="Ada\u00a0Byron\u00ad", department_id=99))

    page = steward.open(f"{LIST}{entry}/")
    assert inputs(page)["name"] == "علی\u200cرضا"
    page = steward.open(f"{LIST}{other}/")
    assert inputs(page)["name"] == "Ada\u00a0Byron\u00ad"
    assert "Sent: Ada\\u00a0Byron\\u00ad" in text(page)


@pytest.mark.parametrize(
    "literal, told",
    [
        ('"a\\u0000b"', "a\\u0000b"),
        ('"a\\ud800b"', "a\\ud800b"),
        ('"a\\u202eb"', "a\\u202eb"),
        ('"a\\nb"', "a\\nb"),
        ('"\\uffff"', "\\uffff"),
        ("true", "true"),
        ("null", "null"),
        ('{"a": [1]}', '{"a": [1]}'),
        ("[]", "[]"),
    ],
)
def test_what_no_input_can_hold_is_told_beside_an_empty_one(
    steward: Person, literal: str, told: str
) -> None:
    [entry] = steward.reject(json.dumps(row(name="?")).replace('"?"', literal))

    page = steward.open(f"{LIST}{entry}/")
    assert inputs(page)["name"] == ""
    assert f"Sent: {told}" in text(page)
    steward.send(f"{LIST}{entry}/", "correct", action="send", **{"row-name": "Ada"})

    assert Employee.objects.get().name == "Ada"


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1.5", "1e400", "NaN", "0"])
def test_numbers_of_any_size_are_held_as_they_were_written(steward: Person, number: str) -> None:
    [entry] = steward.reject(json.dumps(row(job_id="?")).replace('"?"', number))

    assert inputs(steward.open(f"{LIST}{entry}/"))["job_id"] == number


@pytest.mark.parametrize(
    "sent, told",
    [
        ("7", "7"),
        ("null", "null"),
        ('"a\\u0000\\ud800<b>"', "a\\u0000\\ud800<b>"),
        ("[1, [2]]", "[1, [2]]"),
        ('{"id": 1, "id": 2}', '{"id": 1, "id": 2}'),
        ("9" * 5000, "9" * 5000),
        (json.dumps({"name": "x" * 20_000}), "Its first 16384 of 20012 characters were kept."),
    ],
)
def test_of_what_is_no_row_all_is_filled_in(steward: Person, sent: str, told: str) -> None:
    [entry] = steward.reject(sent)
    steward.open(LIST)

    page = steward.open(f"{LIST}{entry}/")
    assert set(inputs(page).values()) == {""}
    assert told in page.text
    fields = {f"row-{name}": str(value) for name, value in row(id=7, name="Ada").items()}
    page = steward.send(
        f"{LIST}{entry}/", "correct", action="send", status=422, **fields | {"row-name": ""}
    )
    assert inputs(page)["id"] == "7"
    steward.send(f"{LIST}{entry}/", "correct", action="send", **fields)

    assert Employee.objects.get().name == "Ada"
    assert status(entry) == "resolved"


def test_the_cells_of_a_ragged_record_are_listed(steward: Person) -> None:
    [entry] = steward.reject_csv(f'7,"{EVIL.replace(chr(34), "")}",2021-07-27T16:02:08Z\n')

    page = steward.open(f"{LIST}{entry}/")

    assert page.html.count("<li><bdi") == 3
    assert "<script>alert" not in page.html
    assert "<script>alert(1)" in page.text


def test_unknown_fields_are_left_out_when_somebody_says_so(steward: Person) -> None:
    extra = {f"x{number}": number for number in range(30)} | {"": "no name", "a\x00": EVIL}
    [entry] = steward.reject(row(id=7, name="Ada") | extra)
    address = f"{LIST}{entry}/"

    page = steward.send(address, "correct", action="send", status=422)
    assert "And 12 more." in page.text
    assert not Employee.objects.exists()
    page = steward.send(address, "correct", action="check", status=200, **{"leave-out": "yes"})
    assert page.form("correct").fields["leave-out"] == "yes"
    steward.send(address, "correct", action="send", page=page)

    assert Employee.objects.get().name == "Ada"


def test_a_row_that_differs_from_the_stored_one_is_shown_beside_it(steward: Person) -> None:
    EmployeeFactory(id=7, name=EVIL, department_id=1, job_id=1, department=None, job=None)
    [entry] = steward.reject(row(id=7, name="Second"))

    page = steward.open(f"{LIST}{entry}/")

    assert "/api/v1/employees/7/" in page.links
    assert f"Stored: {EVIL}" in text(page)
    assert "Stored: 2021-07-27T16:02:08Z" in text(page)
    page = steward.send(
        f"{LIST}{entry}/", "correct", action="send", status=422, **{"row-job_id": "2"}
    )
    assert "/api/v1/employees/7/" in page.links
    half = Person("", "view_rejectedrow")
    assert "Stored" not in half.open(f"{LIST}{entry}/").text


def test_of_two_people_the_slower_is_told_and_keeps_what_was_typed(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name=""))
    address = f"{LIST}{entry}/"
    ann, bob = Person("stewards"), Person("stewards")
    of_ann, of_bob = ann.open(address), bob.open(address)
    bob.send(address, "correct", page=of_bob, action="send", **{"row-name": "By Bob"})
    before = kept()

    for action in ("send", "check"):
        page = ann.send(
            address, "correct", page=of_ann, action=action, status=409, **{"row-name": EVIL}
        )
        assert "Nothing was done: the entry is resolved already" in text(page)
        assert bob.user.username in page.text
        assert EVIL in page.text
        assert "<script>alert" not in page.html
    page = ann.send(address, "close", page=of_ann, action="discard", reason="My why", status=409)
    assert "Nothing was done: the entry is resolved already" in text(page)
    assert "My why" in page.text

    assert kept() == before


def test_discarding_and_reopening_stand_in_the_history(steward: Person) -> None:
    first, second = steward.reject(row(id=7, name=""), row(id=8, name=""))
    address = f"{LIST}{first}/"

    page = steward.send(address, "close", action="discard", reason=EVIL)
    assert "Discarded." in page.text
    assert f"{LIST}{second}/?table=employees&code=required" in page.links
    assert [form for form in page.forms if form.attributes.get("id") == "correct"] == []
    page = steward.send(address, "close", action="reopen", reason="Wanted")

    assert "Opened again." in page.text
    assert inputs(page)["id"] == "7"
    name = steward.user.username
    assert f"discarded by {name}: {EVIL}" in text(page)
    assert f"reopened by {name}: Wanted" in text(page)
    assert "<script>alert" not in page.html


def test_what_is_open_in_another_entry_is_not_opened_twice(steward: Person) -> None:
    [first] = steward.reject(row(id=7, name=""))
    steward.send(f"{LIST}{first}/", "close", action="discard", reason="Old")
    [second] = steward.reject(row(id=7, name=""))

    page = steward.send(f"{LIST}{first}/", "close", action="reopen", reason="New", status=409)

    assert "It stays discarded: another entry with the same content is open." in page.text
    assert f"{LIST}{second}/" in page.links
    assert "New" in page.text


@pytest.mark.parametrize("reason", ["", "x" * 1001, "nul\x00"])
def test_a_reason_is_needed(steward: Person, reason: str) -> None:
    [entry] = steward.reject(row(id=7, name=""))
    before = kept()

    page = steward.send(f"{LIST}{entry}/", "close", action="discard", reason=reason, status=422)

    assert "reason: say why" in page.text
    assert page.form("close").fields["reason"] == reason
    assert kept() == before


def test_earlier_and_later_entries_of_the_row_are_linked(steward: Person) -> None:
    [first] = steward.reject(row(id=7, name=""))
    [second] = steward.reject(row(id=7, name="", job_id=99))
    [same] = steward.reject(row(id=7, name=""))
    [other] = steward.reject(row(id=8, name=""))
    steward.reject({"id": 7}, to="jobs")
    [nameless] = steward.reject("[1]")
    [again] = steward.reject("[1]")

    assert [link for link in steward.open(f"{LIST}{second}/").links if link.endswith("/")][-2:] == [
        f"{LIST}{same}/", f"{LIST}{first}/",
    ]  # fmt: skip
    assert "Other entries" not in steward.open(f"{LIST}{other}/").text
    assert f"{LIST}{nameless}/" in steward.open(f"{LIST}{again}/").links
    assert "superseded" in steward.open(f"{LIST}{nameless}/").text


@pytest.mark.parametrize(
    "group, permissions, forms",
    [
        ("loaders", [], []),
        ("stewards", [], ["correct", "close"]),
        ("administrators", [], ["correct", "close"]),
        ("", ["view_rejectedrow", "change_rejectedrow", "view_names"], ["close"]),
        ("", ["view_rejectedrow", "change_rejectedrow", "add_employee"], ["close"]),
        ("", ["view_rejectedrow", "view_names"], []),
    ],
)
def test_forms_are_for_those_who_may_use_them(
    steward: Person, group: str, permissions: list[str], forms: list[str]
) -> None:
    [entry] = steward.reject(row(id=7, name="Ada", department_id=99))
    person = Person(group, *permissions)
    before = kept()

    page = person.open(f"{LIST}{entry}/")

    assert [f.attributes["id"] for f in page.forms if "id" in f.attributes] == forms
    sees_sent = bool(group) or "view_names" in permissions
    assert ("Sent: 99" in text(page) or "correct" in forms) == sees_sent
    data = page.forms[0].fields | {"reason": "x", "row-department_id": "1"}
    for form, actions in {"close": ["discard", "reopen"], "correct": ["send", "check"]}.items():
        for action in actions if form not in forms else []:
            response = person.client.post(
                f"{LIST}{entry}/", data | {"action": action}, headers={"accept": ACCEPT}
            )
            assert response.status_code == 403
            assert "Forbidden" in Page(response).text
    assert kept() == before


def test_readers_do_not_see_it(steward: Person) -> None:
    [entry] = steward.reject(row(name="Ann Secret", job_id=99))

    page = Person("readers").open(f"{LIST}{entry}/", status=403)

    assert "Secret" not in page.html


@pytest.mark.parametrize("entry", ["999", "0", "9" * 30])
def test_an_entry_that_there_is_not(steward: Person, entry: str) -> None:
    page = steward.open(f"{LIST}{entry}/", status=404)

    assert "There is nothing at this address." in page.text


def test_an_action_that_there_is_not(steward: Person) -> None:
    [entry] = steward.reject(row(name=""))

    page = steward.send(f"{LIST}{entry}/", "correct", action="x", status=400, **{"row-name": "Ada"})

    assert "action: choose one of check, send, discard, reopen." in page.text
    assert ("row-name", "Ada") in page.forms[-1].fields.items()


def test_names_of_users_are_text(references: None) -> None:
    evil = Person("stewards")
    User.objects.filter(pk=evil.user.pk).update(username=EVIL)
    [entry] = evil.reject(row(name=""))

    for address in ("/", f"{LIST}{entry}/"):
        page = evil.open(address)
        assert "<script>alert" not in page.html
        assert EVIL in page.text


def test_it_costs_the_same_queries_however_many_rows_there_are(
    steward: Person, django_assert_num_queries: Any
) -> None:
    entries = steward.reject(row(id=1, department_id=120), row(id=2, department_id=120))
    # Session, user, permissions, the entry, departments and jobs to choose from, others, how many are left and
    # the next one.
    with django_assert_num_queries(9):
        steward.open(f"{LIST}{entries[0]}/")
    steward.reject(*[row(id=1, department_id=120 + number % 9) for number in range(200)])

    with django_assert_num_queries(9):
        steward.open(f"{LIST}{entries[0]}/")


def test_a_row_that_is_no_longer_kept_is_said_to_be_gone(steward: Person) -> None:
    [entry, other] = steward.reject(row(id=7, department_id=99, name=EVIL), "[1]")
    steward.send(f"{LIST}{entry}/", "close", action="discard", reason="Test data")
    steward.send(f"{LIST}{other}/", "close", action="discard", reason="Test data")
    forget_rows(sql.SQL("true"), [])

    page = steward.open(f"{LIST}{entry}/")

    assert "What was sent is no longer kept" in text(page)
    assert "It was rejected for unknown_department." in text(page)
    assert "Discarded" not in text(page)
    assert {form.attributes.get("id") for form in page.forms}.isdisjoint({"correct", "close"})
    assert "What was sent is no longer kept" in text(steward.open(f"{LIST}{other}/"))
    listed = steward.open(f"{LIST}?status=discarded")
    assert "Unknown department; what was sent is no longer kept." in text(listed)
    assert "<script>" not in listed.html
