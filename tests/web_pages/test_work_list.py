"""The work list: filters, pages, groups, and correcting or discarding many rows at once."""

from __future__ import annotations

from typing import Any

import pytest

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.pages import Page
from tests.web_pages.people import ACCEPT, LIST, Person, row

pytestmark = pytest.mark.django_db


def shown(page: Page) -> list[str]:
    """The ids of the rows that the page lists."""
    return [line[0] for table in page.tables for line in table[1:]]


def kept() -> list[dict[str, Any]]:
    """All that a page could change."""
    return [
        *RejectedRow.objects.order_by("pk").values(),
        *Batch.objects.order_by("pk").values(),
        *Employee.objects.order_by("pk").values(),
    ]


def states() -> dict[int | None, str]:
    return dict(RejectedRow.objects.values_list("row_id", "status"))


@pytest.fixture
def some(steward: Person) -> Person:
    steward.reject(row(id=1, department_id=120), row(id=2, department_id=120, name=""))
    steward.reject(row(id=3, name=""), row(id=4, job_id="seven"), row(id=5, job_id="0"))
    steward.reject({"id": 6, "job": ""}, to="jobs")
    RejectedRow.objects.filter(row_id=4).update(status="discarded")
    return steward


@pytest.mark.parametrize(
    "query, ids",
    [
        ("", ["employees 1", "employees 2", "employees 3", "employees 5", "jobs 6"]),
        ("?table=employees", ["1", "2", "3", "5"]),
        ("?status=discarded", ["employees 4discarded"]),
        ("?status=all&table=employees", ["1", "2", "3", "4discarded", "5"]),
        ("?table=employees&code=required", ["2", "3"]),
        ("?table=employees&code=required&field=name", ["2", "3"]),
        ("?table=employees&code=unknown_department&field=name", []),
        ("?table=employees&code=unknown_department&value=120", ["1", "2"]),
        ("?table=employees&value=%22120%22", []),
        ("?table=employees&value=%220%22", ["5"]),
        ("?table=employees&value=seven&status=all", ["4discarded"]),
        ("?table=employees&row_id=2", ["2"]),
        ("?table=employees&value=%22%22", ["2", "3"]),
        ("?table=employees&value=%F0%9F%98%80%5B%5B%7B", []),
        ("?table=departments", []),
    ],
)
def test_each_filter_shows_what_fits(some: Person, query: str, ids: list[str]) -> None:
    page = some.open(LIST + query)

    assert shown(page) == ids
    assert f"{len(ids)} " in page.text


def test_the_rows_of_a_table_that_fit_are_offered_as_a_file_and_can_be_sent_back(
    some: Person,
) -> None:
    batch = Batch.objects.filter(table="employees").latest("pk").pk
    query = f"?table=employees&batch={batch}"

    page = some.open(LIST + query)

    assert shown(page) == ["3", "5"]
    assert {f"/rejected-rows.csv{query}", "/api/v1/employees/#post-file"} <= set(page.links)
    file = some.client.get(f"/rejected-rows.csv{query}")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == (
        "id,name,datetime,department_id,job_id,_rejected_row,_line,_codes,_messages"
    )
    assert [line.partition(",")[0] for line in lines[1:]] == ["3", "5"]


@pytest.mark.parametrize("query", ["", "?status=open", "?table=people", "?table=employees&batch=x"])
def test_a_file_needs_a_filter_that_can_be_read_and_names_a_table(some: Person, query: str) -> None:
    some.open(f"/rejected-rows.csv{query}", status=400)


def test_the_file_is_for_those_who_see_the_log() -> None:
    Person("readers").open("/rejected-rows.csv?table=employees", status=403)


@pytest.mark.parametrize(
    "query",
    [
        "?table=people",
        "?code=x",
        "?status=x",
        "?batch=x",
        "?batch=-1",
        "?value=%00",
        f"?row_id={'9' * 30}",
    ],
)
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(some: Person, query: str) -> None:
    page = some.open(LIST + query, status=400)

    assert page.tables == []
    assert [form.attributes.get("id") for form in page.forms if "id" in form.attributes] == []
    reasons = ("valid choice", "whole number", "or equal to", "Null characters")
    assert any(reason in page.text for reason in reasons)


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "%00", ""])
def test_a_cursor_that_is_none_shows_the_first_page(some: Person, cursor: str) -> None:
    assert len(shown(some.open(f"{LIST}?after={cursor}"))) == 5


def test_pages_follow_each_other_and_keep_the_filter(steward: Person) -> None:
    steward.reject(*[row(id=1000 + number, name="") for number in range(120)])
    found: list[str] = []
    address = f"{LIST}?table=employees&code=required"

    for _ in range(3):
        page = steward.open(address)
        found += shown(page)
        following = [link for link in page.links if "after=" in link]
        address = following[0] if following else ""

    assert found == [str(1000 + number) for number in range(120)]
    assert address == ""


