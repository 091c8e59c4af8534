"""Dashboards that people put together on pages."""

from __future__ import annotations

import re

import pytest

from reports.visualizations.models import Dashboard
from tests.pages import Page
from tests.web_pages.people import Person
from tests.web_pages.test_charts import SPECIFICATION, save

pytestmark = pytest.mark.django_db

LIST, NEW = "/dashboards/", "/dashboards/new/"
REJECTIONS = SPECIFICATION | {"dataset": "rejections", "parameters": {}, "x": "code", "y": "open"}


def put_together(person: Person, *charts: str, address: str = NEW, status: int = 302) -> Page:
    page = person.open(address)
    token = page.form("dashboard-form").fields["csrfmiddlewaretoken"]
    data = {"csrfmiddlewaretoken": token, "title": "Board", "chart": [*charts, "", ""]}
    response = person.client.post(address, data)
    assert response.status_code == status, response.content.decode()
    return person.open(response["Location"]) if status == 302 else Page(response)


def titles(page: Page) -> list[str]:
    return re.findall(r'<h2 id="chart-\d+"><a[^>]*>([^<]*)<', page.html)


def test_charts_stand_in_the_order_of_their_places(references: None) -> None:
    person = Person("readers")
    saved = save(person, title="Own")

    page = put_together(person, "hiring-flow", str(saved.pk), "share-of-departments")

    assert titles(page) == ["Hiring flow", "Own", "Share of departments"]
    assert Dashboard.objects.get().charts == ["hiring-flow", saved.pk, "share-of-departments"]
    assert "Board" in person.open(LIST).text


def test_it_is_changed_and_deleted_by_its_owner(references: None) -> None:
    person = Person("readers")
    put_together(person, "hiring-flow")
    address = f"{LIST}{Dashboard.objects.get().pk}/"

    page = person.open(f"{address}edit/")
    assert re.findall(r'value="([\w-]+)" selected', page.html) == ["hiring-flow"]
    page = put_together(person, "share-of-departments", address=f"{address}edit/")
    assert titles(page) == ["Share of departments"]
    page = person.send(address, "delete-form", action="delete")
    assert "Board was deleted" in page.text
    assert Dashboard.objects.count() == 0


def test_each_chart_keeps_its_year_until_one_is_chosen(references: None) -> None:
    person = Person("readers")
    saved = save(person)
    put_together(person, str(saved.pk))
    address = f"{LIST}{Dashboard.objects.get().pk}/"

    assert 'figure/"' in person.open(address).html
    assert 'figure/?year=2020"' in person.open(f"{address}?year=2020").html


def test_what_is_private_or_of_others_is_not_there(references: None) -> None:
    owner, other = Person("stewards"), Person("readers")
    hidden = save(owner, specification=REJECTIONS, is_team=True)
    private = Dashboard.objects.create(title="Private", owner=owner.user, charts=[])
    shared = Dashboard.objects.create(
        title="Team", owner=owner.user, charts=[hidden.pk, "hiring-flow"], is_team=True
    )

    assert "Private" not in other.open(LIST).text
    other.open(f"{LIST}{private.pk}/", status=404)
    page = other.open(f"{LIST}{shared.pk}/")
    assert titles(page) == ["Hiring flow"]
    assert "1 chart is not shown" in page.text
    other.open(f"{LIST}{shared.pk}/edit/", status=403)
    assert len(titles(owner.open(f"{LIST}{shared.pk}/"))) == 2


@pytest.mark.parametrize("charts", [["nothing"], ["99"], ["hiring-flow", "hiring-flow"]])
def test_charts_that_cannot_stand_there_are_refused_and_kept(
    references: None, charts: list[str]
) -> None:
    page = put_together(Person("readers"), *charts, status=400)

    assert "charts" in page.text
    assert page.form("dashboard-form").fields["title"] == "Board"
    assert Dashboard.objects.count() == 0


def test_twenty_charts_have_their_places(references: None) -> None:
    person = Person("readers")
    charts = [str(save(person, title=f"Chart {number}").pk) for number in range(20)]

    page = put_together(person, *charts)

    assert len(titles(page)) == 20
    edit = person.open(f"{LIST}{Dashboard.objects.get().pk}/edit/")
    assert edit.html.count('name="chart"') == 20
