"""What goes wrong is told on a page to people, and as JSON to programs; what was typed is not lost."""

from __future__ import annotations

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.pages import Page
from tests.problem_bodies import assert_problem
from tests.web_pages.people import ACCEPT, LIST, Person, row

pytestmark = pytest.mark.django_db


def test_a_form_without_the_token_is_refused_on_a_page_that_shows_what_was_typed(
    steward: Person,
) -> None:
    [entry] = steward.reject(row(name=""))
    data = {"action": "send", "row-name": "<b>Ada", "password": "a long password"}

    for token in ({}, {"csrfmiddlewaretoken": "x" * 64}):
        response = steward.client.post(f"{LIST}{entry}/", data | token, headers={"accept": ACCEPT})

        assert response.status_code == 403
        page = Page(response)
        assert "Open the page anew and try again." in page.text
        assert "<b>Ada" in page.text
        assert "a long password" not in page.html
        # What another site has made a browser send must not be one click away.
        assert [f for f in page.forms if "row-name" in f.fields] == []
    assert RejectedRow.objects.get().status == "open"


def test_programs_are_answered_in_json(steward: Person) -> None:
    for accept in ("application/json", "*/*", "text/csv"):
        response = steward.client.get("/nothing", headers={"accept": accept})
        assert_problem(response, 404, "not_found")


def test_a_page_that_was_not_found_has_the_links_of_its_reader(steward: Person) -> None:
    assert LIST in steward.open("/nothing", status=404).links


def test_nobody_keeps_a_copy_of_a_page(steward: Person) -> None:
    [entry] = steward.reject(row(name=""))

    for address in ("/", LIST, f"{LIST}{entry}/"):
        assert "no-store" in steward.client.get(address)["Cache-Control"]
