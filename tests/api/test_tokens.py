"""Tokens with a name, scopes and an end: made, listed, used and ended by the API, the command and the admin."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from hrapi.api.models import TokenDetails
from hrapi.api.tokens import make_token
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

TOKENS = "/api/v1/auth/tokens/"
PASSWORD = "a long password"


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


@pytest.fixture
def boss(db: None) -> User:
    user = User.objects.create_user("boss", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="administrators"))
    return user


def client_of(user: User) -> APIClient:
    """Logged in with the password."""
    client = APIClient(raise_request_exception=False)
    sent = b64encode(f"{user.username}:{PASSWORD}".encode()).decode()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {sent}")
    return client


def with_token(text: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    return client


def shown(moment: Any) -> Any:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def test_a_token_is_made_as_it_was_asked_for(ann: User) -> None:
    before = timezone.now()

    response = client_of(ann).post(
        TOKENS,
        {"name": " Power BI ", "scopes": ["reports", "read", "read"], "expires_days": 30},
        format="json",
    )

    assert response.status_code == 201
    answer = response.json()
    text = answer.pop("token")
    token = AuthToken.objects.get()
    assert before <= token.expiry - timedelta(days=30) <= timezone.now()
    assert answer == {
        "id": token.details.pk,
        "name": "Power BI",
        "user": "ann",
        "scopes": ["read", "reports"],
        "created": shown(token.created),
        "expiry": shown(token.expiry),
        "last_used_at": None,
    }
    assert response["Location"] == f"http://testserver{TOKENS}{token.details.pk}/"
    assert with_token(text).get("/api/v1/jobs/").status_code == 200


def test_a_token_of_which_nothing_is_said_lasts_ninety_days_and_has_no_limits(ann: User) -> None:
    before = timezone.now()

    answer = client_of(ann).post(TOKENS, {}, format="json").json()

    assert (answer["name"], answer["scopes"]) == ("", [])
    assert before <= AuthToken.objects.get().expiry - timedelta(days=90) <= timezone.now()


@pytest.mark.parametrize(
    "sent, detail",
    [
        ({"name": ""}, "name: "),
        ({"name": 7}, "name: "),
        ({"name": "a\nb"}, "name: "),
        ({"name": "a\x00b"}, "name: "),
        ({"name": "x" * 256}, "name: The text has 256 characters; at most 255 are allowed."),
        ({"scopes": "read"}, "scopes: Send a list of ingest, read, reports, stewardship"),
        ({"scopes": ["admin"]}, "scopes: Send a list of "),
        ({"scopes": [["read"]]}, "scopes: Send a list of "),
        ({"scopes": None}, "scopes: Send a list of "),
        ({"scopes": []}, "scopes: Send a list of "),
        ({"expires_days": 0}, "expires_days: Send a number of days from 1 to 3650."),
        ({"expires_days": 3651}, "expires_days: Send a number of days from 1 to 3650."),
        ({"expires_days": True}, "expires_days: Send a number of days from 1 to 3650."),
        ({"expires_days": "30"}, "expires_days: Send a number of days from 1 to 3650."),
        ({"user": "boss"}, "'user': Send name, scopes, expires_days or none of them."),
    ],
)
def test_what_is_no_order_makes_no_token(ann: User, sent: Any, detail: str) -> None:
    response = client_of(ann).post(TOKENS, sent, format="json")

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"].startswith(detail)
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("days", [1, 3650])
def test_the_limits_of_days_are_taken(ann: User, days: int) -> None:
    assert client_of(ann).post(TOKENS, {"expires_days": days}, format="json").status_code == 201


@pytest.mark.parametrize(
    "body, status, code",
    [
        ("{", 400, "malformed_json"),
        ("[]", 400, "wrong_top_level_type"),
        ("[" * 100_000, 400, "too_deep"),
        ('{"name": "a", "name": "b"}', 400, "invalid_parameter"),
        (b"\xff", 400, "undecodable"),
    ],
)
def test_a_body_that_cannot_be_read_makes_no_token(
    ann: User, body: Any, status: int, code: str
) -> None:
    response = client_of(ann).generic("POST", TOKENS, body, content_type="application/json")

    assert_problem(response, status, code)
    assert AuthToken.objects.count() == 0


def test_a_token_makes_no_token(ann: User) -> None:
    _, text = make_token(ann)

    problem = assert_problem(
        with_token(text).post(TOKENS, {}, format="json"), 403, "permission_denied"
    )

    assert problem["detail"] == "Log in with the password, not with a token."
    assert AuthToken.objects.count() == 1


def test_a_session_makes_a_token_with_the_token_of_its_forms_only(ann: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(ann)
    assert_problem(browser.post(TOKENS, {}, format="json"), 403, "permission_denied")
    assert AuthToken.objects.count() == 0

    browser.get("/api/v1/jobs/", headers={"accept": "text/html"})
    headers = {"x-csrftoken": browser.cookies["csrftoken"].value}
    assert browser.post(TOKENS, {}, format="json", headers=headers).status_code == 201


def test_the_list_shows_ones_own_tokens_and_no_secret(ann: User, bob: User) -> None:
    token, text = make_token(ann, name="nightly", scopes=["ingest"], days=7)
    make_token(bob)

    answer = client_of(ann).get(TOKENS)

    assert answer.json() == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": token.details.pk,
                "name": "nightly",
                "user": "ann",
                "scopes": ["ingest"],
                "created": shown(token.created),
                "expiry": shown(token.expiry),
                "last_used_at": None,
            }
        ],
    }
    assert text[:15] not in answer.content.decode()
    assert token.digest not in answer.content.decode()


def test_others_tokens_are_not_there(ann: User, bob: User) -> None:
    token, text = make_token(bob)
    address = f"{TOKENS}{token.details.pk}/"

    assert_problem(client_of(ann).get(address), 404, "not_found")
    assert_problem(client_of(ann).delete(address), 404, "not_found")
    assert with_token(text).get("/api/v1/").status_code == 200


def test_ones_own_token_is_ended(ann: User) -> None:
    token, text = make_token(ann)
    other, other_text = make_token(ann)

    response = client_of(ann).delete(f"{TOKENS}{token.details.pk}/")

    assert (response.status_code, response.content) == (204, b"")
    assert_problem(with_token(text).get("/api/v1/"), 401, "not_authenticated")
    assert with_token(other_text).get("/api/v1/").status_code == 200
    assert list(TokenDetails.objects.values_list("token", flat=True)) == [other.pk]


def test_administrators_see_and_end_the_tokens_of_all(ann: User, bob: User, boss: User) -> None:
    token, text = make_token(ann)
    make_token(bob)
    client = client_of(boss)

    users = [each["user"] for each in client.get(TOKENS).json()["results"]]
    response = client.delete(f"{TOKENS}{token.details.pk}/")

    assert users == ["ann", "bob"]
    assert response.status_code == 204
    assert_problem(with_token(text).get("/api/v1/"), 401, "not_authenticated")


def test_a_token_that_anything_else_made_is_listed_too(ann: User) -> None:
    token, _ = AuthToken.objects.create(ann)

    [listed] = client_of(ann).get(TOKENS).json()["results"]

    assert (listed["id"], listed["name"], listed["scopes"]) == (token.details.pk, "", [])


def test_logging_in_names_the_token(ann: User) -> None:
    client = client_of(ann)

    client.post("/api/v1/auth/login/")

    assert [each["name"] for each in client.get(TOKENS).json()["results"]] == ["login"]


def test_when_a_token_was_used_is_kept_to_five_minutes(ann: User) -> None:
    token, text = make_token(ann)
    client, details = with_token(text), token.details
    before = timezone.now()

    client.get("/api/v1/")
    details.refresh_from_db()
    first = details.last_used_at
    assert before <= first <= timezone.now()

    client.get("/api/v1/")
    details.refresh_from_db()
    assert details.last_used_at == first

    TokenDetails.objects.update(last_used_at=first - timedelta(minutes=5))
    client.get("/api/v1/")
    details.refresh_from_db()
    assert details.last_used_at > first


def test_a_token_that_does_not_open_was_not_used(ann: User, bob: User) -> None:
    token, text = make_token(ann)
    sent = b64encode(f"bob:{text}".encode()).decode()

    assert (
        APIClient().get("/api/v1/", headers={"authorization": f"Basic {sent}"}).status_code == 401
    )
    AuthToken.objects.update(expiry=timezone.now())
    assert with_token(text).get("/api/v1/").status_code == 401

    token.details.refresh_from_db()
    assert token.details.last_used_at is None


def test_the_command_makes_a_token_with_a_name_and_scopes(ann: User, capsys: Any) -> None:
    call_command("issue_token", "ann", "--name=nightly", "--scope=read", "--scope=ingest")

    text = capsys.readouterr().out.strip()
    details = TokenDetails.objects.get()
    assert (details.name, details.scopes) == ("nightly", ["ingest", "read"])
    assert with_token(text).get("/api/v1/jobs/").status_code == 200
    assert with_token(text).get("/api/v1/reports/quarterly-hires/").status_code == 403


@pytest.fixture
def admin(boss: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    return client


def test_the_admin_shows_tokens_without_secrets(admin: Client, ann: User) -> None:
    token, text = make_token(ann, name="nightly", scopes=["ingest"])

    page = admin.get("/admin/knox/authtoken/").content.decode()
    one = admin.get(f"/admin/knox/authtoken/{token.pk}/change/").content.decode()

    for each in (page, one):
        assert "nightly" in each
        assert "ingest" in each
        assert "ann" in each
        assert text[:15] not in each


def test_the_admin_ends_a_token_and_makes_none(admin: Client, ann: User) -> None:
    token, text = make_token(ann)

    assert admin.get("/admin/knox/authtoken/add/").status_code == 403
    response = admin.post(f"/admin/knox/authtoken/{token.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302
    assert_problem(with_token(text).get("/api/v1/"), 401, "not_authenticated")


def test_tokens_that_were_there_before_are_listed(ann: User) -> None:
    call_command("migrate", "api", "0002", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knox_authtoken (digest, token_key, created, user_id)"
            " VALUES ('old', 'old', now(), %s)",
            [ann.pk],
        )

    call_command("migrate", "api", verbosity=0)

    [listed] = client_of(ann).get(TOKENS).json()["results"]
    assert (listed["user"], listed["scopes"], listed["expiry"]) == ("ann", [], None)