def test_an_entry_tells_what_was_sent_and_each_fault_in_words(steward: Person) -> None:
    [entry] = steward.reject(row(id=7, name="Tab\tin it", datetime="yesterday", department_id=120))
    steward.reject('[1, "<b>"]', '"text"')

    page = steward.open(f"{LIST}?table=employees")

    first, second, third = page.tables[0][1:]
    assert first[0] == "7"
    for text in ("Tab\\tin it", "yesterday", "department_id120"):
        assert text in first[1]
    assert "No department has id 120." in first[2]
    assert "This is not an ISO 8601 date and time." in first[2]
    assert (second[0], second[1]) == ("without an id", '[1, "<b>"]')
    assert third[1] == '"text"'
    assert f"{LIST}{entry}/?table=employees" in page.links


def test_the_groups_are_filters(some: Person) -> None:
    page = some.open(f"{LIST}?table=employees")

    links = [link for link in page.links if "value=" in link]
    assert links == [
        "?table=employees&code=required&field=name&value=%22%22",
        "?table=employees&code=unknown_department&field=department_id&value=120",
    ]
    assert "2 rows: unknown department: department_id 120" in page.text
    assert shown(some.open(LIST + links[1])) == ["1", "2"]
    assert [link for link in some.open(LIST).links if "value=" in link] == []


DEPARTMENT_120 = f"{LIST}?table=employees&code=unknown_department&field=department_id&value=120"


def test_trying_a_correction_tells_what_it_would_do_and_changes_nothing(some: Person) -> None:
    before = kept()

    page = some.send(
        DEPARTMENT_120, "correct-many", field="department_id", value="2", action="try_it", status=200
    )  # fmt: skip

    assert kept() == before
    assert "1 row would be taken, 1 would still be wrong" in " ".join(page.text.split())
    assert "1 row: name: This field is required." in page.text
    assert page.form("correct-many").fields["value"] == "2"
    assert page.form("correct-tried").fields["value"] == "2"


def test_the_field_at_fault_is_chosen_already_and_has_the_names_to_choose_from(
    some: Person,
) -> None:
    for query in ("&field=department_id", ""):
        page = some.open(f"{LIST}?table=employees&code=unknown_department{query}")

        assert page.form("correct-many").fields["field"] == "department_id"
        assert '<option value="2">Legal</option>' in page.html


def test_correcting_takes_the_rows_that_are_right_and_leaves_the_others(some: Person) -> None:
    tried = some.send(
        DEPARTMENT_120, "correct-many", field="department_id", value="2", action="try_it", status=200
    )  # fmt: skip

    page = some.send(DEPARTMENT_120, "correct-tried", page=tried, action="correct")

    assert "1 row was corrected and stored as batch" in page.text
    employee = Employee.objects.get()
    assert (employee.pk, employee.department_id) == (1, 2)
    assert states() == {
        1: "resolved", 2: "open", 3: "open", 4: "discarded", 5: "open", 6: "open",
    }  # fmt: skip
    [event] = RejectedRow.objects.get(row_id=1).history
    assert (event["action"], event["user"]) == ("resolved", some.user.username)


def test_only_what_was_tried_is_corrected(some: Person) -> None:
    tried = some.send(
        DEPARTMENT_120, "correct-many", field="department_id", value="2", action="try_it", status=200
    )  # fmt: skip
    some.reject(row(id=9, department_id=120))
    RejectedRow.objects.filter(row_id=1).update(status="discarded")

    page = some.send(DEPARTMENT_120, "correct-tried", page=tried, action="correct")

    assert "0 rows were corrected and stored. 1 row was not: still wrong, or somebody" in page.text
    assert states()[9] == "open"
    assert not Employee.objects.exists()


def test_of_more_than_a_thousand_the_first_thousand_are_tried(steward: Person) -> None:
    steward.reject(*[row(id=1000 + number, department_id=120) for number in range(1000)])
    steward.reject(row(id=9, department_id=120))

    page = steward.send(
        DEPARTMENT_120, "correct-many", field="department_id", value="2", action="try_it", status=200
    )  # fmt: skip
    assert "the first 1,000 are tried" in page.text
    page = steward.send(DEPARTMENT_120, "correct-tried", page=page, action="correct")

    assert "1,000 rows were corrected" in page.text
    assert shown(page) == ["9"]
    assert Employee.objects.count() == 1000


def test_rows_can_be_tried_as_they_are(some: Person) -> None:
    from tests.factories import DepartmentFactory

    DepartmentFactory(id=120)

    page = some.send(
        DEPARTMENT_120, "correct-many", field="", value="", action="try_it", status=200
    )  # fmt: skip

    assert "1 row would be taken" in page.text


