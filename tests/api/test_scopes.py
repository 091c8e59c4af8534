"""A token does only what both its user's permissions and its scopes allow."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.models import TokenDetails
from hrapi.api.scopes import Scope
from hrapi.api.tokens import make_token
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from tests.api.logging_in import basic
from tests.api.matrix import matrix
from tests.charts import make_charts
from tests.factories import EmployeeFactory
from tests.problem_bodies import assert_problem

SCOPES = [scope.value for scope in Scope]


@pytest.fixture
def boss(db: None) -> User:
    """A user who may do everything that the API offers."""
    EmployeeFactory(id=1, department__id=1, job__id=1)
    batch = Batch.objects.create(id=1, table="jobs", source="api", mode="partial")
    Load.objects.create(id=1, table="jobs", bytes=1, mode="partial", dry_run=False, batch=batch)
    RejectedRow.objects.create(
        id=1, batch=batch, table="jobs", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )
    user = User.objects.create_user("boss")
    user.groups.add(Group.objects.get(name="administrators"))
    make_charts(user)
    return user


@pytest.fixture
def client_with(boss: User) -> Callable[..., APIClient]:
    """`client_with("read")` is a client with a token of that scope."""

    def make(*scopes: str, user: User = boss) -> APIClient:
        client = APIClient(raise_request_exception=False)
        TokenDetails.objects.all().delete()
        _, text = make_token(user, scopes=scopes)
        TokenDetails.objects.update(id=1)
        client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
        return client

    return make


def needed(method: str, path: str) -> set[str] | None:
    """The scopes that the table names; None where a token with scopes does not get in."""
    scopes = matrix("scopes")[method, path]
    return None if scopes == "-" else set() if scopes == "any" else set(scopes.split("+"))


def attempt(client: APIClient, method: str, path: str) -> Any:
    if path.endswith("/auth/login/"):
        # The way in takes a token as a password only to say that it will not do.
        return client.post(path, headers={"authorization": "Basic Ym9zczp4"})
    return client.generic(method, path, "{}", content_type="application/json")


@pytest.mark.parametrize(
    "scopes", [*combinations(SCOPES, 1), *combinations(SCOPES, 3)], ids=" ".join
)
def test_a_token_does_what_its_scopes_allow_and_no_more(client_with: Any, scopes: Any) -> None:
    may, may_not = [], []
    for method, path in matrix("scopes"):
        client = client_with(*scopes)
        response = attempt(client, method, path)
        assert response.status_code != 500, (method, path)
        (may_not if response.status_code in (401, 403) else may).append((method, path))

    expected = [
        address
        for address in matrix("scopes")
        if (scopes_of := needed(*address)) is not None and scopes_of <= set(scopes)
    ]
    assert may == expected
    assert len(may) + len(may_not) == len(matrix("scopes"))


def test_a_token_without_scopes_does_all_that_its_user_may(client_with: Any) -> None:
    for method, path in matrix("administrators"):
        if path not in ("/api/v1/auth/login/", "/api/v1/auth/tokens/"):
            response = attempt(client_with(), method, path)
            assert response.status_code not in (401, 403), (method, path, response.content)


@pytest.mark.parametrize("group", ["readers", "loaders", "stewards"])
def test_scopes_give_nothing_that_the_user_may_not(client_with: Any, group: str) -> None:
    user = User.objects.create_user("member")
    user.groups.add(Group.objects.get(name=group))

    for (method, path), may in matrix(group).items():
        if may == "-":
            response = attempt(client_with(*SCOPES, user=user), method, path)
            problem = assert_problem(response, 403, "permission_denied")
            assert "scope" not in problem["detail"]


@pytest.mark.parametrize(
    "method, path, scope",
    [
        ("GET", "/api/v1/jobs/", "read"),
        ("GET", "/metrics", "read"),
        ("POST", "/api/v1/jobs/", "ingest"),
        ("POST", "/api/v1/loads/", "ingest"),
        ("GET", "/api/v1/reports/quarterly-hires/", "reports"),
        ("DELETE", "/api/v1/jobs/1/", "stewardship"),
        ("POST", "/api/v1/batches/1/undo/", "stewardship"),
        ("POST", "/api/v1/loads/1/undo/", "stewardship"),
        ("POST", "/api/v1/rejected-rows/1/resubmit/", "stewardship"),
    ],
)
def test_the_answer_says_which_scope_is_missing(
    client_with: Any, method: str, path: str, scope: str
) -> None:
    others = [other for other in SCOPES if other != scope]

    problem = assert_problem(attempt(client_with(*others), method, path), 403, "permission_denied")

    assert problem["detail"] == f"The token lacks the scope {scope!r}, which this needs."


def test_correcting_a_row_stores_it_and_needs_both(client_with: Any) -> None:
    response = attempt(client_with("stewardship"), "POST", "/api/v1/rejected-rows/1/resubmit/")

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"] == "The token lacks the scope 'ingest', which this needs."
    assert RejectedRow.objects.get().status == "open"


def test_what_is_out_of_scope_changes_nothing(client_with: Any) -> None:
    before = list(Department.objects.values())
    client = client_with("read", "reports")

    for method in ("PUT", "PATCH", "DELETE"):
        body = '{"id": 1, "department": "New"}'
        path = "/api/v1/departments/1/"
        response = client.generic(method, path, body, content_type="application/json")
        assert_problem(response, 403, "permission_denied")

    assert list(Department.objects.values()) == before


def test_scopes_hold_for_a_superuser_too(client_with: Any) -> None:
    root = User.objects.create_superuser("root")
    client = client_with("reports", user=root)

    assert client.get("/api/v1/reports/quarterly-hires/").status_code == 200
    problem = assert_problem(client.get("/api/v1/jobs/"), 403, "permission_denied")
    assert problem["detail"] == "The token lacks the scope 'read', which this needs."


def test_scopes_hold_for_a_token_that_is_sent_as_a_password(boss: User) -> None:
    _, text = make_token(boss, scopes=["reports"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic("boss", text))

    assert client.get("/api/v1/reports/quarterly-hires/").status_code == 200
    assert_problem(client.get("/api/v1/jobs/"), 403, "permission_denied")


def test_what_scopes_do_not_cover_is_closed_to_a_token_with_all_of_them(client_with: Any) -> None:
    for method, path in [("GET", "/api/v1/auth/tokens/"), ("DELETE", "/api/v1/auth/tokens/1/")]:
        response = attempt(client_with(*SCOPES), method, path)
        problem = assert_problem(response, 403, "permission_denied")
        assert problem["detail"] == "A token with scopes does not see, make or end tokens."


def test_a_session_has_no_scopes(boss: User) -> None:
    client = APIClient()
    client.force_login(boss)

    assert client.get("/api/v1/jobs/").status_code == 200
    assert client.get("/api/v1/reports/quarterly-hires/").status_code == 200
