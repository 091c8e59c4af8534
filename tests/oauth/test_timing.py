"""How long the answer takes does not tell which clients there are: each costs one hash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from hrapi.oauth.models import Client
from tests.oauth.programs import REVOKE, TOKEN, Program, basic, send


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is hashed from now on."""
    found: list[str] = []
    encode = MD5PasswordHasher.encode

    def tell(hasher: Any, password: str, salt: str) -> Any:
        found.append(password)
        return encode(hasher, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", tell)
    return found


@pytest.fixture
def ended(program: Program) -> Callable[[], None]:
    def end() -> None:
        user = Client.objects.get(client_id=program.client_id).user
        user.is_active = False
        user.save()

    return end


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize("who", ["there", "not there", "not active"])
def test_a_wrong_secret_costs_one_hash_whoever_it_is_for(
    program: Program, ended: Callable[[], None], hashed: list[str], path: str, who: str
) -> None:
    if who == "not active":
        ended()
    client_id = "nobody" if who == "not there" else program.client_id
    form = {"grant_type": "client_credentials", "token": "x"}

    response = send(path, form, basic(client_id, "wrong"))

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert hashed == ["wrong"]


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_so_does_the_right_one(program: Program, hashed: list[str], path: str) -> None:
    assert program.ask(path, token="x").status_code == 200
    assert hashed == [program.secret]


@pytest.mark.parametrize("form", [{"client_id": "\x00"}, {}], ids=["nul", "no client"])
def test_what_is_no_client_is_refused_as_well(form: dict[str, str]) -> None:
    response = send(TOKEN, {"grant_type": "client_credentials"} | form)

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
