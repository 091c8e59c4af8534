"""Tokens that several people end at the same moment: each ends once, nobody fails, and no deed undoes another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from knox.models import AuthToken

from hrapi.api.tokens import end_tokens, make_token
from hrapi.audit.models import AuditEvent
from tests.api.test_user_admin import form_of

ROUNDS = 5
TOKENS = 4

Deed = Callable[[], Any]


@pytest.fixture(name="db")
def committed(committed_db: None) -> None:
    return


@pytest.fixture
def admin(db: None) -> Client:
    return session_of(User.objects.create_superuser("root"))


def session_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def at_once(*deeds: Deed) -> list[Any]:
    ready = Barrier(len(deeds))

    def do(deed: Deed) -> Any:
        try:
            ready.wait()
            return deed()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def log_out(text: str) -> int:
    headers = {"authorization": f"Token {text}"}
    answer = Client(raise_request_exception=False).post("/api/v1/auth/logout/", headers=headers)
    return int(answer.status_code)


def logouts(user: User) -> list[Deed]:
    texts = [make_token(user)[1] for _ in range(TOKENS)]
    return [lambda text=text: log_out(text) for text in texts]


def ends() -> Counter[int]:
    """How often each token is recorded as ended."""
    events = AuditEvent.objects.filter(action="token_ended")
    return Counter(event.what["token"] for event in events)


def test_one_token_ends_once_however_many_end_it(ann: User, admin: Client) -> None:
    for _ in range(ROUNDS):
        token, text = make_token(ann)
        number = token.details.pk

        def log_it_out(text: str = text) -> int:
            return log_out(text)

        def delete_it(path: str = f"/api/v1/auth/tokens/{number}/") -> int:
            return admin.delete(path).status_code

        statuses = at_once(*[log_it_out] * 6, *[delete_it] * 2)

        assert set(statuses[:6]) <= {204, 401}
        assert set(statuses[6:]) <= {204, 403, 404}
        assert not AuthToken.objects.exists()
        assert ends()[number] == 1


@pytest.mark.parametrize("what", ["deactivated", "deleted", "password"])
def test_who_is_shut_out_while_tokens_log_out_is_shut_out(
    ann: User, admin: Client, what: str
) -> None:
    for number in range(ROUNDS):
        user = User.objects.create_user(f"user{number}")
        form = form_of(user)
        if what == "deleted":
            path, form = "delete/", {"post": "yes"}
        elif what == "password":
            path = "password/"
            form = dict.fromkeys(("password1", "password2"), "another long password")
            form["usable_password"] = "true"
        else:
            path = "change/"
            del form["is_active"]

        def shut_out(
            path: str = f"/admin/auth/user/{user.pk}/{path}", form: dict[str, Any] = form
        ) -> int:
            return admin.post(path, form).status_code

        first, *others = at_once(shut_out, *logouts(user))

        assert first == 302
        assert set(others) <= {204, 401}
        assert not AuthToken.objects.exists()
        left = User.objects.filter(pk=user.pk).values_list("is_active", flat=True)
        assert list(left) == {"deactivated": [False], "deleted": [], "password": [True]}[what]
    assert set(ends().values()) == {1}
    assert len(ends()) == ROUNDS * TOKENS


def test_no_token_outlives_the_deletion_of_its_user_at_the_same_moment(admin: Client) -> None:
    for number in range(ROUNDS):
        user = User.objects.create_user(f"user{number}", password="a long password")
        browsers = [session_of(user) for _ in range(3)]

        def delete(pk: int = user.pk) -> int:
            return admin.post(f"/admin/auth/user/{pk}/delete/", {"post": "yes"}).status_code

        def issue(browser: Client) -> int:
            return browser.post("/api/v1/auth/tokens/", {}, "application/json").status_code

        first, *others = at_once(delete, *[lambda each=each: issue(each) for each in browsers])

        assert first == 302
        assert set(others) <= {201, 401, 403}
        assert not User.objects.filter(pk=user.pk).exists()


def test_tokens_of_the_same_users_ended_twice_at_once(db: None) -> None:
    users = [User.objects.create_user(f"user{number}") for number in range(4)]
    for _ in range(ROUNDS):
        for user in users:
            make_token(user)
        ids = [user.pk for user in users]

        at_once(lambda ids=ids: end_tokens(ids), lambda ids=ids: end_tokens(ids[::-1]))

        assert not AuthToken.objects.exists()
    assert set(ends().values()) == {1}
