"""Another name is recorded, and what was done before stays with who did it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError
from django.test import Client

from hrapi.audit import recording
from hrapi.audit.models import AuditEvent
from tests.api.test_user_admin import form_of
from tests.audit.recorded import recorded, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root")


@pytest.fixture
def admin(root: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(root)
    return client


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


def rename(admin: Client, user: User, name: str) -> int:
    form = form_of(user, username=name)
    return int(admin.post(f"/admin/auth/user/{user.pk}/change/", form).status_code)


def test_an_account_gets_another_name(admin: Client, ann: User) -> None:
    with recorded() as events:
        assert rename(admin, ann, "anna") == 302

    what = {"account": "ann", "account_id": ann.pk, "new_name": "anna"}
    assert told(events) == [("renamed", "root", what)]


def test_a_group_gets_another_name(admin: Client) -> None:
    group = Group.objects.create(name="night shift")

    with recorded() as events:
        admin.post(f"/admin/auth/group/{group.pk}/change/", {"name": "day shift"})

    what = {"group": "night shift", "group_id": group.pk, "new_name": "day shift"}
    assert told(events) == [("renamed", "root", what)]


def test_a_name_that_stays_is_not_recorded(admin: Client, ann: User) -> None:
    with recorded() as events:
        assert rename(admin, ann, "ann") == 302
        ann.save(update_fields=["last_login"])
        Group.objects.get(name="readers").save()

    assert events == []


def test_a_name_that_cannot_be_recorded_stays(
    admin: Client, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(recording.AuditEvent, "save", fail)

    assert rename(admin, ann, "anna") == 503
    ann.refresh_from_db()
    assert ann.username == "ann"


def test_who_takes_a_name_does_not_take_what_was_done_under_it(
    admin: Client, root: User, ann: User
) -> None:
    assert rename(admin, ann, "other") == 302
    root.username = "boss"
    root.save()
    other = User.objects.create_superuser("root")
    client = Client()
    client.force_login(other)
    assert rename(client, ann, "third") == 302

    done = AuditEvent.objects.filter(action="renamed", user="root", what__account_id=ann.pk)
    assert [event.user_id for event in done.order_by("id")] == [root.pk, other.pk]


@pytest.mark.parametrize("is_superuser", [True, False])
def test_nobody_writes_when_somebody_came(ann: User, is_superuser: bool) -> None:
    manager = User.objects.create_user("manager", is_staff=True, is_superuser=is_superuser)
    manager.groups.add(Group.objects.get(name="administrators"))
    client = Client()
    client.force_login(manager)
    joined = ann.date_joined
    form = form_of(ann, last_login_0="2020-01-01", last_login_1="00:00:00")

    assert client.post(f"/admin/auth/user/{ann.pk}/change/", form).status_code == 302

    ann.refresh_from_db()
    assert (ann.date_joined, ann.last_login) == (joined, None)
