"""What an access token opens, and what ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client as HttpClient
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.scopes import Scope
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from hrapi.oauth.models import Client
from tests.api.matrix import matrix
from tests.factories import EmployeeFactory
from tests.oauth.programs import Program, register
from tests.problem_bodies import assert_problem

ROOT = "/api/v1/"
SCOPES = [scope.value for scope in Scope]


@pytest.fixture
def one_of_each(db: None) -> None:
    EmployeeFactory(id=1, department__id=1, job__id=1)
    batch = Batch.objects.create(id=1, table="jobs", source="api", mode="partial")
    Load.objects.create(id=1, table="jobs", bytes=1, mode="partial", dry_run=False, batch=batch)
    RejectedRow.objects.create(
        id=1, batch=batch, table="jobs", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


def assert_dead(response: Any) -> None:
    """As RFC 6750, 3.1, in a body like those of all problems."""
    problem = assert_problem(response, 401, "not_authenticated")
    assert problem["detail"] == "Invalid access token."
    assert response["WWW-Authenticate"] == 'Bearer realm="Hiring data", error="invalid_token"'


def test_what_a_token_stores_is_its_users(program: Program, bearer: Any) -> None:
    row = {"id": 7, "department": "Law"}

    response = bearer(program.token()).post(f"{ROOT}departments/", [row], format="json")

    assert response.status_code == 201
    assert list(Department.objects.values_list("id", "department")) == [(7, "Law")]
    assert Batch.objects.get().user == User.objects.get(username="payroll")


def attempt(client: APIClient, method: str, path: str) -> Any:
    return client.generic(method, path, "{}", content_type="application/json")


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_does_what_its_scope_allows_and_no_more(
    service_account: User, bearer: Any, scope: str
) -> None:
    client = bearer(register(service_account, scope).token())
    may = []
    for (method, path), needed in matrix("scopes").items():
        response = attempt(client, method, path)
        assert response.status_code != 500, (method, path)
        if response.status_code not in (401, 403):
            may.append((method, path))
        elif needed not in ("-", "any"):
            # The first one that is missing.
            missing = [name for name in needed.split("+") if name != scope]
            problem = assert_problem(response, 403, "permission_denied")
            expected = f"The token lacks the scope {missing[0]!r}, which this needs."
            assert problem["detail"] == expected

    # auth/logout/ ends tokens of another kind.
    assert may == [
        address
        for address, needed in matrix("scopes").items()
        if needed in ("any", scope) and address[1] != "/api/v1/auth/logout/"
    ]


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("group", ["nobody", "readers", "loaders", "stewards"])
def test_scopes_give_nothing_that_the_user_may_not(
    program: Program, service_account: User, bearer: Any, group: str
) -> None:
    service_account.groups.set(Group.objects.filter(name=group))
    client = bearer(program.token())

    for (method, path), may in matrix(group).items():
        if may == "-":
            problem = assert_problem(attempt(client, method, path), 403, "permission_denied")
            assert "scope" not in problem["detail"]


def test_a_token_for_less_does_less(program: Program, bearer: Any) -> None:
    client = bearer(program.token(scope="reports"))

    assert client.get(f"{ROOT}reports/quarterly-hires/").status_code == 200
    assert_problem(client.get(f"{ROOT}jobs/"), 403, "permission_denied")


def test_scopes_hold_for_a_superuser_too(bearer: Any) -> None:
    root = User.objects.create_superuser("root")
    client = bearer(register(root, "reports").token())

    assert client.get(f"{ROOT}reports/quarterly-hires/").status_code == 200
    assert_problem(client.get(f"{ROOT}jobs/"), 403, "permission_denied")


def test_a_token_neither_sees_nor_makes_nor_ends_tokens(program: Program, bearer: Any) -> None:
    client = bearer(program.token())

    for method in ("GET", "POST"):
        problem = assert_problem(
            attempt(client, method, f"{ROOT}auth/tokens/"), 403, "permission_denied"
        )
        assert problem["detail"] == "A token with scopes does not see, make or end tokens."


@pytest.mark.parametrize("token", ["x", "0" * 64, "é", "a b", "", "\x7f" * 9000])
def test_what_is_no_token_is_refused(program: Program, token: str) -> None:
    header = f"Bearer {token}".encode().decode("latin-1")

    response = HttpClient().get(ROOT, headers={"authorization": header})

    assert_problem(response, 401, "not_authenticated")
    assert response.has_header("WWW-Authenticate")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(program: Program, scheme: str) -> None:
    header = {"authorization": f"{scheme} {program.token()}"}

    assert HttpClient().get(ROOT, headers=header).status_code == 200


def test_a_token_counts_nowhere_but_in_the_header(program: Program) -> None:
    token = program.token()
    client = HttpClient()

    for response in (
        client.get(f"{ROOT}?access_token={token}"),
        client.post(f"{ROOT}jobs/", {"access_token": token}),
        client.get(ROOT, headers={"authorization": f"Token {token}"}),
        client.get(ROOT, headers={"x-access-token": token}),
        client.get(ROOT, headers={"cookie": f"access_token={token}"}),
    ):
        assert_problem(response, 401, "not_authenticated")


def end_by_deactivation(program: Program) -> None:
    user = User.objects.get(username="payroll")
    user.is_active = False
    user.save()


def end_past_all_signals(program: Program) -> None:
    User.objects.filter(username="payroll").update(is_active=False)


def end_by_role(program: Program) -> None:
    User.objects.get(username="payroll").groups.remove(Group.objects.get(name="administrators"))


def end_by_password(program: Program) -> None:
    user = User.objects.get(username="payroll")
    user.set_password("another long password")
    user.save()


def end_by_deletion_of_user(program: Program) -> None:
    User.objects.get(username="payroll").delete()


def end_by_command(program: Program) -> None:
    call_command("register_client", f"--delete={program.client_id}")


def end_in_the_admin(program: Program) -> None:
    admin = HttpClient()
    admin.force_login(User.objects.create_superuser("root"))
    client = Client.objects.get(client_id=program.client_id)
    response = admin.post(f"/admin/oauth/client/{client.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302


def end_by_time(program: Program) -> None:
    kept = AccessToken.objects.get(application__client_id=program.client_id)
    assert timedelta(minutes=9) < kept.expires - timezone.now() <= timedelta(minutes=10)
    AccessToken.objects.filter(pk=kept.pk).update(expires=timezone.now())


@pytest.mark.parametrize(
    "end, may_come_again",
    [
        (end_by_deactivation, False),
        (end_past_all_signals, False),
        (end_by_role, True),
        (end_by_password, True),
        (end_by_deletion_of_user, False),
        (end_by_command, False),
        (end_in_the_admin, False),
        (end_by_time, True),
    ],
)
def test_what_ends_a_token(program: Program, bearer: Any, end: Any, may_come_again: bool) -> None:
    another = register(User.objects.create_user("another"), "read", name="another")
    client, of_another = bearer(program.token()), bearer(another.token())
    assert client.get(ROOT).status_code == 200

    end(program)

    assert_dead(client.get(ROOT))
    assert of_another.get(ROOT).status_code == 200
    assert (program.ask().status_code == 200) == may_come_again


def test_what_was_ended_by_deactivation_does_not_come_back(program: Program, bearer: Any) -> None:
    client = bearer(program.token())
    user = User.objects.get(username="payroll")
    end_by_deactivation(program)

    user.is_active = True
    user.save()

    assert_dead(client.get(ROOT))
    assert bearer(program.token()).get(ROOT).status_code == 200


def test_a_token_costs_one_query(program: Program, bearer: Any) -> None:
    client = bearer(program.token())

    with CaptureQueriesContext(connection) as captured:
        assert client.get(ROOT).status_code == 200

    assert len(captured) == 1


def test_tokens_that_have_ended_are_purged(program: Program, bearer: Any, capsys: Any) -> None:
    old, new = program.token(scope="read"), program.token()
    AccessToken.objects.filter(scope="read").update(expires=timezone.now())

    call_command("purge")

    assert "1 access tokens removed.\n" in capsys.readouterr().out
    assert_dead(bearer(old).get(ROOT))
    assert bearer(new).get(ROOT).status_code == 200