def test_what_would_still_be_wrong_is_told_once_for_all_rows(steward: Person) -> None:
    steward.reject(*[row(department_id=120) for _ in range(30)])

    page = steward.send(
        DEPARTMENT_120, "correct-many", field="department_id", value="121", action="try_it", status=200
    )  # fmt: skip

    assert "30 rows: department_id: No department has id 121." in page.text
    assert [form for form in page.forms if form.attributes.get("id") == "correct-tried"] == []


def test_discarding_closes_what_fits_and_reopening_opens_it(some: Person) -> None:
    address = f"{LIST}?table=employees&code=required"

    page = some.send(address, "close-many", reason="Test data", action="discard")
    assert "2 rows were discarded." in page.text
    assert (states()[2], states()[3]) == ("discarded", "discarded")
    assert RejectedRow.objects.get(row_id=3).history[0]["reason"] == "Test data"

    page = some.send(f"{address}&status=discarded", "close-many", reason="Not", action="reopen")
    assert "2 rows were opened again." in page.text
    assert (states()[2], states()[3]) == ("open", "open")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "line\nbreak", "nul\x00"])
def test_a_reason_is_needed(some: Person, reason: str) -> None:
    before = kept()

    page = some.send(
        f"{LIST}?table=employees", "close-many", reason=reason, action="discard", status=422
    )

    assert "reason: say why" in page.text
    assert page.form("close-many").fields["reason"] == reason
    assert kept() == before


def test_no_more_rows_are_discarded_than_were_seen(some: Person) -> None:
    page = some.open(f"{LIST}?table=employees")
    some.reject(row(id=9, name=""))
    before = kept()

    page = some.send(
        f"{LIST}?table=employees", "close-many", page=page, reason="Old", action="discard", status=409
    )  # fmt: skip

    assert "Nothing was done: 5 rows fit the filter by now." in page.text
    assert page.form("close-many").fields["reason"] == "Old"
    assert kept() == before


@pytest.mark.parametrize(
    "query, fields",
    [
        ("", {"action": "try_it"}),
        ("?table=x", {"action": "try_it"}),
        ("?table=employees&row_id=1", {"action": "discard", "reason": "x", "count": "1"}),
        ("?table=employees&status=resolved", {"action": "reopen", "reason": "x", "count": "0"}),
        ("?table=employees", {"action": "x"}),
        ("?table=employees", {}),
        ("?table=employees", {"action": "try_it", "field": "salary"}),
        ("?table=employees", {"action": "correct", "ids": ""}),
        ("?table=employees", {"action": "correct", "ids": "1,x"}),
        ("?table=employees", {"action": "correct", "ids": ",".join(["1"] * 1001)}),
    ],
)
def test_what_no_form_sends_is_refused_on_a_page(
    some: Person, query: str, fields: dict[str, str]
) -> None:
    before = kept()
    token = some.open(LIST).forms[0].fields

    response = some.client.post(LIST + query, token | fields, headers={"accept": ACCEPT})

    assert response.status_code == 400
    assert "Bad Request" in Page(response).text
    assert kept() == before


@pytest.mark.parametrize(
    "group, permissions, forms",
    [
        ("loaders", [], []),
        ("stewards", [], ["correct-many", "close-many"]),
        ("administrators", [], ["correct-many", "close-many"]),
        ("", ["view_rejectedrow", "change_rejectedrow"], ["close-many"]),
        ("", ["view_rejectedrow"], []),
    ],
)
def test_forms_are_for_those_who_may_use_them(
    some: Person, group: str, permissions: list[str], forms: list[str]
) -> None:
    person = Person(group, *permissions)
    address = f"{LIST}?table=employees"
    before = kept()

    page = person.open(address)

    assert [f.attributes["id"] for f in page.forms if "id" in f.attributes] == forms
    entry = RejectedRow.objects.get(row_id=1).pk
    data = page.forms[0].fields | {"count": "4", "reason": "x", "ids": str(entry)}
    actions = {"close-many": ["discard", "reopen"], "correct-many": ["try_it", "correct"]}
    for form, names in actions.items():
        for action in names if form not in forms else []:
            response = person.client.post(
                address, data | {"action": action}, headers={"accept": ACCEPT}
            )
            assert response.status_code == 403
    assert kept() == before


def test_readers_do_not_see_it() -> None:
    page = Person("readers").open(LIST, status=403)

    assert "You do not have permission to do this." in page.text


def test_an_empty_log_is_told_as_such(steward: Person) -> None:
    assert "No row fits." in steward.open(LIST).text
    assert "No row fits." in steward.open(f"{LIST}?table=employees").text


def test_it_costs_the_same_queries_however_many_rows_there_are(
    steward: Person, django_assert_num_queries: Any
) -> None:
    address = f"{LIST}?table=employees"
    steward.reject(row(department_id=120))
    # Session, user, permissions, entries, groups, count, departments and jobs to choose from.
    with django_assert_num_queries(8):
        steward.open(address)
    steward.reject(*[row(department_id=120 + number % 9, name="") for number in range(200)])

    with django_assert_num_queries(8):
        steward.open(address)
