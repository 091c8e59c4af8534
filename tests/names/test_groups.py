"""Which groups and tokens see names, and how the rows look to the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from rest_framework.test import APIClient

from hrapi.api.tokens import make_token
from tests.api.matrix import GROUPS, SEE_NAMES
from tests.names.canary import EMPLOYEES, NAME, STORED, client_with, holds_name
from tests.problem_bodies import assert_problem, text_of

ONE = f"{EMPLOYEES}{STORED}/"
FIELDS = ["id", "name", "datetime", "department_id", "job_id"]
WITHOUT_NAME = ["id", "datetime", "department_id", "job_id"]


def token_of(group: str, *scopes: str) -> APIClient:
    user = User.objects.create_user(f"of {group}")
    user.groups.add(Group.objects.get(name=group))
    _, text = make_token(user, scopes=scopes)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    return client


@pytest.mark.parametrize("group", GROUPS[1:])
def test_each_group_sees_names_or_rows_without_them(
    names: None, client_of: Any, group: str
) -> None:
    client = token_of(group)
    fields = FIELDS if group in SEE_NAMES else WITHOUT_NAME

    assert list(client.get(ONE).json()) == fields
    assert [list(row) for row in client.get(EMPLOYEES).json()["results"]] == [fields, fields]
    assert text_of(client.get(f"{EMPLOYEES}?format=csv")).splitlines()[0] == ",".join(fields)
    found = client.get(f"{EMPLOYEES}?name=yellow")
    if group in SEE_NAMES:
        assert [row["name"] for row in found.json()["results"]] == [NAME]
    else:
        detail = assert_problem(found, 403, "permission_denied")["detail"]
        assert detail == (
            "name may show names of people: this needs the right 'employees.view_names'."
        )


@pytest.mark.parametrize(
    "group, scopes, sees",
    [
        ("administrators", ["read"], True),
        ("administrators", [], True),
        ("administrators", ["ingest", "stewardship", "reports"], False),
        ("readers", ["read"], False),
        ("readers", [], False),
    ],
)
def test_a_token_shows_names_if_its_user_may_see_them_and_it_reads(
    names: None, group: str, scopes: list[str], sees: bool
) -> None:
    client = token_of(group, *scopes)

    found = [client.get(ONE), client.get(EMPLOYEES)]
    if group == "administrators" and "read" not in scopes:
        unchanged = {"name": NAME}
        found = [client.patch(ONE, unchanged, format="json")]
        assert found[0].status_code == 200

    assert {holds_name(response) for response in found} == {sees}


def test_a_token_without_the_scope_is_told_which(names: None) -> None:
    client = token_of("administrators", "reports")

    problem = assert_problem(client.get(f"{EMPLOYEES}?name=x"), 403, "permission_denied")

    assert problem["detail"] == "The token lacks the scope 'read', which this needs."


@pytest.mark.parametrize("query", ["name=", "name=Canary", "name=nobody&format=csv"])
def test_the_filter_is_refused_whatever_it_says(blind: Client, query: str) -> None:
    assert_problem(blind.get(f"{EMPLOYEES}?{query}"), 403, "permission_denied")


def test_there_is_no_order_by_name(blind: Client) -> None:
    for name in ("ordering", "order_by", "sort"):
        assert_problem(blind.get(f"{EMPLOYEES}?{name}=name"), 400, "invalid_parameter")


def test_the_form_still_asks_for_a_name(blind: Client) -> None:
    page = text_of(blind.get(EMPLOYEES, headers={"accept": "text/html"}))

    assert 'id="row-name"' in page
    assert "<th>name</th>" not in page


def test_the_right_to_see_names_alone_opens_no_table(names: None) -> None:
    client = client_with("view_names")

    assert_problem(client.get(EMPLOYEES), 403, "permission_denied")
