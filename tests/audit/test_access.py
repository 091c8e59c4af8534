"""Logins, denials, tokens, passwords and roles are recorded, through the doors that there are."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from hrapi.api.models import TokenDetails
from hrapi.api.tokens import make_token
from hrapi.audit import recording
from hrapi.audit.models import AuditEvent
from hrapi.logs import log_context
from tests.api.test_user_admin import form_of
from tests.audit.recorded import recorded, told
from tests.factories import EmployeeFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
LOGIN_PAGE = "/accounts/login/"


@pytest.fixture
def ann(db: None) -> User:
    user = User.objects.create_user("ann", password=PASSWORD)
    user.groups.add(Group.objects.get(name="readers"))
    return user


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


def basic(name: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize("page", [LOGIN_PAGE, "/admin/login/"])
def test_a_login_in_a_browser(page: str) -> None:
    User.objects.create_superuser("ann", password=PASSWORD)
    client = Client(headers={"x-request-id": "of-this-login"}, REMOTE_ADDR="203.0.113.9")

    with recorded() as events:
        client.post(page, {"username": "ann", "password": PASSWORD})

    assert told(events) == [("login", "ann", {})]
    assert (events[0].address, events[0].request_id) == ("203.0.113.9", "of-this-login")
    assert events[0].command is None


def test_a_login_for_a_token(anonymous: APIClient, ann: User) -> None:
    with recorded() as events:
        anonymous.post("/api/v1/auth/login/", headers=basic("ann", PASSWORD))

    token = TokenDetails.objects.get().pk
    what = {"token": token, "account": "ann", "scopes": [], "expires_days": 90}
    assert told(events) == [("token_issued", "ann", what), ("login", "ann", {})]


@pytest.mark.parametrize("name, account", [("ann", "ann"), ("a secret", None), ("x\x00", None)])
def test_a_wrong_password_names_an_account_that_there_is(
    anonymous: APIClient, ann: User, name: str, account: str | None
) -> None:
    with recorded() as by_page:
        Client().post(LOGIN_PAGE, {"username": name, "password": "wrong"})
    with recorded() as by_basic:
        anonymous.get("/api/v1/", headers=basic(name, "wrong"))

    failed = ("login_failed", None, {"account": account})
    # A NUL is no login that failed: neither door asks for an account of that name.
    refused = ("denied", None, {"method": "GET", "path": "/api/v1/", "status": 401})
    assert told(by_page) == ([] if "\x00" in name else [failed])
    assert told(by_basic) == ([refused] if "\x00" in name else [failed])


def test_the_address_is_the_one_that_limits_know(
    anonymous: APIClient, ann: User, settings: Any
) -> None:
    settings.NUM_PROXIES = 1
    forged = {"x-forwarded-for": "198.51.100.1, 2001:db8:1:2:3::4"}

    with recorded() as events:
        anonymous.get("/api/v1/", headers=basic("ann", "wrong") | forged)

    assert [event.address for event in events] == ["2001:db8:1:2::/64"]


@pytest.mark.parametrize(
    "method, path, shown",
    [
        ("GET", "/api/v1/batches/?table=employees", "/api/v1/batches/"),
        ("DELETE", "/api/v1/employees/17/", "/api/v1/employees/17/"),
        ("GET", "/rejected-rows/?value=Ada", "/rejected-rows/"),
        ("POST", "/api/v1/employees/", "/api/v1/employees/"),
    ],
)
def test_a_denial(ann: User, method: str, path: str, shown: str) -> None:
    client = APIClient()
    client.force_login(ann)

    with recorded() as events:
        answer = client.generic(method, path, '[{"name": "Ada"}]', content_type="application/json")

    assert answer.status_code == 403
    assert told(events) == [("denied", "ann", {"method": method, "path": shown, "status": 403})]


def test_of_a_path_with_more_than_ids_only_the_pattern_is_recorded(ann: User) -> None:
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client = Client()
    client.force_login(ann)

    with recorded() as events:
        client.get("/admin/auth/user/Ada%20Byron/change/")

    [event] = events
    assert (event.action, event.what["status"]) == ("denied", 403)
    assert "Ada" not in str(event.what)
    assert event.what["path"].startswith("admin/")


@pytest.mark.parametrize("header", ["Token " + "0" * 64, "Token x", "Basic x"])
def test_a_wrong_token(anonymous: APIClient, header: str) -> None:
    with recorded() as events:
        answer = anonymous.get("/api/v1/jobs/", headers={"authorization": header})

    assert answer.status_code == 401
    what = {"method": "GET", "path": "/api/v1/jobs/", "status": 401}
    assert told(events) == [("denied", None, what)]


def test_a_form_without_its_csrf_token(ann: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)

    with recorded() as events:
        assert client.post("/rejected-rows/", {"action": "discard"}).status_code == 403

    assert [(event.action, event.what["path"]) for event in events] == [
        ("denied", "/rejected-rows/")
    ]


def test_who_shows_nothing_and_who_may_is_not_recorded(anonymous: APIClient, ann: User) -> None:
    _, text = make_token(ann)
    EmployeeFactory()

    with recorded() as events:
        assert anonymous.get("/api/v1/jobs/").status_code == 401
        signed = {"authorization": f"Token {text}"}
        for path in (
            "",
            "employees/",
            "employees/?hired_from=2021-01-01",
            "reports/quarterly-hires/?year=2021",
        ):
            assert anonymous.get(f"/api/v1/{path}", headers=signed).status_code == 200
        assert anonymous.get("/api/v1/nothing/", headers=signed).status_code == 404

    assert events == []


def test_who_is_refused_is_refused_when_that_cannot_be_recorded(
    anonymous: APIClient, ann: User, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OperationalError("The disk is full of Ada Byron.")

    client = APIClient()
    client.force_login(ann)
    monkeypatch.setattr(recording.AuditEvent, "save", fail)

    denied = client.get("/api/v1/batches/")
    failed = anonymous.get("/api/v1/", headers=basic("ann", "wrong"))

    assert (denied.status_code, failed.status_code) == (403, 401)
    assert [line.getMessage() for line in caplog.records if line.name == recording.LOGGER] == [
        "denied could not be recorded (OperationalError):"
        ' {"method": "GET", "path": "/api/v1/batches/", "status": 403}',
        'login_failed could not be recorded (OperationalError): {"account": "ann"}',
    ]


def test_a_token_made_and_ended_by_its_user(ann: User) -> None:
    client = APIClient()
    client.force_login(ann)

    with recorded() as events:
        order = {"name": "Ada's", "scopes": ["read"], "expires_days": 3}
        made = client.post("/api/v1/auth/tokens/", order, format="json").json()
        client.delete(f"/api/v1/auth/tokens/{made['id']}/")

    token = {"token": made["id"], "account": "ann"}
    assert told(events) == [
        ("token_issued", "ann", token | {"scopes": ["read"], "expires_days": 3}),
        ("token_ended", "ann", token),
    ]
    assert made["token"] not in str(list(AuditEvent.objects.values_list()))


def test_a_token_ended_by_itself_and_by_an_administrator(
    anonymous: APIClient, admin: Client, ann: User
) -> None:
    (first, text), (second, _) = make_token(ann), make_token(ann)
    ids = [first.details.pk, second.details.pk]

    with recorded() as events:
        anonymous.post("/api/v1/auth/logout/", headers={"authorization": f"Token {text}"})
        admin.post(f"/admin/knox/authtoken/{second.pk}/delete/", {"post": "yes"})

    assert told(events) == [
        ("token_ended", "ann", {"token": ids[0], "account": "ann"}),
        ("token_ended", "root", {"token": ids[1], "account": "ann"}),
    ]


def test_a_new_password_and_the_tokens_that_it_ends(admin: Client, ann: User) -> None:
    token, _ = make_token(ann)
    pk = token.details.pk
    new = {"password1": "a very new one", "password2": "a very new one"}

    with recorded() as events:
        admin.post(f"/admin/auth/user/{ann.pk}/password/", new | {"usable_password": "true"})

    assert told(events) == [
        ("password_changed", "root", {"account": "ann"}),
        ("token_ended", "root", {"token": pk, "account": "ann"}),
    ]


def save(admin: Client, user: User, **changed: Any) -> None:
    groups = list(user.groups.values_list("pk", flat=True))
    answer = admin.post(
        f"/admin/auth/user/{user.pk}/change/", form_of(user, groups=groups) | changed
    )
    assert answer.status_code == 302, answer.context["errors"]


@pytest.mark.parametrize(
    "changed, what",
    [
        (lambda: {"is_staff": "on"}, [{"is_staff": True}]),
        (
            lambda: {"groups": [Group.objects.get(name="stewards").pk]},
            [{"groups_removed": ["readers"]}, {"groups_added": ["stewards"]}],
        ),
        (
            lambda: {"user_permissions": [Permission.objects.get(codename="add_job").pk]},
            [{"permissions_added": ["jobs.add_job"]}],
        ),
        (lambda: {"first_name": "Ada"}, []),
    ],
    ids=["staff", "groups", "permission", "nothing of a role"],
)
def test_another_role(admin: Client, ann: User, changed: Any, what: list[Any]) -> None:
    with recorded() as events:
        save(admin, ann, **changed())

    assert told(events) == [("role_changed", "root", {"account": "ann", **each}) for each in what]


def test_roles_changed_from_the_side_of_the_group(ann: User) -> None:
    readers, job = Group.objects.get(name="readers"), Permission.objects.get(codename="add_job")

    with recorded() as events:
        readers.user_set.clear()
        readers.user_set.add(ann)
        readers.permissions.add(job)
        job.group_set.remove(readers)
        ann.groups.clear()
        ann.groups.clear()
        ann.groups.add(readers)
        readers.delete()
        ann.delete()

    assert [event.what for event in events] == [
        {"account": "ann", "groups_removed": ["readers"]},
        {"account": "ann", "groups_added": ["readers"]},
        {"group": "readers", "permissions_added": ["jobs.add_job"]},
        {"group": "readers", "permissions_removed": ["jobs.add_job"]},
        {"account": "ann", "groups_removed": ["readers"]},
        {"account": "ann", "groups_added": ["readers"]},
        {"group": "readers", "deleted": True, "accounts": ["ann"]},
        {"account": "ann", "deleted": True},
    ]
    assert {event.action for event in events} == {"role_changed"}


def test_what_an_account_did_stays_when_it_goes(ann: User) -> None:
    make_token(ann)
    client = APIClient()
    client.force_login(ann)
    client.get("/api/v1/batches/")

    ann.delete()

    assert AuditEvent.objects.filter(user="ann", action="denied").count() == 1


def test_commands_are_recorded_with_the_account_of_the_system(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody else")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: type("Entry", (), {"pw_name": "operator"}))

    with recorded() as events, log_context(command="issue_token"):
        call_command("issue_token", "ann")
    with recorded() as of_superusers:
        call_command("createsuperuser", "--noinput", "--username=eve", "--email=")

    [event] = events
    assert (event.action, event.user, event.command) == ("token_issued", "operator", "issue_token")
    assert (event.address, event.request_id) == (None, None)
    made = {"account": "eve", "created": True, "is_staff": True, "is_superuser": True}
    assert told(of_superusers) == [("role_changed", "operator", made)]


def test_a_form_of_the_admin_without_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))

    with recorded() as events:
        assert client.post("/admin/auth/group/add/", {"name": "x"}).status_code == 403

    what = {"method": "POST", "path": "/admin/auth/group/add/", "status": 403}
    assert told(events) == [("denied", "root", what)]
