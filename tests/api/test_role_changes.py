"""A change of role, through the pages of the admin, ends the tokens and sessions of that user at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.test import Client
from rest_framework.test import APIClient

from hrapi.api.tokens import make_token
from tests.api.test_user_admin import form_of

pytestmark = pytest.mark.django_db


class Person:
    """A reader who came in with a token and in a browser."""

    def __init__(self, name: str) -> None:
        self.user = User.objects.create_user(name)
        self.user.groups.add(Group.objects.get(name="readers"))
        self.come_in()

    def come_in(self) -> None:
        _, text = make_token(self.user)
        self.program = APIClient(raise_request_exception=False)
        self.program.credentials(HTTP_AUTHORIZATION=f"Token {text}")
        self.browser = APIClient(raise_request_exception=False)
        self.browser.force_login(self.user)

    def is_let_in(self) -> list[bool]:
        """By the token, and by the session."""
        clients = (self.program, self.browser)
        found = [client.get("/api/v1/").status_code for client in clients]
        assert set(found) <= {200, 401}
        return [status == 200 for status in found]


@pytest.fixture
def ann(db: None) -> Person:
    return Person("ann")


@pytest.fixture
def bob(db: None) -> Person:
    return Person("bob")


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def save(admin: Client, person: Person, **changed: Any) -> None:
    """What the page about the user sends when only this was changed."""
    groups = list(person.user.groups.values_list("pk", flat=True))
    form = form_of(person.user, groups=groups) | changed
    form = {name: value for name, value in form.items() if value is not None}
    answer = admin.post(f"/admin/auth/user/{person.user.pk}/change/", form)
    assert answer.status_code == 302, answer.context["errors"]


def group(name: str) -> int:
    return int(Group.objects.get(name=name).pk)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda: {"groups": [group("readers"), group("loaders")]}, id="group added"),
        pytest.param(lambda: {"groups": [group("loaders")]}, id="group exchanged"),
        pytest.param(lambda: {"groups": []}, id="group taken"),
        pytest.param(lambda: {"is_staff": "on"}, id="staff"),
        pytest.param(lambda: {"is_superuser": "on"}, id="superuser"),
        pytest.param(
            lambda: {"user_permissions": [Permission.objects.get(codename="add_job").pk]},
            id="permission",
        ),
    ],
)
def test_another_role_ends_tokens_and_sessions(
    admin: Client, ann: Person, bob: Person, changed: Any
) -> None:
    assert ann.is_let_in() == [True, True]

    save(admin, ann, **changed())

    assert ann.is_let_in() == [False, False]
    assert bob.is_let_in() == [True, True]
    ann.come_in()
    assert ann.is_let_in() == [True, True]


def test_what_was_ended_by_deactivation_does_not_come_back(
    admin: Client, ann: Person, bob: Person
) -> None:
    save(admin, ann, is_active=None)
    assert ann.is_let_in() == [False, False]

    save(admin, ann, is_active="on")

    assert ann.is_let_in() == [False, False]
    assert bob.is_let_in() == [True, True]


def test_a_role_that_stays_ends_nothing(admin: Client, ann: Person) -> None:
    save(admin, ann, first_name="Ann", email="ann@example.com")

    ann.user.refresh_from_db()
    assert ann.user.first_name == "Ann"
    assert ann.is_let_in() == [True, True]


def test_a_new_password_ends_tokens_and_sessions(admin: Client, ann: Person, bob: Person) -> None:
    new = {"password1": "another long password", "password2": "another long password"}

    answer = admin.post(
        f"/admin/auth/user/{ann.user.pk}/password/", new | {"usable_password": "true"}
    )

    assert answer.status_code == 302, answer.context["errors"]
    assert ann.is_let_in() == [False, False]
    assert bob.is_let_in() == [True, True]


def test_a_group_that_is_deleted_ends_those_of_its_members(
    admin: Client, ann: Person, bob: Person
) -> None:
    bob.user.groups.clear()
    bob.come_in()

    answer = admin.post(f"/admin/auth/group/{group('readers')}/delete/", {"post": "yes"})

    assert answer.status_code == 302
    assert ann.is_let_in() == [False, False]
    assert bob.is_let_in() == [True, True]


def test_members_may_be_changed_from_the_side_of_the_group(ann: Person, bob: Person) -> None:
    loaders = Group.objects.get(name="loaders")

    loaders.user_set.add(ann.user)
    assert ann.is_let_in() == [False, False]
    assert bob.is_let_in() == [True, True]

    ann.come_in()
    loaders.user_set.remove(bob.user)
    loaders.user_set.clear()
    assert ann.is_let_in() == [False, False]


def test_what_a_group_may_do_holds_at_once_and_ends_nothing(
    admin: Client, ann: Person, bob: Person
) -> None:
    answer = admin.post(
        f"/admin/auth/group/{group('readers')}/change/",
        {"name": "readers", "permissions": [Permission.objects.get(codename="view_job").pk]},
    )

    assert answer.status_code == 302, answer.context["errors"]
    assert ann.is_let_in() == [True, True]
    assert ann.program.get("/api/v1/jobs/").status_code == 200
    assert ann.program.get("/api/v1/departments/").status_code == 403


def test_whoever_changes_the_own_role_is_sent_to_the_login(admin: Client) -> None:
    root = User.objects.get()

    answer = admin.post(f"/admin/auth/user/{root.pk}/change/", form_of(root, is_superuser="on"))

    assert (answer.status_code, admin.get("/admin/").status_code) == (302, 302)
    assert Session.objects.count() == 0


def test_logging_in_ends_nothing(ann: Person) -> None:
    ann.browser.force_login(ann.user)

    assert ann.is_let_in() == [True, True]
