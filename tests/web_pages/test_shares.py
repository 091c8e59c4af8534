"""The page on which links to a chart are made, listed and revoked."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from reports.visualizations.models import Share
from tests.pages import Page
from tests.web_pages.people import ACCEPT, Person
from tests.web_pages.test_charts import EVIL, figure_on, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(references: None) -> Person:
    return Person("readers")


def links_on(page: Page) -> list[str]:
    return [address for address in page.html.split('"') if "/shared/" in address]


def make(person: Person, address: str, *, status: int = 302, **fields: object) -> Page:
    """The page that comes then."""
    form = person.open(address).form("make-form").fields
    data = form | {"formats": ["html", "csv"], "action": "make", "frozen": "no"} | fields
    response = person.client.post(address, data, headers={"accept": ACCEPT})
    assert response.status_code == status, response.content.decode()
    return person.open(response["Location"]) if status == 302 else Page(response)


def opened(address: str) -> int:
    return Client().get(address.removeprefix("http://testserver")).status_code


def test_a_link_is_shown_once_and_opens_what_was_chosen(person: Person) -> None:
    address = f"/visualizations/{save(person).pk}/shares/"

    page = make(
        person, address, days="7", frozen="yes", embed_on="https://a.example\r\nhttps://b.example"
    )

    html, csv = links_on(page)
    assert (opened(html), opened(csv)) == (200, 200)
    assert opened(html + "image.png") == 404
    share = Share.objects.get()
    assert (share.formats, share.embed_on) == (
        ["html", "csv"],
        ["https://a.example", "https://b.example"],
    )
    assert share.frozen is not None
    assert round((share.expires_at - timezone.now()).total_seconds() / 86_400) == 7
    listed = person.open(address)
    assert links_on(listed) == []
    assert "html, csv, frozen; in frames of https://a.example, https://b.example" in listed.text


def test_who_makes_a_link_is_led_to_a_page_that_can_be_loaded_again(person: Person) -> None:
    address = f"/visualizations/{save(person).pk}/shares/"
    form = person.open(address).form("make-form").fields
    data = form | {"formats": ["html"], "action": "make", "frozen": "no"}

    response = person.client.post(address, data, headers={"accept": ACCEPT})

    assert (response.status_code, response["Location"]) == (302, address)
    cookie = response.cookies["made_share"]
    assert (cookie["path"], cookie["max-age"], cookie["samesite"]) == (address, 60, "Strict")
    assert cookie["httponly"]
    [link] = links_on(person.open(address))
    assert link == f"http://testserver/shared/{cookie.value}/"
    assert links_on(person.open(address)) == []
    assert Share.objects.count() == 1


def test_a_new_link_is_shown_to_its_maker_and_at_its_chart_only(person: Person) -> None:
    saved, other = save(person, is_team=True), Person("administrators")
    html, _ = links_on(make(person, f"/visualizations/{saved.pk}/shares/"))
    token = html.split("/")[-2]

    for somebody, chart in ((other, saved), (person, save(person))):
        somebody.client.cookies["made_share"] = token
        assert links_on(somebody.open(f"/visualizations/{chart.pk}/shares/")) == []


def test_a_link_is_revoked_and_stays_on_the_list(person: Person) -> None:
    address = f"/visualizations/{save(person).pk}/shares/"
    html, _ = links_on(make(person, address))

    page = person.open(address)
    fields = page.forms[-1].fields | {"action": "revoke"}
    response = person.client.post(address, fields)

    assert response.status_code == 302
    assert opened(html) == 404
    assert [row[-1] for row in person.open(address).tables[0][1:]] == ["revoked"]


@pytest.mark.parametrize(
    "fields, told",
    [
        ({"formats": []}, "formats"),
        ({"days": "0"}, "expires_days"),
        ({"days": "soon"}, "expires_days"),
        ({"embed_on": "wiki"}, "embed_on"),
    ],
)
def test_what_is_wrong_is_told_and_stays(
    person: Person, fields: dict[str, object], told: str
) -> None:
    address = f"/visualizations/{save(person).pk}/shares/"

    page = make(person, address, status=400, **fields)

    assert told in page.text
    assert Share.objects.count() == 0


def test_links_of_others_are_neither_seen_nor_ended(person: Person) -> None:
    saved = save(person, is_team=True)
    address = f"/visualizations/{saved.pk}/shares/"
    html, _ = links_on(make(person, address))
    other = Person("readers")

    page = other.open(address)
    assert page.tables == []
    fields = page.form("make-form").fields | {"action": "revoke", "share": Share.objects.get().pk}
    assert other.client.post(address, fields).status_code == 404
    assert opened(html) == 200
    assert len(Person("administrators").open(address).tables[0]) == 2


def test_a_standard_chart_and_a_private_one_are_not_shared(person: Person) -> None:
    person.open("/visualizations/hiring-flow/shares/", status=403)
    Person("readers").open(f"/visualizations/{save(person).pk}/shares/", status=404)


def test_the_page_of_a_link_tells_nothing_of_the_service(person: Person) -> None:
    saved = save(person, title=EVIL, description=EVIL)
    html, _ = links_on(make(person, f"/visualizations/{saved.pk}/shares/"))

    response = Client().get(html.removeprefix("http://testserver"))
    page = Page(response)

    assert response.cookies == {}
    assert page.inline_scripts == []
    assert figure_on(page)["data"][0]["type"] == "bar"
    assert person.user.username not in page.html
    assert "/admin/" not in page.html
    assert {link for link in page.links if "/shared/" not in link} == {"#main", "/"}
