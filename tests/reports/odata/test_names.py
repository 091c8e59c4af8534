"""Names of people: who may not see them learns nothing, and who does is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.audit.models import AuditEvent
from tests.factories import EmployeeFactory
from tests.reports.odata.asking import ask, body, refused, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def employees() -> None:
    for number, name in enumerate(["Ann", "Bob", "Cem"], start=1):
        EmployeeFactory(id=number, name=name)


@pytest.mark.parametrize(
    "option, text",
    [
        ("filter", "startswith({},'A')"),
        ("filter", "{} eq null"),
        ("filter", "length({}) gt 0 or true"),
        ("select", "id,{}"),
        ("orderby", "{} desc"),
    ],
)
def test_a_name_that_one_may_not_see_is_like_none(client_of: Any, option: str, text: str) -> None:
    client = client_of("readers")

    hidden = refused(client, "Employees", **{option: text.format("name")})
    unknown = refused(client, "Employees", **{option: text.format("mane")})

    assert hidden == unknown.replace("mane", "name")
    assert client_of("name_readers") is not None
    for address in ("Employees", "Employees(1)"):
        assert "Ann" not in ask(client, address).content.decode()
    assert "name" not in body(client, "Employees(1)")
    if option != "orderby":
        assert refused(client, "Employees(1)" if option == "select" else "Employees/$count",
                       **{option: text.format("name")}) == hidden  # fmt: skip


def exports() -> list[Any]:
    return [
        event.what for event in AuditEvent.objects.filter(action="names_exported").order_by("id")
    ]


@pytest.mark.parametrize(
    "address, options, filters",
    [
        ("Employees", {}, []),
        ("Employees", {"filter": "id gt 1", "top": 1}, ["$filter", "$top"]),
        ("Employees", {"select": "id", "filter": "name eq 'Ann'"}, ["$filter", "$select"]),
        ("Employees", {"select": "id", "orderby": "name"}, ["$orderby", "$select"]),
        ("Employees(1)", {}, []),
        ("Employees(id=1)", {}, []),
        ("Employees/$count", {"filter": "startswith(name,'A')"}, ["$filter"]),
    ],
)
def test_names_that_leave_are_recorded(
    client_of: Any, address: str, options: dict[str, Any], filters: list[str]
) -> None:
    assert ask(client_of("name_readers"), address, **options).status_code == 200

    [export] = exports()
    assert export["tables"] == ["employees"]
    assert export["filters"] == filters
    assert export["path"] == f"/odata/v4/{address}"
    assert "Ann" not in str(export)


def test_what_holds_no_names_is_not_recorded(client_of: Any) -> None:
    client = client_of("name_readers")

    assert rows(client, "Employees", select="id,datetime", filter="id gt 1", orderby="id desc")
    ask(client, "Employees/$count")
    ask(client, "Employees/$count", filter="id gt 1")
    ask(client, "Employees(1)", select="id")
    ask(client, "Employees(99)")
    ask(client, "Hires")
    ask(client_of("readers"), "Employees")
    client.head("/odata/v4/Employees")

    assert exports() == []
