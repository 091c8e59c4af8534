"""A database that is busy loses nothing of what somebody typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from employees.models import Employee
from tests.factories import DepartmentFactory, JobFactory
from tests.pages import Page
from tests.web_pages.people import ACCEPT, LIST, Person, row


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's: another connection sees, and locks, what the test has stored."""


@pytest.fixture
def impatient(db: None) -> Iterator[None]:
    """The service's connection waits for no lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        yield
        cursor.execute("RESET lock_timeout")


@pytest.mark.usefixtures("impatient")
def test_what_was_typed_can_be_sent_again_by_one_button() -> None:
    DepartmentFactory(id=1)
    JobFactory(id=1)
    steward = Person("stewards")
    [entry] = steward.reject(row(id=7, name=""))
    address = f"{LIST}{entry}/"
    fields = steward.open(address).form("correct").fields | {"row-name": "Ada", "action": "send"}
    other = connection.copy()

    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT FROM rejected_rows FOR UPDATE")
        busy = steward.client.post(address, fields, headers={"accept": ACCEPT})
    finally:
        other.close()

    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
    page = Page(busy)
    assert "The database is busy or cannot be reached." in page.text
    assert not Employee.objects.exists()
    [again] = [form for form in page.forms if "row-name" in form.fields]
    assert steward.client.post(address, again.fields).status_code == 302
    assert Employee.objects.get().name == "Ada"
