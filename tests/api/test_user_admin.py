"""Who manages users without being a superuser does not become one that way."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    """May do everything with users, and is no superuser."""
    user = User.objects.create_user("manager", is_staff=True)
    user.groups.add(Group.objects.get(name="administrators"))
    return user


@pytest.fixture
def client(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def form_of(user: User, **changed: str | list[int]) -> dict[str, object]:
    """What the page about a user sends."""
    return {
        "username": user.username,
        "is_active": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    } | changed


def test_a_superuser_is_not_shown_nor_changed(client: Client) -> None:
    root = User.objects.create_superuser("root", password="a long password")

    assert b">root<" not in client.get("/admin/auth/user/").content
    for page in ("change/", "password/", "delete/"):
        answer = client.post(f"/admin/auth/user/{root.pk}/{page}", form_of(root, username="mine"))
        # Django goes back to the start for what it does not find, 404 for a password.
        assert answer.status_code in (302, 404)

    root.refresh_from_db()
    assert (root.username, root.check_password("a long password")) == ("root", True)


def test_rights_that_a_group_does_not_give_are_not_taken(client: Client, manager: User) -> None:
    wanted = Permission.objects.get(codename="delete_user")
    form = form_of(
        manager,
        is_superuser="on",
        is_staff="on",
        user_permissions=[wanted.pk],
        groups=[Group.objects.get(name="administrators").pk],
    )

    answer = client.post(f"/admin/auth/user/{manager.pk}/change/", form)

    assert answer.status_code == 302, answer.context["errors"]
    manager.refresh_from_db()
    assert (manager.is_superuser, manager.user_permissions.count()) == (False, 0)


def test_a_superuser_may(client: Client, manager: User) -> None:
    root = User.objects.create_superuser("root")
    client.force_login(root)

    answer = client.post(
        f"/admin/auth/user/{manager.pk}/change/", form_of(manager, is_superuser="on")
    )

    assert answer.status_code == 302, answer.context["errors"]
    manager.refresh_from_db()
    assert manager.is_superuser


@pytest.mark.django_db
def test_what_looks_like_a_token_is_no_password() -> None:
    looks = "0123456789abcdef" * 4

    with pytest.raises(ValidationError, match="that is what tokens look like"):
        validate_password(looks)
    validate_password(looks.upper())
    validate_password(looks + "0")
