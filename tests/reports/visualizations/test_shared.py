"""What a link shows to anybody, and when it shows nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from hrapi.api.models import Counter
from reports.visualizations.models import Share, Visualization
from reports.visualizations.views import shared
from tests.charts import API, HIRES, REJECTIONS, save
from tests.factories import EmployeeFactory
from tests.problem_bodies import assert_problem, text_of
from tests.reports.charts.charts import SPECIFICATIONS

pytestmark = pytest.mark.usefixtures("hires")

FORMS = {"html": "", "png": "image.png", "csv": "data.csv", "json": "figure.json"}
CSV = "Department,Hires\nLegal,2\nSales,4\n"


@pytest.fixture
def anybody() -> Client:
    """A browser that nobody has logged in with."""
    return Client(raise_request_exception=False)


@pytest.fixture
def share(reader: Any) -> Callable[..., str]:
    """`share(frozen=True)` is the address of a new link to a chart of `readers-user`."""
    chart = save("readers", title="Hires of 2021")

    def make(**order: Any) -> str:
        response = reader.post(f"{API}{chart.pk}/shares/", order)
        assert response.status_code == 201, response.content
        return f"/shared/{response.json()['token']}/"

    return make


def hire() -> None:
    EmployeeFactory(
        department_id=1, department=None, job_id=1, job=None, datetime=datetime(2021, 1, 3, tzinfo=UTC)
    )  # fmt: skip


def whole(response: Any) -> tuple[Any, ...]:
    """The answer but for the id of its request: status, headers, body, cookies."""
    headers = {name: value for name, value in response.items() if name != "X-Request-ID"}
    return response.status_code, headers, text_of(response), str(response.cookies)


def test_anybody_looks_at_it_in_every_format(anybody: Client, share: Any) -> None:
    address = share()

    page, png, csv, figure = (anybody.get(address + form) for form in FORMS.values())

    assert page.status_code == 200
    assert "Hires of 2021" in text_of(page)
    assert png.content.startswith(b"\x89PNG")
    assert text_of(csv) == CSV
    assert figure.json()["data"][0]["y"] == [2, 4]
    for response in (page, png, csv, figure):
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex"
        assert response["Cache-Control"] == "no-store"
        assert response["Rejected-Rows-Open"] == "0"
        assert response["X-Frame-Options"] == "DENY"
        assert "ETag" not in response
        assert "Cookie" not in response.get("Vary", "")
        assert response.cookies == {}


def test_no_cookie_is_set_whatever_was_sent(anybody: Client, share: Any) -> None:
    anybody.cookies["sessionid"] = "abc"

    for address in (share(), "/shared/x/"):
        assert anybody.get(address).cookies == {}
        assert anybody.post(address).cookies == {}


@pytest.mark.parametrize("form", FORMS.values())
def test_no_session_is_looked_at(reader: Any, share: Any, form: str) -> None:
    address = share()
    browser = Client()
    browser.force_login(User.objects.get(username="readers-user"))

    with mock.patch(
        "django.contrib.sessions.backends.db.SessionStore.load", side_effect=AssertionError
    ):
        found, missing = browser.get(address + form), browser.get(f"/shared/x/{form}")

    assert (found.status_code, missing.status_code) == (200, 404)
    assert "readers-user" not in str(found.headers) + (
        text_of(found) if form != "image.png" else ""
    )


def revoke(token: str) -> None:
    Share.objects.update(revoked_at=timezone.now())


def expire(token: str) -> None:
    Share.objects.update(expires_at=timezone.now())


def deactivate(token: str) -> None:
    User.objects.filter(username="readers-user").update(is_active=False)


def take_the_dataset(token: str) -> None:
    Group.objects.get(name="readers").permissions.remove(
        Permission.objects.get(codename="view_report")
    )


def take_the_right_to_share(token: str) -> None:
    Group.objects.get(name="readers").permissions.remove(
        Permission.objects.get(codename="add_share")
    )


def keep_to_somebody_else(token: str) -> None:
    Visualization.objects.update(owner=User.objects.create_user("other"))


def change_to_people(token: str) -> None:
    people = {"dataset": "employees", "type": "table", "columns": ["id"]}
    Visualization.objects.update(specification=people)


def change_to_ids_of_people(token: str) -> None:
    rows = {"dataset": "rejected-rows", "type": "table", "columns": ["row_id"]}
    Visualization.objects.update(specification=rows)
    maker = User.objects.get(username="readers-user")
    maker.user_permissions.add(Permission.objects.get(codename="view_rejectedrow"))


def change_to_what_is_not_read(token: str) -> None:
    Visualization.objects.update(specification=REJECTIONS)


def break_it(token: str) -> None:
    Visualization.objects.update(specification=HIRES | {"x": "nothing"})


def delete_the_chart(token: str) -> None:
    Visualization.objects.get().delete()


def delete_the_maker(token: str) -> None:
    User.objects.get(username="readers-user").delete()


ENDS = [
    revoke, expire, deactivate, take_the_dataset, take_the_right_to_share, keep_to_somebody_else,
    change_to_people, change_to_ids_of_people, change_to_what_is_not_read, break_it, delete_the_chart,
    delete_the_maker,
]  # fmt: skip
_OF_LIVE = (change_to_people, change_to_ids_of_people, break_it)
ENDS_OF_FROZEN = [end for end in ENDS if end not in _OF_LIVE]


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_has_ended_is_as_what_never_was(
    anybody: Client, share: Any, end: Any, form: str, accept: str
) -> None:
    address = share()
    headers = {"accept": accept}
    assert anybody.get(address, headers=headers).status_code == 200
    end(address)

    ended = anybody.get(address + form, headers=headers)
    never = anybody.get(f"/shared/{'A' * 43}/{form}", headers=headers)

    assert ended.status_code == 404
    assert whole(ended) == whole(never)
    assert anybody.head(address + form, headers=headers).status_code == 404


@pytest.mark.parametrize("end", ENDS_OF_FROZEN, ids=lambda end: end.__name__)
def test_a_frozen_link_ends_as_well(anybody: Client, share: Any, end: Any) -> None:
    address = share(frozen=True)
    assert anybody.get(address).status_code == 200
    end(address)

    for form in FORMS.values():
        never = anybody.get(f"/shared/{'A' * 43}/{form}")
        assert whole(anybody.get(address + form)) == whole(never)


@pytest.mark.parametrize("offered", FORMS)
def test_what_is_not_offered_is_as_what_never_was(
    anybody: Client, share: Any, offered: str
) -> None:
    address = share(formats=[offered])

    for name, form in FORMS.items():
        response = anybody.get(address + form)
        if name == offered:
            assert response.status_code == 200
        else:
            assert whole(response) == whole(anybody.get(f"/shared/{'A' * 43}/{form}"))


@pytest.mark.parametrize(
    "token", ["x", "%00", "%FF", "A" * 43, "A" * 5000, "1", "\u00e9", "A" * 42 + "="]
)
def test_what_is_no_token_is_as_what_never_was(anybody: Client, token: str) -> None:
    for form in FORMS.values():
        never = anybody.get(f"/shared/{'B' * 43}/{form}")
        assert whole(anybody.get(f"/shared/{token}/{form}")) == whole(never)
    assert_problem(anybody.get(f"/shared/{token}/"), 404, "not_found")


def test_a_link_works_to_its_last_moment(anybody: Client, share: Any) -> None:
    address = share(expires_days=1)
    end = Share.objects.get().expires_at

    with mock.patch("django.utils.timezone.now", return_value=end - timedelta(microseconds=1)):
        assert anybody.get(address).status_code == 200
    with mock.patch("django.utils.timezone.now", return_value=end):
        assert anybody.get(address).status_code == 404


def test_a_live_link_shows_what_is_there_now(anybody: Client, share: Any, reader: Any) -> None:
    address = share()
    hire()
    assert text_of(anybody.get(f"{address}data.csv")) == "Department,Hires\nLegal,2\nSales,5\n"

    chart = Visualization.objects.get()
    reader.patch(
        f"{API}{chart.pk}/",
        {"title": "By job", "specification": HIRES | {"x": "job", "filters": {"job_id": [1]}}},
    )

    assert text_of(anybody.get(f"{address}data.csv")) == "Job,Hires\nClerk,7\n"
    assert "By job" in text_of(anybody.get(address))


def test_a_frozen_link_goes_on_showing_the_same(anybody: Client, share: Any, reader: Any) -> None:
    frozen, live = share(frozen=True), share()

    def seen(address: str) -> list[bytes]:
        return [b"".join(anybody.get(address + form)) for form in FORMS.values()]

    before = seen(frozen), seen(live)
    hire()
    chart = Visualization.objects.get()
    reader.patch(
        f"{API}{chart.pk}/",
        {"title": "Other", "description": "Other", "specification": HIRES | {"type": "pie"}},
    )

    assert seen(frozen) == before[0]
    assert all(now != then for now, then in zip(seen(live), before[1], strict=True))


def test_a_frozen_link_says_of_when_it_is_and_proves_it(
    anybody: Client, share: Any, reader: Any
) -> None:
    address = share(frozen=True)

    frozen = reader.get("/api/v1/shares/").json()[0]["frozen"]

    content = text_of(anybody.get(f"{address}data.csv"))
    assert content == CSV
    assert frozen["sha256"] == hashlib.sha256(content.encode()).hexdigest()
    assert anybody.get(f"{address}figure.json").json()["layout"]["meta"]["frozen"] == frozen
    assert frozen["sha256"] in text_of(anybody.get(address))
    assert frozen["taken_at"].endswith("Z")
    assert abs(datetime.fromisoformat(frozen["taken_at"]) - timezone.now()) < timedelta(minutes=1)
    hire()
    share(frozen=True)
    first, second = (share["frozen"] for share in reader.get("/api/v1/shares/").json())
    assert first == frozen
    assert second["data_version"] != frozen["data_version"]
    assert second["sha256"] != frozen["sha256"]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_a_frozen_chart_of_each_type_is_as_the_live_one(
    anybody: Client, reader: Any, name: str
) -> None:
    chart = save("readers", specification=SPECIFICATIONS[name])
    made = [
        reader.post(f"{API}{chart.pk}/shares/", {"frozen": is_frozen}).json()
        for is_frozen in (False, True)
    ]
    live, frozen = (f"/shared/{share['token']}/" for share in made)

    first, second = (anybody.get(f"{address}figure.json").json() for address in (live, frozen))

    assert second["layout"]["meta"].pop("frozen") == made[1]["frozen"]
    assert first == second
    for form in ("data.csv", "image.png"):
        assert b"".join(anybody.get(live + form)) == b"".join(anybody.get(frozen + form))


def test_the_page_is_shown_in_frames_of_the_named_sites_alone(anybody: Client, share: Any) -> None:
    sites = ["https://wiki.example.com", "http://localhost:8080"]
    plain, embedded = share(), share(embed_on=sites)

    alone, framed = anybody.get(plain), anybody.get(embedded)

    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]
    assert alone["X-Frame-Options"] == "DENY"
    assert framed["Content-Security-Policy"] == alone["Content-Security-Policy"].replace(
        "frame-ancestors 'none'", f"frame-ancestors {' '.join(sites)}"
    )
    assert "X-Frame-Options" not in framed
    for form in ("image.png", "data.csv", "figure.json"):
        assert anybody.get(embedded + form)["X-Frame-Options"] == "DENY"


def test_one_link_is_looked_at_so_often_in_a_minute(
    anybody: Client, share: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shared.LOOKS_PER_MINUTE == 60
    monkeypatch.setattr(shared, "LOOKS_PER_MINUTE", 2)
    busy, calm = share(formats=["csv", "json"]), share()

    assert [anybody.get(f"{busy}data.csv").status_code for _ in range(2)] == [200, 200]
    refused = anybody.get(f"{busy}figure.json")

    problem = assert_problem(refused, 429, "throttled")
    assert problem["detail"].startswith("More than 2 looks in a minute by one link.")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Referrer-Policy"] == "no-referrer"
    assert anybody.get(calm).status_code == 200
    # Not even that tells that it is there.
    assert whole(anybody.get(busy)) == whole(anybody.get("/shared/x/"))
    Counter.objects.all().delete()
    assert anybody.get(f"{busy}data.csv").status_code == 200


def test_the_last_look_is_kept_to_a_minute(anybody: Client, share: Any) -> None:
    address = share()
    assert Share.objects.get().last_used_at is None

    anybody.get(f"{address}image.png")
    first = Share.objects.get().last_used_at
    anybody.get(address)
    assert Share.objects.get().last_used_at == first

    Share.objects.update(last_used_at=first - timedelta(seconds=61))
    anybody.get(address)
    assert Share.objects.get().last_used_at >= first


def test_what_is_refused_is_no_use(anybody: Client, share: Any) -> None:
    address = share(formats=["png"])

    anybody.get(address)

    assert Share.objects.get().last_used_at is None


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_link_is_only_looked_at(anybody: Client, share: Any, method: str) -> None:
    address = share()
    strict = Client(enforce_csrf_checks=True)

    for path in (address, "/shared/x/"):
        response = getattr(strict, method)(path)
        assert_problem(response, 405, "method_not_allowed")
        assert response["Content-Length"] == str(len(response.content))
    assert whole(anybody.options(address)) == whole(anybody.options("/shared/x/"))


def test_a_live_link_to_what_cannot_be_drawn_any_more_says_so(anybody: Client, share: Any) -> None:
    address = share()

    with mock.patch("reports.charts.counting.MAX_GROUPS", 1):
        response = anybody.get(address)

    assert_problem(response, 400, "invalid_parameter")


@pytest.mark.usefixtures("share")
def test_a_person_is_told_on_a_page(anybody: Client) -> None:
    response = anybody.get("/shared/x/", headers={"accept": "text/html"})

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert "There is nothing at this address." in text_of(response)


def test_a_maker_who_may_everything_shares_until_not_active(
    anybody: Client, db: None, api: Any
) -> None:
    boss = User.objects.create_superuser("boss", password="a long password")
    api.force_authenticate(boss)
    chart = Visualization.objects.create(title="x", specification=REJECTIONS, owner=boss)
    address = f"/shared/{api.post(f'{API}{chart.pk}/shares/', {}).json()['token']}/"
    assert anybody.get(address).status_code == 200

    User.objects.filter(pk=boss.pk).update(is_active=False)

    assert anybody.get(address).status_code == 404


def test_the_purge_leaves_links_listed(share: Any, reader: Any) -> None:
    share()
    Share.objects.update(expires_at=timezone.now() - timedelta(days=500))

    call_command("purge", verbosity=0)

    assert len(reader.get("/api/v1/shares/").json()) == 1
