"""What opens nothing, and is told alike."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.logging_in import LOGIN, LOGOUT, PASSWORD, ROOT, assert_unknown, basic, get, log_in
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("0" * 64, id="unknown"),
        pytest.param("0" * 63, id="too short"),
        pytest.param("0" * 65, id="too long"),
        pytest.param("0" * 100_000, id="100,000 digits"),
        pytest.param("g" * 64, id="no hexadecimal digits"),
        pytest.param("A" * 64, id="capitals"),
        pytest.param("é" * 64, id="not ASCII"),
        pytest.param("\xff" * 64, id="no UTF-8"),
        pytest.param("0" * 63 + "\x00", id="NUL"),
        pytest.param("0" * 32 + " " + "0" * 31, id="space inside"),
        pytest.param("' OR 1=1 --", id="SQL"),
        pytest.param("%s%s%s", id="format"),
    ],
)
def test_a_token_that_nobody_was_given_is_unknown(
    anonymous: APIClient, ann: User, token: str
) -> None:
    log_in(anonymous, ann)

    assert_unknown(get(anonymous, f"Token {token}"))
    assert_unknown(get(anonymous, basic("ann", token)))
    assert_unknown(anonymous.post(LOGOUT, headers={"authorization": f"Token {token}"}))


def test_a_token_with_its_beginning_right_is_unknown(anonymous: APIClient, ann: User) -> None:
    token = log_in(anonymous, ann)

    assert_unknown(get(anonymous, f"Token {token[:15]}{'0' * 49}"))
    assert_unknown(get(anonymous, f"Token {token[:-1]}{'0' if token[-1] != '0' else '1'}"))
    assert_unknown(get(anonymous, f"Token {token.upper()}"))


@pytest.mark.parametrize("place", ["token", "access_token", "auth", "Authorization"])
def test_a_token_counts_in_the_header_only(
    anonymous: APIClient, ann: User, place: str
) -> None:  # fmt: skip
    token = log_in(anonymous, ann)
    anonymous.cookies[place] = token

    assert_unknown(anonymous.get(ROOT, {place: token}))
    assert_unknown(anonymous.post("/api/v1/jobs/", {place: token}, format="json"))


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("Basic", id="nothing after it"),
        pytest.param("Basic !!!", id="no Base64"),
        pytest.param("Basic é", id="not ASCII"),
        pytest.param("Basic YW5u", id="no colon"),
        pytest.param("Basic /w==", id="no text"),
        pytest.param("Basic a b", id="two parts"),
        pytest.param("Token", id="token missing"),
        pytest.param("Token a b", id="two tokens"),
        pytest.param("Bearer x", id="another scheme"),
        pytest.param("Digest x", id="digest"),
        pytest.param("", id="empty"),
        pytest.param(" ", id="space"),
        pytest.param("\x00", id="NUL"),
        pytest.param(basic("ann", "wrong"), id="wrong password"),
        pytest.param(basic("ann", ""), id="empty password"),
        pytest.param(basic("ann", f"{PASSWORD} "), id="space after the password"),
        pytest.param(basic("", ""), id="empty name and password"),
        pytest.param(basic("nobody", PASSWORD), id="unknown user"),
        pytest.param(basic("ANN", PASSWORD), id="name in capitals"),
        pytest.param(basic("ann\x00", PASSWORD), id="NUL in the name"),
        pytest.param(basic("ann", f"{PASSWORD}\x00"), id="NUL in the password"),
        pytest.param(basic("x" * 10_000, PASSWORD), id="long name"),
        pytest.param(basic("ann", "x" * 100_000), id="long password"),
        pytest.param(basic("ann' OR 1=1 --", PASSWORD), id="SQL"),
    ],
)
def test_wrong_credentials_are_unknown(
    anonymous: APIClient, ann: User, authorization: str
) -> None:  # fmt: skip
    assert_unknown(get(anonymous, authorization))
    assert_unknown(anonymous.post(LOGIN, headers={"authorization": authorization}))
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("name, password", [("ann", "wrong"), ("nobody", "x")])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    anonymous: APIClient, ann: User, name: str, password: str
) -> None:
    problem = assert_problem(get(anonymous, basic(name, password)), 401, "not_authenticated")

    assert problem["detail"] == "Invalid username/password."


def test_wrong_credentials_are_not_made_good_by_a_session(ann: User) -> None:
    client = Client(raise_request_exception=False)
    client.login(username="ann", password=PASSWORD)

    assert_unknown(get(client, basic("ann", "wrong")))
    assert_unknown(get(client, f"Token {'0' * 64}"))


def test_a_password_with_colons_and_letters_beyond_ascii_opens(anonymous: APIClient) -> None:
    User.objects.create_user("zoë", password="a:b:ñ🙂")

    assert get(anonymous, basic("zoë", "a:b:ñ🙂")).status_code == 200
