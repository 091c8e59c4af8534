"""Who was locked out by somebody's guesses is let in again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.api.test_login_limits import LIMIT, PASSWORD, by_basic
from tests.audit.recorded import recorded, told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def locked_out(settings: Any) -> None:
    settings.LOGIN_FAILURES_PER_ACCOUNT = LIMIT
    settings.LOGIN_FAILURES_PER_ADDRESS = LIMIT
    User.objects.create_user("ann", password=PASSWORD)
    for _ in range(LIMIT):
        by_basic("ann", "wrong", REMOTE_ADDR="2001:db8::1")
    assert by_basic("ann", PASSWORD, REMOTE_ADDR="2001:db8::2").status_code == 429


def unlock(**whom: str) -> str:
    output = io.StringIO()
    with recorded() as events:
        call_command("unlock", stdout=output, **whom)
    if "address" in whom:
        whom["address"] = "2001:db8::/64"
    assert [(action, what) for action, _, what in told(events)] == [("unlocked", whom)]
    return output.getvalue()


def test_an_account() -> None:
    assert by_basic("ann", PASSWORD, REMOTE_ADDR="10.0.0.1").status_code == 429

    assert unlock(account="ann") == "Counts set back: 1\n"

    assert by_basic("ann", PASSWORD, REMOTE_ADDR="10.0.0.1").status_code == 200
    assert by_basic("ann", PASSWORD, REMOTE_ADDR="2001:db8::2").status_code == 429


def test_an_account_and_an_address() -> None:
    assert unlock(account="ann", address="2001:db8::7") == "Counts set back: 2\n"

    assert by_basic("ann", PASSWORD, REMOTE_ADDR="2001:db8::2").status_code == 200


def test_nobody_was_locked_out() -> None:
    assert unlock(account="bob") == "Counts set back: 0\n"


def test_nobody_is_named() -> None:
    with pytest.raises(CommandError, match="--account NAME, --address ADDRESS"):
        unlock()
