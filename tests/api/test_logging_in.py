"""Tokens that logins give, and what ends them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.logging_in import LOGIN, LOGOUT, PASSWORD, ROOT, assert_unknown, basic, get, log_in
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


def test_logging_in_gives_a_token_for_ninety_days(anonymous: APIClient, ann: User) -> None:
    before = timezone.now()

    response = anonymous.post(LOGIN, headers={"authorization": basic("ann", PASSWORD)})

    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == ["expiry", "token"]
    [stored] = AuthToken.objects.all()
    assert stored.user == ann
    assert before <= stored.expiry - timedelta(days=90) <= timezone.now()
    assert answer["expiry"] == stored.expiry.isoformat().replace("+00:00", "Z")


def test_tokens_are_stored_as_hashes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    [stored] = AuthToken.objects.all().values()
    assert len(token) == 64
    assert stored.pop("token_key") == token[:15]
    assert token not in str(stored)
    assert len(stored["digest"]) == 128


def test_two_logins_give_two_tokens(anonymous: APIClient, ann: User) -> None:
    first, second = log_in(anonymous, ann), log_in(anonymous, ann)

    assert first != second
    assert get(anonymous, f"Token {first}").status_code == 200
    assert get(anonymous, f"Token {second}").status_code == 200


def test_a_token_opens_what_its_user_may_see(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    for authorization in (f"Token {token}", f"token {token}", basic("ann", token)):
        assert get(anonymous, authorization, "/api/v1/jobs/").status_code == 200
        assert_problem(
            get(anonymous, authorization, "/api/v1/batches/"), 403, "permission_denied"
        )  # fmt: skip


def test_a_token_costs_one_query(
    anonymous: APIClient, ann: User, django_assert_num_queries: Any
) -> None:
    token = log_in(anonymous, ann)
    # The first use is kept.
    with django_assert_num_queries(2):
        assert get(anonymous, f"Token {token}").status_code == 200

    with django_assert_num_queries(1):
        assert get(anonymous, f"Token {token}").status_code == 200
    with django_assert_num_queries(1):
        assert get(anonymous, basic("ann", token)).status_code == 200


def test_a_token_makes_no_further_token(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    as_password = anonymous.post(LOGIN, headers={"authorization": basic("ann", token)})
    as_token = anonymous.post(LOGIN, headers={"authorization": f"Token {token}"})

    problem = assert_problem(as_password, 403, "permission_denied")
    assert problem["detail"] == "Log in with the password, not with a token."
    assert_unknown(as_token)
    assert AuthToken.objects.count() == 1


def test_a_session_makes_no_token(ann: User) -> None:
    client = Client(raise_request_exception=False)
    client.login(username="ann", password=PASSWORD)

    assert_unknown(client.post(LOGIN))
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("send_as", ["Token", "Basic"])
def test_logging_out_ends_this_token_and_no_other(
    anonymous: APIClient, ann: User, send_as: str
) -> None:
    token, other = log_in(anonymous, ann), log_in(anonymous, ann)
    authorization = f"Token {token}" if send_as == "Token" else basic("ann", token)

    response = anonymous.post(LOGOUT, headers={"authorization": authorization})

    assert (response.status_code, response.content) == (204, b"")
    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(anonymous.post(LOGOUT, headers={"authorization": f"Token {token}"}))
    assert get(anonymous, f"Token {other}").status_code == 200


def test_logging_out_with_a_password_ends_nothing(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    response = anonymous.post(LOGOUT, headers={"authorization": basic("ann", PASSWORD)})

    problem = assert_problem(response, 409, "conflict")
    assert problem["detail"] == "There is no token to end: send it to be ended."
    assert get(anonymous, f"Token {token}").status_code == 200


def test_an_expired_token_opens_nothing_and_reading_deletes_none(
    anonymous: APIClient, ann: User
) -> None:
    token, alive = log_in(anonymous, ann), log_in(anonymous, ann)
    AuthToken.objects.filter(token_key=token[:15]).update(
        expiry=timezone.now() - timedelta(seconds=1)
    )
    before = list(AuthToken.objects.order_by("digest").values())

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert get(anonymous, f"Token {alive}").status_code == 200
    assert list(AuthToken.objects.order_by("digest").values()) == before


def test_a_token_without_an_end_opens(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    AuthToken.objects.update(expiry=None)

    assert get(anonymous, f"Token {token}").status_code == 200


def test_everything_of_an_inactive_user_is_dead_at_once(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    session = Client(raise_request_exception=False)
    session.login(username="ann", password=PASSWORD)
    assert session.get(ROOT).status_code == 200

    User.objects.update(is_active=False)

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(get(anonymous, basic("ann", PASSWORD)))
    assert_unknown(session.get(ROOT))


def test_everything_of_a_deleted_user_is_dead_at_once(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    ann.delete()

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))


def test_tokens_and_sessions_end_when_the_password_changes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    session = Client(raise_request_exception=False)
    session.login(username="ann", password=PASSWORD)

    ann.set_password("another long password")
    ann.save()

    assert_unknown(session.get(ROOT))
    assert_unknown(get(anonymous, basic("ann", PASSWORD)))
    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))


def test_tokens_of_others_live_on_when_a_password_changes(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    bob = User.objects.create_user("bob", password=PASSWORD)

    bob.set_password("another long password")
    bob.save()
    ann.first_name = "Ann"
    ann.save()

    assert get(anonymous, f"Token {token}").status_code == 200


def test_a_token_opens_for_its_own_user_only(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)
    User.objects.create_user("bob", password=PASSWORD)

    for name in ("bob", "Ann", "ann ", "", "nobody"):
        assert_unknown(get(anonymous, basic(name, token)))
