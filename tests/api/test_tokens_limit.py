"""Beyond so many tokens of a user there are no more, however they are made. Those that have ended do not count."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from hrapi.api.tokens import make_token
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

LIMIT = 2


@pytest.fixture
def ann(settings: Any) -> User:
    """Has as many as there may be."""
    settings.TOKENS_PER_USER = LIMIT
    user = User.objects.create_user("ann", password="a long password")
    for _ in range(LIMIT):
        make_token(user)
    return user


def log_in() -> Any:
    header = "Basic " + b64encode(b"ann:a long password").decode()
    return APIClient().post("/api/v1/auth/login/", headers={"authorization": header})


def test_a_login_and_a_command_make_no_more(ann: User) -> None:
    problem = assert_problem(log_in(), 409, "conflict")
    assert problem["detail"] == "There are 2 tokens of this user. End one first."
    with pytest.raises(CommandError, match="There are 2 tokens of this user"):
        call_command("issue_token", "ann")
    assert AuthToken.objects.count() == LIMIT


def test_what_has_ended_does_not_count(ann: User) -> None:
    AuthToken.objects.filter(user=ann).update(expiry=timezone.now() - timedelta(seconds=1))

    assert log_in().status_code == 200


def test_others_have_their_own(ann: User) -> None:
    bob = User.objects.create_user("bob")

    make_token(bob)

    assert AuthToken.objects.filter(user=bob).count() == 1
    assert log_in().status_code == 409
