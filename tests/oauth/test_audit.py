"""Clients of OAuth and their tokens: registered, let in or not, revoked, ended."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from oauth2_provider.models import AccessToken

from tests.audit.recorded import recorded, told
from tests.oauth.programs import REVOKE, Program, register


def test_a_client_from_its_first_day_to_its_last(service_account: User) -> None:
    name = service_account.get_username()
    with recorded() as registered:
        program = register(service_account, "read")
    with recorded() as used:
        token = program.token()
        program.ask(REVOKE, token=token)
    with recorded() as ended:
        call_command("register_client", delete=program.client_id)

    client = {"client": program.client_id, "account": name}
    assert [what for what in told(registered) if what[0] != "login"] == [
        ("client_registered", registered[0].user, client | {"scopes": ["read"]})
    ]
    assert [(action, what) for action, _, what in told(used)] == [
        ("token_issued", client),
        ("token_ended", client),
    ]
    assert [(action, what) for action, _, what in told(ended)] == [("client_ended", client)]


@pytest.mark.parametrize("is_client", [True, False])
def test_a_wrong_secret_is_a_failed_login_once(program: Program, is_client: bool) -> None:
    guessed = Program(program.client_id if is_client else "s3cret", "wrong")

    with recorded() as events:
        assert guessed.ask().status_code == 401

    expected = program.client_id if is_client else None
    assert told(events) == [("login_failed", None, {"client": expected})]


def test_a_revocation_that_ends_nothing_is_no_end(
    program: Program, service_account: User, bearer: Any
) -> None:
    other = register(service_account, "read", name="other")
    token, past = program.token(), program.token()
    past_hash = sha256(past.encode()).hexdigest()
    AccessToken.objects.filter(token_checksum=past_hash).update(expires=timezone.now())

    with recorded() as events:
        for asked in (other.ask(REVOKE, token=token), program.ask(REVOKE, token="nonsense")):
            assert asked.status_code == 200
        assert program.ask(REVOKE, token=past).status_code == 200
        assert bearer(token).get("/api/v1/").status_code == 200
        assert [program.ask(REVOKE, token=token).status_code for _ in range(2)] == [200, 200]

    expected = {"client": program.client_id, "account": service_account.get_username()}
    assert told(events) == [("token_ended", None, expected)]
