"""Questions to OData."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.datasets.definition import Dataset
from tests.problem_bodies import assert_problem

ROOT = "/odata/v4/"
CONTENT_TYPE = "application/json;odata.metadata=minimal;charset=utf-8"


def ask(client: Any, address: str, /, headers: dict[str, str] | None = None, **options: Any) -> Any:
    """The answer to `Employees` with options like `filter="id eq 1"`."""
    query = {f"${name}": str(value) for name, value in options.items()}
    return client.get(ROOT + address, query, headers=headers or {})


def body(client: Any, address: str, /, **options: Any) -> dict[str, Any]:
    response = ask(client, address, **options)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == CONTENT_TYPE
    found: dict[str, Any] = response.json()
    return found


def rows(client: Any, address: str, /, **options: Any) -> list[dict[str, Any]]:
    """The rows of the first page."""
    found: list[dict[str, Any]] = body(client, address, **options)["value"]
    return found


def pages(
    client: Any, address: str, /, size: int, **options: Any
) -> Iterator[list[dict[str, Any]]]:
    """The pages, as their links lead on."""
    preference = {"prefer": f"odata.maxpagesize={size}"}
    response = ask(client, address, headers=preference, **options)
    while True:
        assert response.status_code == 200, response.content
        page = response.json()
        yield page["value"]
        if "@odata.nextLink" not in page:
            return
        response = client.get(page["@odata.nextLink"], headers=preference)


def refused(client: Any, address: str, /, status: int = 400, **options: Any) -> str:
    """Why it is refused."""
    codes = {400: "invalid_parameter", 404: "not_found", 501: "not_supported"}
    detail: str = assert_problem(ask(client, address, **options), status, codes[status])["detail"]
    return detail


def key_of(dataset: Dataset, row: dict[str, Any]) -> str:
    """The key of the row, as it stands in an address."""
    quoted = {
        name: f"'{row[name]}'" if isinstance(row[name], str) and name != "date" else row[name]
        for name in dataset.key
    }
    return "(" + ",".join(f"{name}={value}" for name, value in quoted.items()) + ")"
