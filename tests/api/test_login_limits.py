"""Logins that fail are counted by account and by address; beyond a limit there are no more, whichever the door."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from hrapi.api.models import Counter
from hrapi.api.tokens import make_token
from tests.pages import Page
from tests.problem_bodies import assert_problem

PASSWORD = "a long password"
ROOT = "/api/v1/"
LIMIT = 3
MANY = 1000


@pytest.fixture(autouse=True)
def limits(settings: Any) -> Any:
    settings.LOGIN_FAILURES_PER_ACCOUNT = LIMIT
    settings.LOGIN_FAILURES_PER_ADDRESS = MANY
    settings.LOGIN_FAILURE_MINUTES = 15
    return settings


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_superuser("ann", password=PASSWORD)


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


Door = Callable[..., Any]


def by_basic(name: str, password: str, **meta: Any) -> Any:
    client = Client(raise_request_exception=False)
    return client.get(ROOT, headers=basic(name, password), **meta)


def by_login(name: str, password: str, **meta: Any) -> Any:
    client = Client(raise_request_exception=False)
    return client.post("/api/v1/auth/login/", headers=basic(name, password), **meta)


def by_page(name: str, password: str, *, path: str = "/accounts/login/", **meta: Any) -> Any:
    client = Client(raise_request_exception=False)
    form = {"username": name, "password": password}
    return client.post(path, form, headers={"accept": "text/html"}, **meta)


def by_admin(name: str, password: str, **meta: Any) -> Any:
    return by_page(name, password, path="/admin/login/", **meta)


DOORS = [
    pytest.param(by_basic, 401, 200, id="Basic"),
    pytest.param(by_login, 401, 200, id="auth/login/"),
    pytest.param(by_page, 200, 302, id="login page"),
    pytest.param(by_admin, 200, 302, id="admin"),
]


def assert_throttled(response: Any) -> None:
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 15 * 60
    if response["Content-Type"].startswith("text/html"):
        page = Page(response)
        assert "Too many logins have failed." in page.text
        assert PASSWORD not in page.html
    else:
        problem = assert_problem(response, 429, "throttled")
        assert problem["detail"].startswith("Too many logins have failed. Expected available in ")


@pytest.mark.parametrize("door, wrong, right", DOORS)
def test_an_account_takes_so_many_wrong_passwords_and_no_more(
    ann: User, door: Door, wrong: int, right: int
) -> None:
    statuses = [door("ann", f"wrong {number}").status_code for number in range(LIMIT)]

    assert statuses == [wrong] * LIMIT
    assert_throttled(door("ann", "wrong"))
    assert_throttled(door("ann", PASSWORD))


@pytest.mark.parametrize("door, wrong, right", DOORS)
def test_a_right_password_within_the_limit_begins_the_count_anew(
    ann: User, door: Door, wrong: int, right: int
) -> None:
    for _ in range(3):
        for number in range(LIMIT - 1):
            assert door("ann", f"wrong {number}").status_code == wrong
        assert door("ann", PASSWORD).status_code == right


def test_all_doors_count_together(ann: User) -> None:
    for door in (by_basic, by_page, by_admin):
        door("ann", "wrong")

    for door in (by_basic, by_login, by_page, by_admin):
        assert_throttled(door("ann", PASSWORD))


def test_other_accounts_are_let_in_meanwhile(ann: User) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    for _ in range(LIMIT + 1):
        by_basic("ann", "wrong")

    assert by_basic("bob", PASSWORD).status_code == 200


def test_an_account_that_is_not_there_is_told_the_same(ann: User) -> None:
    for name in ("nobody", "", "x" * 10_000, "a\x01b"):
        statuses = [by_basic(name, "wrong").status_code for _ in range(LIMIT + 1)]

        assert statuses == [401] * LIMIT + [429]


def test_tokens_and_sessions_go_on_while_the_password_is_refused(ann: User) -> None:
    _, text = make_token(ann)
    session = Client()
    session.force_login(ann)
    for _ in range(LIMIT + 1):
        by_basic("ann", "wrong")

    assert by_basic("ann", text).status_code == 200
    assert Client().get(ROOT, headers={"authorization": f"Token {text}"}).status_code == 200
    assert session.get(ROOT).status_code == 200


def test_wrong_tokens_lock_nobody_out(ann: User) -> None:
    for _ in range(LIMIT + 1):
        assert by_basic("ann", "0" * 64).status_code == 401

    assert by_basic("ann", PASSWORD).status_code == 200


def test_the_time_begins_with_the_first_failure_and_ends(ann: User) -> None:
    for _ in range(LIMIT + 1):
        by_basic("ann", "wrong")
    Counter.objects.update(started_at=timezone.now() - timedelta(minutes=15, seconds=1))

    assert [by_basic("ann", "wrong").status_code for _ in range(LIMIT + 1)] == [401] * LIMIT + [429]
    Counter.objects.update(started_at=timezone.now() - timedelta(minutes=14, seconds=30))
    response = by_basic("ann", PASSWORD)
    assert_throttled(response)
    assert int(response["Retry-After"]) <= 60


def test_an_address_takes_so_many_wrong_passwords_for_all_accounts(ann: User, limits: Any) -> None:
    limits.LOGIN_FAILURES_PER_ADDRESS = LIMIT

    statuses = [by_basic(f"user {number}", "x").status_code for number in range(LIMIT)]

    assert statuses == [401] * LIMIT
    assert_throttled(by_basic("another", "x"))
    assert_throttled(by_basic("ann", PASSWORD))
    assert by_basic("ann", PASSWORD, REMOTE_ADDR="10.0.0.2").status_code == 200


def test_a_right_password_does_not_forgive_an_address(ann: User, limits: Any) -> None:
    limits.LOGIN_FAILURES_PER_ADDRESS = LIMIT

    for number in range(LIMIT):
        by_basic(f"user {number}", "x")
        if number < LIMIT - 1:
            assert by_basic("ann", PASSWORD).status_code == 200

    assert_throttled(by_basic("ann", PASSWORD))


@pytest.mark.parametrize(
    "proxies, meta_of",
    [
        pytest.param(0, lambda n: {"HTTP_X_FORWARDED_FOR": f"10.0.0.{n}"}, id="forged, no proxy"),
        pytest.param(
            1, lambda n: {"HTTP_X_FORWARDED_FOR": f"10.0.0.{n}, 192.0.2.1"}, id="forged, one proxy"
        ),
        pytest.param(
            2,
            lambda n: {"HTTP_X_FORWARDED_FOR": f"10.0.0.{n}, 192.0.2.1, 10.9.9.9"},
            id="forged, two proxies",
        ),
        pytest.param(
            1, lambda n: {"HTTP_X_FORWARDED_FOR": f"192.0.2.1:{n}"}, id="ports of one address"
        ),
        pytest.param(0, lambda n: {"REMOTE_ADDR": f"2001:db8::{n}"}, id="one network of IPv6"),
        pytest.param(
            1, lambda n: {"HTTP_X_FORWARDED_FOR": f"[2001:db8::{n}]:443"}, id="IPv6 with a port"
        ),
        pytest.param(1, lambda n: {"REMOTE_ADDR": "10.0.0.1"}, id="a proxy that says nothing"),
    ],
)
def test_one_client_is_one_address_whatever_it_says(
    ann: User, limits: Any, proxies: int, meta_of: Any
) -> None:
    limits.LOGIN_FAILURES_PER_ADDRESS = LIMIT
    limits.NUM_PROXIES = proxies

    statuses = [by_basic(f"user {n}", "x", **meta_of(n)).status_code for n in range(LIMIT + 1)]

    assert statuses == [401] * LIMIT + [429]


@pytest.mark.parametrize(
    "proxies, meta_of",
    [
        pytest.param(0, lambda n: {"REMOTE_ADDR": f"10.0.0.{n}"}, id="no proxy"),
        pytest.param(1, lambda n: {"HTTP_X_FORWARDED_FOR": f"10.0.0.{n}"}, id="one proxy"),
        pytest.param(
            2, lambda n: {"HTTP_X_FORWARDED_FOR": f"x, 10.0.0.{n}, 10.9.9.9"}, id="two proxies"
        ),
        pytest.param(0, lambda n: {"REMOTE_ADDR": f"2001:db8:0:{n}::1"}, id="networks of IPv6"),
        pytest.param(0, lambda n: {"REMOTE_ADDR": f"::ffff:10.0.0.{n}"}, id="IPv4 within IPv6"),
        pytest.param(0, lambda n: {"REMOTE_ADDR": ""}, id="a socket of this machine"),
    ],
)
def test_clients_at_different_addresses_are_counted_apart(
    ann: User, limits: Any, proxies: int, meta_of: Any
) -> None:
    limits.LOGIN_FAILURES_PER_ADDRESS = LIMIT
    limits.NUM_PROXIES = proxies

    statuses = [by_basic(f"user {n}", "x", **meta_of(n)).status_code for n in range(LIMIT + 1)]

    assert statuses == [401] * (LIMIT + 1)


def test_the_limits_are_ten_and_fifty_unless_set_otherwise(ann: User) -> None:
    from django.conf import settings

    from hrapi import settings as ours

    settings.LOGIN_FAILURES_PER_ACCOUNT = ours.LOGIN_FAILURES_PER_ACCOUNT
    settings.LOGIN_FAILURES_PER_ADDRESS = ours.LOGIN_FAILURES_PER_ADDRESS

    assert [by_basic("ann", "x").status_code for _ in range(11)] == [401] * 10 + [429]
    others = [by_basic(f"user {number}", "x").status_code for number in range(41)]
    assert others == [401] * 40 + [429]


def test_no_name_and_no_address_is_kept(ann: User) -> None:
    by_basic("Ada Byron", "x", REMOTE_ADDR="192.0.2.77")

    kept = str(list(Counter.objects.values()))
    assert Counter.objects.count() == 2
    assert "Ada" not in kept
    assert "192.0.2.77" not in kept


def test_counts_cost_nothing_on_the_disk(ann: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'counters'")
        assert cursor.fetchall() == [("u",)]


def test_old_counts_are_purged(ann: User, capsys: Any) -> None:
    Counter.objects.create(
        key="old", hits=1, started_at=timezone.now() - timedelta(days=1, hours=1)
    )
    Counter.objects.create(key="new", hits=1, started_at=timezone.now())

    call_command("purge")

    assert "1 counters removed.\n" in capsys.readouterr().out
    assert list(Counter.objects.values_list("key", flat=True)) == ["new"]


class TestManyAtOnce:
    """Each on a connection of its own, as workers have."""

    @pytest.fixture(autouse=True)
    def db(self, committed_db: None) -> None:
        """In place of pytest-django's: threads see each other."""

    def at_once(self, attempts: list[tuple[str, str]]) -> list[int]:
        statuses: list[int] = []
        start = threading.Barrier(len(attempts))

        def send(name: str, password: str) -> None:
            start.wait()
            try:
                statuses.append(by_basic(name, password).status_code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send, args=attempt) for attempt in attempts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(statuses)

    def test_no_failure_goes_uncounted(self, ann: User) -> None:
        statuses = self.at_once([("ann", f"wrong {number}") for number in range(12)])

        assert statuses == [401] * LIMIT + [429] * (12 - LIMIT)
        assert_throttled(by_basic("ann", PASSWORD))

    def test_accounts_and_addresses_do_not_wait_in_a_circle(self, ann: User) -> None:
        names = [f"user {number % 2}" for number in range(12)]

        statuses = self.at_once([(name, "wrong") for name in names])

        assert statuses == [401] * LIMIT * 2 + [429] * (12 - LIMIT * 2)

    def test_right_passwords_at_once_are_all_let_in(self, ann: User) -> None:
        assert self.at_once([("ann", PASSWORD)] * 12) == [200] * 12
