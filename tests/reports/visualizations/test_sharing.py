"""Links are made, listed and revoked by those who may, and what is recorded of that."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.utils import timezone

from hrapi.audit.models import AuditEvent
from reports.visualizations import sharing
from reports.visualizations.models import Share
from tests.charts import API, HIRES, save
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.usefixtures("hires")

SHARES = "/api/v1/shares/"


def test_a_link_is_made_and_its_token_shown_once(reader: Any) -> None:
    chart = save("readers")
    before = timezone.now()

    response = reader.post(f"{API}{chart.pk}/shares/", {})

    share = Share.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"http://testserver{SHARES}{share.pk}/"
    answer = response.json()
    token = answer.pop("token")
    assert answer.pop("url") == f"http://testserver/shared/{token}/"
    assert len(token) == 43
    assert answer == {
        "id": share.pk,
        "visualization": chart.pk,
        "created_by": "readers-user",
        "formats": ["html", "png", "csv", "json"],
        "frozen": None,
        "embed_on": [],
        "created_at": answer["created_at"],
        "expires_at": answer["expires_at"],
        "revoked_at": None,
        "last_used_at": None,
    }
    assert before <= share.expires_at - timedelta(days=30) <= timezone.now()
    assert reader.get(f"{SHARES}{share.pk}/").json() == answer
    assert reader.get(SHARES).json() == reader.get(f"{API}{chart.pk}/shares/").json() == [answer]


def test_what_is_asked_for_is_what_the_link_is(reader: Any) -> None:
    chart = save("readers")
    sites = ["https://wiki.example.com", "http://localhost:65535"]
    sent = {"formats": ["png", "html"], "expires_days": 366, "frozen": True, "embed_on": sites}

    answer = reader.post(f"{API}{chart.pk}/shares/", sent).json()

    share = Share.objects.get()
    assert (answer["formats"], answer["embed_on"]) == (["html", "png"], sites)
    assert set(answer["frozen"]) == {"taken_at", "data_version", "sha256"}
    assert share.expires_at - share.created_at > timedelta(days=365, hours=23)


@pytest.mark.parametrize(
    "sent, detail",
    [
        ({"formats": []}, "formats: Send a list of html, png, csv, json, or of some of them."),
        ({"formats": ["pdf"]}, "formats: Send a list of html, png, csv, json"),
        ({"formats": "png"}, "formats: Send a list of html, png, csv, json"),
        ({"formats": [[]]}, "formats: Send a list of html, png, csv, json"),
        ({"expires_days": 0}, "expires_days: Send a number of days from 1 to 366."),
        ({"expires_days": 367}, "expires_days: Send a number of days from 1 to 366."),
        ({"expires_days": None}, "expires_days: Send a number of days from 1 to 366."),
        ({"expires_days": True}, "expires_days: Send a number of days from 1 to 366."),
        ({"frozen": None}, "frozen: Send true or false."),
        ({"embed_on": "https://wiki.example.com"}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["https://wiki.example.com/"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["https://wiki.example.com;"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["https://a.example https://b.example"]}, "embed_on: Send a list of up to"),
        ({"embed_on": ["https://*.example.com"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["https://a.example\n"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["javascript:alert(1)"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["https://a.example:65536"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": ["*"]}, "embed_on: Send a list of up to 10 sites"),
        ({"embed_on": [f"https://{'a' * 250}.example"]}, "embed_on: Send a list of up to 10"),
        ({"embed_on": [f"https://{n}.example" for n in range(11)]}, "embed_on: Send a list of up"),
        ({"token": "mine"}, "'token': Send formats, expires_days, frozen, embed_on"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(reader: Any, sent: dict[str, Any], detail: str) -> None:
    chart = save("readers")

    response = reader.post(f"{API}{chart.pk}/shares/", sent)

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"].startswith(detail), problem["detail"]
    assert Share.objects.count() == 0


def test_who_may_look_at_a_chart_of_the_team_may_share_it(reader: Any, other: Any) -> None:
    chart = save("readers", is_team=True)

    assert other.post(f"{API}{chart.pk}/shares/", {}).status_code == 201

    assert Share.objects.get().created_by.username == "loaders-user"
    # Each sees his own.
    assert reader.get(f"{API}{chart.pk}/shares/").json() == []


def test_links_are_seen_and_revoked_by_their_makers_and_administrators(
    reader: Any, other: Any, api: Any
) -> None:
    chart = save("readers")
    first, second = (reader.post(f"{API}{chart.pk}/shares/", {}).json()["id"] for _ in range(2))

    assert other.get(SHARES).json() == []
    for method in ("get", "delete"):
        assert_problem(getattr(other, method)(f"{SHARES}{first}/"), 404, "not_found")
    assert Share.objects.filter(revoked_at=None).count() == 2

    assert reader.delete(f"{SHARES}{first}/").status_code == 204
    assert [share["id"] for share in api.get(SHARES).json()] == [first, second]
    assert api.delete(f"{SHARES}{second}/").status_code == 204
    listed = reader.get(SHARES).json()
    assert [share["id"] for share in listed] == [first, second]
    assert all(share["revoked_at"] for share in listed)


def test_revoking_again_changes_nothing(reader: Any) -> None:
    chart = save("readers")
    pk = reader.post(f"{API}{chart.pk}/shares/", {}).json()["id"]
    assert reader.delete(f"{SHARES}{pk}/").status_code == 204
    before = list(Share.objects.values())

    assert reader.delete(f"{SHARES}{pk}/").status_code == 204

    assert list(Share.objects.values()) == before
    assert AuditEvent.objects.filter(action="share_revoked").count() == 1


def test_who_may_make_no_links_makes_none(reader: Any) -> None:
    chart = save("readers", is_team=True)
    user = User.objects.create_user("viewer")
    rights = ["view_visualization", "view_share", "view_report"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))
    reader.force_authenticate(user)

    assert reader.get(f"{API}{chart.pk}/shares/").status_code == 200
    response = reader.post(f"{API}{chart.pk}/shares/", {})

    assert_problem(response, 403, "permission_denied")
    assert Share.objects.count() == 0


def test_standard_charts_are_saved_before_they_are_shared(api: Any) -> None:
    for method in ("get", "post"):
        response = getattr(api, method)(f"{API}hiring-flow/shares/")
        assert_problem(response, 403, "permission_denied")


@pytest.mark.parametrize("dataset, column", [("employees", "id"), ("rejected-rows", "row_id")])
def test_rows_of_people_are_not_shared(api: Any, dataset: str, column: str) -> None:
    people = {"dataset": dataset, "type": "table", "columns": [column]}
    chart = save("administrators", specification=people)

    response = api.post(f"{API}{chart.pk}/shares/", {"frozen": True})

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == (
        f"A row of {dataset} can be one person: no link is made to such rows. Make the chart of a dataset that"
        " counts them: hires or rejections."
    )
    assert Share.objects.count() == 0


def test_one_user_has_so_many_links_at_a_time(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAX_PER_USER", 2)
    address = f"{API}{save('readers').pk}/shares/"
    made = [reader.post(address, {}).json()["id"] for _ in range(2)]

    problem = assert_problem(reader.post(address, {}), 409, "conflict")
    assert problem["detail"] == "There are 2 links of this user. Revoke one first."

    reader.delete(f"{SHARES}{made[0]}/")
    assert reader.post(address, {}).status_code == 201
    Share.objects.filter(pk=made[1]).update(expires_at=timezone.now())
    assert reader.post(address, {}).status_code == 201


def test_making_and_revoking_are_recorded_without_the_token(reader: Any) -> None:
    chart = save("readers", title="Zoë Finch leaves")
    sent = {"formats": ["png"], "expires_days": 7, "embed_on": ["https://wiki.example.com"]}
    made = reader.post(f"{API}{chart.pk}/shares/", sent).json()
    reader.delete(f"{SHARES}{made['id']}/")

    events = AuditEvent.objects.filter(action__startswith="share_").order_by("id")

    ids = {"share": made["id"], "visualization": chart.pk}
    assert [(event.action, event.user, event.what) for event in events] == [
        (
            "share_made",
            "readers-user",
            ids
            | {
                "formats": ["png"], "frozen": False, "embed_on": ["https://wiki.example.com"],
                "expires_days": 7,
            },
        ),
        ("share_revoked", "readers-user", ids),
    ]  # fmt: skip


def test_of_the_token_only_its_hash_is_kept(reader: Any, client: Any) -> None:
    chart = save("readers")
    token = reader.post(f"{API}{chart.pk}/shares/", {"frozen": True}).json()["token"]
    client.get(f"/shared/{token}/")
    text_of(client.get(f"/shared/{token}/data.csv"))

    assert Share.objects.get().token_hash == hashlib.sha256(token.encode()).hexdigest()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            assert token not in (cursor.fetchone()[0] or "")
    assert token not in json.dumps(reader.get(SHARES).json())


def test_a_list_of_frozen_links_holds_no_rows(reader: Any, django_assert_num_queries: Any) -> None:
    chart = save("readers", specification=HIRES)
    for _ in range(3):
        reader.post(f"{API}{chart.pk}/shares/", {"frozen": True})
    reader.get(SHARES)

    with django_assert_num_queries(1) as queries:
        assert len(reader.get(SHARES).json()) == 3

    assert '"shares"."frozen",' not in queries.captured_queries[0]["sql"]
