"""OAUTH=1 switches it on, and without it there is nothing: shown on the service as it is installed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as HttpClient
from django.urls import NoReverseMatch, reverse
from rest_framework.views import APIView

from tests.api.addresses import all_addresses
from tests.installation import Installation, installation
from tests.oauth.programs import FORM, REVOKE, TOKEN, basic
from tests.problem_bodies import assert_problem
from tests.test_deployment import PRODUCTION, ask


@pytest.fixture
def oauth() -> None:
    """In place of the one that switches it on."""


def test_without_the_variable_there_is_no_address(db: None, settings: Any) -> None:
    for path in (TOKEN, REVOKE):
        response = HttpClient().post(path, "grant_type=client_credentials", FORM)
        assert_problem(response, 404, "not_found")
    assert [address for address in all_addresses() if "/api/v1/oauth" in address] == []
    with pytest.raises(NoReverseMatch):
        reverse("oauth-token")
    assert settings.OAUTH is False


def test_without_the_variable_nobody_looks_at_a_bearer(db: None) -> None:
    names = [found.__name__ for found in APIView.authentication_classes]
    assert names == ["BasicAuthentication", "TokenAuthentication", "SessionAuthentication"]

    response = HttpClient().get("/api/v1/", headers={"authorization": "Bearer x"})

    problem = assert_problem(response, 401, "not_authenticated")
    assert problem["detail"] == "Authentication credentials were not provided."


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation(OAUTH="1") as made:
        made.hold()
        assert made.manage("migrate", "--verbosity=0").code == 0
        yield made


@pytest.mark.slow
def test_a_program_gets_in_by_it_and_the_document_says_how(installed: Installation) -> None:
    user = ["createsuperuser", "--no-input", "--username=payroll", "--email="]
    assert installed.manage(*user).code == 0
    done = installed.manage("register_client", "x", "--user=payroll", "--scope=ingest")
    printed = dict(line.split("=", 1) for line in done.output.splitlines())
    identity = basic(printed["client_id"], printed["client_secret"])
    form = {"Content_Type": FORM, "Authorization": identity["authorization"]}
    with installed.serving() as port:
        status, headers, body = post(port, TOKEN, "grant_type=client_credentials", form)
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        token = json.loads(body)["access_token"]
        bearer = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}
        rows = [{"id": 1, "department": "Law"}]
        assert ask(port, "POST", "/api/v1/departments/", rows, **bearer)[0] == 201
        assert ask(port, "GET", "/api/v1/departments/", **bearer)[0] == 403
        status, _, body = ask(port, "GET", "/api/v1/schema/?format=json", **bearer)
        assert status == 200
        scheme = json.loads(body)["components"]["securitySchemes"]["oauth2"]
        assert scheme["flows"]["clientCredentials"]["tokenUrl"] == TOKEN
        assert post(port, REVOKE, f"token={token}", form)[0] == 200
        assert ask(port, "GET", "/api/v1/", **bearer)[0] == 401


def test_the_checks_of_deployment_and_of_the_document_pass(installed: Installation) -> None:
    checked = installed.manage("check", "--deploy", "--fail-level=WARNING", **PRODUCTION)
    assert (checked.code, checked.output[:36]) == (0, "System check identified no issues (2")

    made = installed.manage("spectacular", "--validate", "--fail-on-warn", "--file=/dev/null")
    assert (made.code, made.errors) == (0, "")


def post(port: int, path: str, form: str, headers: dict[str, str]) -> tuple[int, Any, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        client.request(
            "POST", path, form, {name.replace("_", "-"): text for name, text in headers.items()}
        )
        response = client.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        client.close()
