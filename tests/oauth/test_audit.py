"""Clients of OAuth and their tokens: registered, let in or not, revoked, ended."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

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
