"""The page of a batch, and taking it back in two steps."""

from __future__ import annotations

from typing import Any

import pytest

from departments.models import Department
from hrapi.ingestion.models import Batch, RejectedRow, RowChange
from tests.factories import EmployeeFactory
from tests.web_pages.people import Person

pytestmark = pytest.mark.django_db

ROWS = [{"id": 11, "department": "A"}, {"id": 12, "department": "<b>"}, {"id": 13}]


@pytest.fixture
def administrator(db: None) -> Person:
    return Person("administrators")


def post(person: Person, rows: Any, to: str = "departments") -> int:
    token = person.open("/").forms[0].fields["csrfmiddlewaretoken"]
    response = person.client.post(
        f"/api/v1/{to}/", rows, content_type="application/json", headers={"x-csrftoken": token}
    )
    return int(response.json()["batch"])


def everything() -> list[list[tuple[Any, ...]]]:
    models = (Department, Batch, RejectedRow, RowChange)
    return [list(model.objects.order_by("pk").values_list()) for model in models]


def press(person: Person, batch: int, action: str, **options: Any) -> Any:
    return person.send(f"/batches/{batch}/", "undo-batch", action=action, **options)


def test_it_shows_what_became_of_the_rows_and_leads_to_the_rejected_ones(
    administrator: Person,
) -> None:
    batch = post(administrator, ROWS)

    page = administrator.open(f"/batches/{batch}/")

    assert page.tables[0] == [
        ["Received", "3"],
        ["Inserted", "2"],
        ["Unchanged", "0"],
        ["Rejected", "1"],
        ["Not attempted", "0"],
    ]
    query = f"?table=departments&batch={batch}&status=all"
    assert {f"/rejected-rows/{query}", f"/rejected-rows.csv{query}"} <= set(page.links)


def test_a_look_says_what_would_go_and_changes_nothing(administrator: Person) -> None:
    batch = post(administrator, ROWS)
    before = everything()

    page = press(administrator, batch, "look", status=200)

    assert "Would be removed: 2 rows." in page.text
    assert f"Undo batch {batch}: remove 2 rows" in page.text
    assert everything() == before


def test_the_undo_removes_the_rows_and_every_page_says_so(administrator: Person) -> None:
    batch = post(administrator, ROWS)

    page = press(administrator, batch, "undo")

    record = Batch.objects.latest("pk").pk
    assert "Undone: 2 rows were removed." in page.text
    assert f"It was undone by batch {record}" in page.text
    assert not Department.objects.exists()
    assert "Undo it" not in page.text
    start = administrator.open("/").text
    assert f"of batch {batch}: 2 rows removed" in " ".join(start.split())
    assert "undone" in start
    undo = administrator.open(f"/batches/{record}/")
    assert f"The undo of batch {batch}" in " ".join(undo.text.split())
    assert "2 rows were removed." in undo.text


def test_rows_in_use_are_named(administrator: Person) -> None:
    batch = post(administrator, ROWS)
    EmployeeFactory(department_id=12, department=None)
    before = everything()

    page = press(administrator, batch, "undo", status=409)

    assert "1 employees refer to 12" in " ".join(page.text.split())
    assert "/api/v1/departments/12/" in page.links
    assert everything() == before


@pytest.mark.parametrize("group", ["loaders", "stewards"])
def test_only_who_may_delete_rows_may_undo(administrator: Person, group: str) -> None:
    batch = post(administrator, ROWS)
    person = Person(group)
    before = everything()

    page = person.open(f"/batches/{batch}/")
    assert "Undo it" not in page.text
    data = page.forms[0].fields | {"action": "undo"}
    response = person.client.post(f"/batches/{batch}/", data)

    assert response.status_code == 403
    assert everything() == before


def test_readers_do_not_see_it(administrator: Person) -> None:
    batch = post(administrator, ROWS)

    Person("readers").open(f"/batches/{batch}/", status=403)


def test_a_batch_that_is_not_there_is_not_found(administrator: Person) -> None:
    administrator.open("/batches/999999/", status=404)


def test_a_refused_batch_says_why(administrator: Person) -> None:
    batch = Batch.objects.create(
        table="jobs", source="api", mode="partial", refused_code="x", refused_detail="<i>why</i>"
    )

    assert "<i>why</i>" in administrator.open(f"/batches/{batch.pk}/").text


def test_what_was_typed_when_logged_out_is_shown(steward: Person) -> None:
    [entry] = steward.reject({"id": 5}, to="jobs")
    address = f"/rejected-rows/{entry}/"
    data = steward.open(address).form("correct").fields | {"field-job": "Typed for long"}
    steward.client.session.flush()

    response = steward.client.post(address, data | {"action": "send"})

    assert response.status_code == 401
    assert "Typed for long" in response.content.decode()
    assert "nothing was saved" in response.content.decode()
    assert RejectedRow.objects.get().status == "open"
