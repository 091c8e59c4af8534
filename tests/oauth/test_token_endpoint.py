"""Access tokens are given out and ended as RFC 6749 and RFC 7009 say, by the client credentials grant alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client as HttpClient
from oauth2_provider.models import AccessToken

from hrapi.api.models import Counter
from hrapi.oauth.models import Client
from tests.oauth.programs import FORM, REVOKE, TOKEN, Program, basic, register, send
from tests.problem_bodies import assert_problem

GRANT = {"grant_type": "client_credentials"}


def assert_error(response: Any, status: int, error: str) -> None:
    """As RFC 6749, 5.2."""
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert set(response.json()) <= {"error", "error_description"}
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response.has_header("WWW-Authenticate") == (status == 401)
    if status == 401:
        assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'


def test_a_token_is_given_for_ten_minutes_and_what_the_client_may(program: Program) -> None:
    response = program.ask()

    assert response.status_code == 200
    answer = response.json()
    assert len(answer.pop("access_token")) >= 30
    assert answer == {
        "expires_in": 600,
        "token_type": "Bearer",
        "scope": "ingest read reports stewardship",
    }
    assert response["Content-Type"] == "application/json"
    assert (response["Cache-Control"], response["Pragma"]) == ("no-store", "no-cache")


def test_id_and_secret_may_come_in_the_body(program: Program) -> None:
    both = {"client_id": program.client_id, "client_secret": program.secret}

    assert send(TOKEN, GRANT | both).status_code == 200


def test_a_client_may_name_itself_beside_its_basic_credentials(program: Program) -> None:
    form = GRANT | {"client_id": program.client_id}

    assert send(TOKEN, form, program.basic).status_code == 200


def test_each_token_is_another_one(program: Program) -> None:
    assert len({program.token() for _ in range(3)}) == 3
    assert AccessToken.objects.count() == 3


def test_a_client_may_ask_for_less(program: Program) -> None:
    assert program.ask(scope="reports read").json()["scope"] == "reports read"


@pytest.mark.parametrize("scope", ["stewardship", "read write", "READ", "\x00", "é", "x" * 5000])
def test_and_for_nothing_that_it_was_not_registered_for(service_account: User, scope: str) -> None:
    program = register(service_account, "read", "reports")

    assert_error(program.ask(scope=scope), 400, "invalid_scope")
    assert AccessToken.objects.count() == 0


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize(
    "headers, form",
    [
        pytest.param(lambda p: basic(p.client_id, "wrong"), {}, id="wrong secret"),
        pytest.param(lambda p: basic(p.client_id, ""), {}, id="no secret"),
        pytest.param(lambda p: basic("nobody", p.secret), {}, id="unknown client"),
        pytest.param(lambda p: basic("a%00b", "x%00"), {}, id="NUL"),
        pytest.param(lambda p: {"authorization": "Basic !"}, {}, id="unreadable"),
        pytest.param(lambda p: {"authorization": "Basic /w=="}, {}, id="not UTF-8"),
        pytest.param(lambda p: {"authorization": "Basic"}, {}, id="empty"),
        pytest.param(lambda p: {"authorization": "Bearer x"}, {}, id="another scheme"),
        pytest.param(lambda p: {}, {}, id="nothing"),
        pytest.param(lambda p: {}, {"client_id": "x"}, id="id alone"),
        pytest.param(lambda p: {}, {"client_id": "x\x00", "client_secret": "\x00"}, id="body"),
    ],
)
def test_whoever_is_no_client_is_told_how_to_say_who_it_is(
    program: Program, path: str, headers: Any, form: dict[str, str]
) -> None:
    token = program.token()

    response = send(path, GRANT | {"token": token} | form, headers(program))

    assert_error(response, 401, "invalid_client")
    assert AccessToken.objects.count() == 1


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize(
    "query, form, media_type",
    [
        pytest.param("?scope=read", GRANT, FORM, id="query"),
        pytest.param("?%", GRANT, FORM, id="unreadable query"),
        pytest.param("", [*GRANT.items(), *GRANT.items()], FORM, id="twice"),
        pytest.param("", GRANT | {"client_secret": "x"}, FORM, id="two ways"),
        pytest.param("", GRANT | {"client_id": "another"}, FORM, id="two clients"),
        pytest.param("", {}, FORM, id="empty"),
        pytest.param("", GRANT, f"{FORM}; charset=latin-1", id="another charset"),
        pytest.param("", GRANT, "application/json", id="JSON"),
        pytest.param("", GRANT, "multipart/form-data; boundary=x", id="multipart"),
    ],
)
def test_what_is_no_request_is_refused(
    program: Program, path: str, query: str, form: Any, media_type: str
) -> None:
    client = HttpClient(raise_request_exception=False)
    response = client.post(path + query, urlencode(form), media_type, headers=program.basic)

    assert_error(response, 400, "invalid_request")
    assert AccessToken.objects.count() == 0


def test_a_form_that_breaks_off_is_refused(program: Program) -> None:
    class Cut:
        def read(self, *size: int) -> bytes:
            raise OSError("gone")

        readline = read

    response = HttpClient(raise_request_exception=False).post(
        TOKEN, "grant_type=x", FORM, headers=program.basic, **{"wsgi.input": Cut()}
    )

    assert_error(response, 400, "invalid_request")


def test_a_form_that_is_too_large_is_refused(program: Program, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert program.ask(scope="x" * 60).json()["error"] == "invalid_scope"
    assert_problem(program.ask(scope="x" * 100), 413, "body_too_large")


@pytest.mark.parametrize(
    "grant",
    [
        {"grant_type": "password", "username": "payroll", "password": "a long password"},
        {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://example.com"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "x"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
        {"grant_type": "implicit"},
        {"grant_type": "\x00"},
    ],
    ids=lambda grant: ",".join(grant),
)
def test_there_is_no_other_grant(program: Program, grant: dict[str, str]) -> None:
    User.objects.filter(username="payroll").update(password="!")

    assert_error(program.ask(**grant), 400, "unsupported_grant_type")


def test_no_client_of_another_grant_gets_a_token(program: Program) -> None:
    Client.objects.update(authorization_grant_type=Client.GRANT_PASSWORD)

    assert_error(program.ask(), 400, "unauthorized_client")


@pytest.mark.parametrize("resource", ["https://example.com/", "x", "https://a\x00b/"])
def test_a_parameter_that_nobody_knows_means_nothing(program: Program, resource: str) -> None:
    program.token(resource=resource, id_token="x", username="root")

    assert AccessToken.objects.get().resource == []


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_post_is_there(path: str, method: str) -> None:
    response = getattr(HttpClient(), method)(path)

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST, OPTIONS"
    assert response["Content-Length"] == str(len(response.content))


@pytest.mark.parametrize("path", ["authorize/", "device-authorization/", "introspect/", "applications/",
    "register/", "userinfo/", ".well-known/openid-configuration", "logout/"])  # fmt: skip
def test_nothing_else_of_the_toolkit_is_there(path: str) -> None:
    assert HttpClient().get(f"/api/v1/oauth/{path}").status_code == 404


def test_the_database_holds_neither_token_nor_secret(program: Program) -> None:
    token = program.token()
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label in ("oauth", "oauth2_provider")
    ]

    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            kept = str(cursor.fetchall())
            assert token not in kept
            assert program.secret not in kept
        cursor.execute("SELECT token, length(token_checksum) FROM oauth2_provider_accesstoken")
        assert cursor.fetchall() == [("", 64)]
    assert len(tables) == 6


@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "x"])
def test_a_client_ends_its_token(program: Program, bearer: Any, hint: str) -> None:
    token, other = program.token(), program.token()

    response = program.ask(REVOKE, token=token, token_type_hint=hint)

    assert (response.status_code, response.json()) == (200, {})
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert bearer(token).get("/api/v1/").status_code == 401
    assert bearer(other).get("/api/v1/").status_code == 200


def test_ending_what_is_no_token_of_the_client_changes_nothing(
    program: Program, service_account: User, bearer: Any
) -> None:
    token = program.token()
    other = register(service_account, "read", name="other")

    for unknown in (token, "x", "\x00"):
        response = other.ask(REVOKE, token=unknown)
        assert (response.status_code, response.json()) == (200, {})

    assert bearer(token).get("/api/v1/").status_code == 200


def test_a_scope_that_is_asked_for_twice_is_given_once(program: Program) -> None:
    assert program.ask(scope="read reports read").json()["scope"] == "read reports"


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_a_page_of_another_site_gets_nothing_and_locks_out_nobody(
    program: Program, path: str
) -> None:
    headers = program.basic | {"origin": "https://evil.example"}

    response = send(path, {"grant_type": "client_credentials", "token": "x"}, headers)

    assert_error(response, 400, "invalid_request")
    assert not Counter.objects.exists()
