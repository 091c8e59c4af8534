"""The pages of charts: who sees what, and what stands on them without JavaScript."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from reports.charts.standard import STANDARD_CHARTS
from reports.visualizations.models import Visualization
from tests.factories import EmployeeFactory
from tests.pages import Page
from tests.web_pages.people import Person, row

pytestmark = pytest.mark.django_db

LIST, NEW = "/visualizations/", "/visualizations/new/"
SAVE = {"action": "save"}
EVIL = "</script><script>alert(1)</script>"
SPECIFICATION = {
    "dataset": "hires",
    "parameters": {"year": "2021"},
    "filters": {},
    "type": "bar",
    "x": "department",
    "y": "hires",
    "aggregate": "sum",
    "options": {"sort": "column", "top": 0, "palette": "okabe-ito", "values": False},
}


@pytest.fixture
def hires(references: None) -> None:
    """Of 2021 two in Sales and one in Legal, of 2020 one in Sales."""
    for department, day in (
        (1, "2021-02-01"),
        (1, "2021-08-01"),
        (2, "2021-08-01"),
        (1, "2020-05-05"),
    ):
        EmployeeFactory(
            department_id=department, job_id=1, department=None, job=None, datetime=f"{day}T12:00Z"
        )


def save(person: Person, **changes: Any) -> Visualization:
    fields = {"title": "Hires", "specification": SPECIFICATION} | changes
    return Visualization.objects.create(owner=person.user, **fields)


def figure_on(page: Page) -> Any:
    [text] = re.findall(
        r'<script id="figure" type="application/json">(.*?)</script>', page.html, re.S
    )
    return json.loads(text)


def figures_of(page: Page) -> list[str]:
    return re.findall(r'data-figure="([^"]+)"', page.html)


def test_the_dashboard_shows_the_last_year_with_a_hire(hires: None) -> None:
    page = Person("stewards").open("/dashboard/")

    assert len(figures_of(page)) == len(STANDARD_CHARTS)
    assert "/api/v1/visualizations/hiring-flow/figure/?year=2021" in figures_of(page)
    assert "/api/v1/visualizations/recent-hires/figure/" in figures_of(page)
    assert page.forms[1].fields["year"] == "2021"
    assert page.inline_scripts == []


def test_filters_of_the_dashboard_go_to_the_charts_that_take_them(hires: None) -> None:
    page = Person("stewards").open("/dashboard/?year=2020&department_id=1&department_id=2")

    query = "?year=2020&amp;department_id=1,2"
    figures = figures_of(page)
    assert f"/api/v1/visualizations/hiring-flow/figure/{query}" in figures
    assert "/api/v1/visualizations/recent-hires/figure/?department_id=1,2" in figures
    assert "/api/v1/visualizations/rejections-by-reason/figure/" in figures


@pytest.mark.parametrize("query", ["?year=x", "?department_id=1,b", "?yaer=2020", "?year=1&year=2"])
def test_a_filter_that_is_none_is_refused(query: str) -> None:
    page = Person("readers").open(f"/dashboard/{query}", status=400)

    assert query[1:].split("=")[0] in page.text


def test_the_dashboard_is_there_before_anything_is_counted(
    hires: None, django_assert_num_queries: Any
) -> None:
    person = Person("readers")

    # Session, user, permissions, departments; first and last hire, for the charts and for the filter.
    with django_assert_num_queries(7):
        person.open("/dashboard/")


def test_each_reader_sees_charts_of_datasets_that_may_be_read(references: None) -> None:
    assert "rejections-by-reason" not in Person("readers").open("/dashboard/").html
    assert "rejections-by-reason" not in Person("readers").open(LIST).html
    Person("readers").open("/visualizations/rejections-by-reason/", status=403)
    Person("readers").open(f"{NEW}?dataset=rejections", status=403)
    for address in ("/dashboard/", LIST, NEW):
        Person("").open(address, status=403)


def test_last_loads_and_backups_are_for_who_may_see_them(references: None) -> None:
    assert "Last loads" not in Person("readers").open("/dashboard/").text
    assert "Last loads" in Person("loaders").open("/dashboard/").text
    assert "Last backups" not in Person("loaders").open("/dashboard/").text
    assert "Last backups" in Person("administrators").open("/dashboard/").text


def test_a_chart_has_its_numbers_and_their_meaning_beside_it(hires: None) -> None:
    person = Person("stewards")
    person.reject(row(name=""))

    page = person.open("/visualizations/hires-by-department/")

    [table] = page.tables
    assert table == [["Department", "Hires"], ["Sales", "2"], ["Legal", "1"]]
    [bars] = figure_on(page)["data"]
    assert (bars["x"], bars["y"]) == (["Sales", "Legal"], [2, 1])
    assert "1 rejected row of employees is left out." in page.text
    assert "the year 2021, also where there is nothing" in page.text
    assert "Employees hired." in page.text
    assert "/api/v1/visualizations/hires-by-department/data.csv?year=2021" in page.links


def test_every_link_on_the_page_of_a_chart_leads_somewhere(hires: None) -> None:
    person = Person("stewards")
    saved = save(person)

    for address in (f"{LIST}{saved.pk}/", f"{LIST}hiring-flow/"):
        for link in set(person.open(address).links) - {"#main"}:
            response = person.client.get(link)
            assert response.status_code == 200, link
            list(response)


def test_names_are_only_text(hires: None) -> None:
    person = Person("readers")
    saved = save(person, title=EVIL, description=EVIL)
    RejectedRow.objects.all().delete()

    for address in (f"{LIST}{saved.pk}/", LIST, f"{LIST}{saved.pk}/edit/"):
        page = person.open(address)
        assert page.inline_scripts == []
        assert EVIL not in page.html
        assert EVIL in page.text or "edit" in address


def test_what_is_private_is_there_for_its_owner_only(references: None) -> None:
    owner, other = Person("readers"), Person("readers")
    saved = save(owner, title="Secret")

    assert "Secret" in owner.open(LIST).text
    assert "Secret" not in other.open(LIST).text
    other.open(f"{LIST}{saved.pk}/", status=404)
    other.open(f"{LIST}{saved.pk}/edit/", status=404)


def test_what_is_for_the_team_is_changed_by_its_owner_only(references: None) -> None:
    saved = save(Person("readers"), is_team=True)
    other = Person("readers")

    assert f"{LIST}{saved.pk}/edit/" not in other.open(f"{LIST}{saved.pk}/").links
    other.open(f"{LIST}{saved.pk}/edit/", status=403)
    token = other.open("/").forms[0].fields["csrfmiddlewaretoken"]
    response = other.client.post(
        f"{LIST}{saved.pk}/", {"action": "delete", "csrfmiddlewaretoken": token}
    )
    assert response.status_code == 403
    assert Visualization.objects.count() == 1


def test_a_chart_is_built_and_saved(hires: None) -> None:
    person = Person("readers")

    page = person.open(f"{NEW}?dataset=hires&type=bar&x=quarter&y=hires&year=2021&values=on")
    assert page.tables == [[["Quarter", "Hires"], ["Q1", "1"], ["Q2", "0"], ["Q3", "2"]]]
    page = person.send(NEW, "build", page=page, **SAVE, title=" Hires of 2021 ", is_team="on")

    saved = Visualization.objects.get()
    assert (saved.title, saved.is_team, saved.owner) == ("Hires of 2021", True, person.user)
    assert saved.specification == SPECIFICATION | {
        "x": "quarter",
        "options": SPECIFICATION["options"] | {"values": True},
    }
    assert "The chart was saved." in page.text
    assert f"{LIST}{saved.pk}/edit/" in page.links


def test_a_saved_chart_is_changed_and_deleted(hires: None) -> None:
    person = Person("readers")
    saved = save(person, is_team=True)
    address = f"{LIST}{saved.pk}/"

    person.send(f"{address}edit/", "build", **SAVE, title="By job", x="job")
    saved.refresh_from_db()
    assert (saved.title, saved.is_team, saved.specification["x"]) == ("By job", True, "job")

    page = person.send(address, "delete-form", action="delete")
    assert "By job was deleted" in page.text
    assert Visualization.objects.count() == 0


def test_what_is_saved_is_what_the_fields_say_though_it_was_never_shown(hires: None) -> None:
    person = Person("readers")

    page = person.open(f"{NEW}?dataset=hires&type=bar&x=department&y=hires&year=2021")
    changed = {"x": "quarter", "year": "2020", "title": "By quarter"}
    person.send(NEW, "build", page=page, **SAVE, **changed)

    saved = Visualization.objects.get()
    assert saved.specification == SPECIFICATION | {"x": "quarter", "parameters": {"year": "2020"}}


@pytest.mark.parametrize("description", ["Two\nlines", "\u0436" * 5_000], ids=["short", "long"])
def test_to_show_the_chart_keeps_what_was_typed_beside_it(hires: None, description: str) -> None:
    person = Person("readers")
    address = f"{LIST}{save(person, is_team=True).pk}/edit/"
    typed = {"title": "By quarter", "description": description, "x": "quarter"}
    status = 302 if len(description) < 1_000 else 200

    page = person.open(address)
    del page.form("build").fields["is_team"]
    page = person.send(address, "build", page=page, status=status, action="show", **typed)

    assert page.tables == [[["Quarter", "Hires"], ["Q1", "1"], ["Q2", "0"], ["Q3", "2"]]]
    fields = page.form("build").fields
    assert fields.items() >= typed.items()
    assert "is_team" not in fields
    assert Visualization.objects.get().title == "Hires"


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"title": " "}, "title"),
        ({"title": "Hires", "top": "1000"}, "options.top"),
        ({"title": "Hires", "year": "soon"}, "year"),
        ({"title": "Hires", "only.quarter": "x"}, "Only quarter"),
    ],
)
def test_what_is_wrong_is_not_saved_and_what_was_typed_stays(
    hires: None, wrong: dict[str, str], told: str
) -> None:
    person = Person("readers")
    typed = wrong | {"description": "Two\nlines", "is_team": "on"}

    page = person.send(NEW, "build", status=400, **SAVE, **typed)

    assert page.html.count('role="alert"') == 1
    assert told in page.text
    assert page.form("build").fields.items() >= typed.items()
    assert Visualization.objects.count() == 0


@pytest.mark.parametrize(
    "query, told",
    [
        ("dataset=hires&year=2021&date=2021-01-01", "period"),
        ("dataset=hires&top=1000", "options.top"),
        ("dataset=departments&type=scatter", "x: A chart of type scatter needs it."),
        ("dataset=hires&only.quarter=x", "Only quarter"),
    ],
)
def test_what_is_wrong_is_told_in_the_builder_and_stays_in_it(query: str, told: str) -> None:
    page = Person("readers").open(f"{NEW}?{query}")

    assert told in page.text
    sent = dict(part.split("=") for part in query.split("&"))
    assert page.form("build").fields.items() >= sent.items()


@pytest.mark.parametrize(
    "query", ["dataset=nothing", "dataset=hires&type=x", "dataset=hires&colour=red"]
)
def test_what_the_builder_does_not_know_is_refused(query: str) -> None:
    Person("readers").open(f"{NEW}?{query}", status=400)


def test_names_of_people_are_not_offered(references: None) -> None:
    page = Person("name_readers").open(f"{NEW}?dataset=employees&type=table")

    values = re.findall(r'name="columns" value="(\w+)"', page.html)
    assert "department" in values
    assert "name" not in values


def test_a_table_is_shown_as_one(hires: None) -> None:
    page = Person("readers").open(f"{NEW}?dataset=hires&type=table&columns=year&columns=hires")

    assert page.tables == [[["Year", "Hires"], *[["2020", "1"]], *[["2021", "1"]] * 3]]
    assert "data-figure" not in page.html


def test_building_starts_from_another_chart(hires: None) -> None:
    page = Person("readers").open(f"{NEW}?from=share-of-departments")

    assert page.form("build").fields["type"] == "pie"


@pytest.mark.parametrize("address", ["/dashboard/", LIST, NEW, f"{LIST}hiring-flow/"])
def test_with_nothing_in_the_database_the_pages_are_there(address: str) -> None:
    Person("administrators").open(address)
