"""Getting and ending access tokens is limited like all that changes something, by the user of the client."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from oauth2_provider.models import AccessToken

from tests.oauth.programs import REVOKE, Program, basic, register, send
from tests.problem_bodies import assert_problem

LIMIT = 3


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.WRITES_PER_MINUTE = LIMIT


@pytest.mark.parametrize("form", [{}, {"path": REVOKE, "token": "x"}])
def test_a_user_gets_so_many_in_a_minute_and_no_more(
    program: Program, service_account: User, form: dict[str, str]
) -> None:
    other = register(service_account, "read", name="other")
    for _ in range(LIMIT):
        program.token()

    for each in (program, other):
        problem = assert_problem(each.ask(**form), 429, "throttled")
        assert problem["detail"].startswith("More than 3 writes in a minute by one user. Expected ")
    assert AccessToken.objects.count() == LIMIT


def test_a_wrong_secret_uses_up_nothing(program: Program) -> None:
    for _ in range(LIMIT + 1):
        wrong = basic(program.client_id, "wrong")
        assert (
            send("/api/v1/oauth/token/", {"grant_type": "client_credentials"}, wrong).status_code
            == 401
        )

    assert program.ask().status_code == 200
