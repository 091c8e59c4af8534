"""The command that makes tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import ManagementUtility
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.logging_in import get

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`run("issue_token", "ann")` runs that command in this process and returns its exit code."""
    # A command ends by closing its connections; here that would end the test's transaction.
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)

    def run(*arguments: str) -> int:
        code: Any = 0
        try:
            ManagementUtility(["manage.py", *arguments]).execute()
        except SystemExit as end:
            code = end.code
        return int(code)

    return run


def test_the_command_prints_nothing_but_a_token_that_works(
    run: Any, anonymous: APIClient, ann: User, capsys: Any
) -> None:
    before = timezone.now()

    code = run("issue_token", "ann")

    printed = capsys.readouterr()
    assert (code, printed.err) == (0, "")
    token = printed.out.removesuffix("\n")
    assert len(token) == 64
    assert get(anonymous, f"Token {token}").status_code == 200
    [stored] = AuthToken.objects.all()
    assert stored.user == ann
    assert before <= stored.expiry - timedelta(days=90) <= timezone.now()


@pytest.mark.parametrize("days", ["1", "3650", "007"])
def test_the_command_makes_tokens_for_as_many_days_as_asked_for(
    run: Any, ann: User, days: str
) -> None:
    before = timezone.now()

    assert run("issue_token", "ann", "--expires", days) == 0

    [stored] = AuthToken.objects.all()
    assert before <= stored.expiry - timedelta(days=int(days)) <= timezone.now()


@pytest.mark.parametrize(
    "days", ["0", "3651", "-1", "1.5", "x", "", "１", "9" * 5000, "36500000000"]
)
def test_the_command_refuses_other_numbers_of_days(
    run: Any, ann: User, capsys: Any, days: str
) -> None:
    code = run("issue_token", "ann", f"--expires={days}")

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.endswith(
        f"argument --expires: send a number of days from 1 to 3650, not {days!r}\n"
    )
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("name", ["bob", "Ann", "", "ann\x00", "x" * 10_000, "ann' --"])
def test_the_command_refuses_an_unknown_user(run: Any, ann: User, capsys: Any, name: str) -> None:
    code = run("issue_token", name)

    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert printed.err == (
        f"CommandError: There is no user {name!r}. Make one: manage.py createsuperuser\n"
    )
    assert AuthToken.objects.count() == 0


def test_the_command_refuses_an_inactive_user(run: Any, ann: User, capsys: Any) -> None:
    User.objects.update(is_active=False)

    code = run("issue_token", "ann")

    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert printed.err == "CommandError: The user 'ann' is not active.\n"
    assert AuthToken.objects.count() == 0


@pytest.mark.parametrize("arguments", [(), ("ann", "bob"), ("ann", "--days", "3")])
def test_the_command_refuses_wrong_usage(run: Any, ann: User, capsys: Any, arguments: Any) -> None:
    code = run("issue_token", *arguments)

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("usage: manage.py issue_token ")
    assert AuthToken.objects.count() == 0
