"""The one body of everything that goes wrong, and what a page says of it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

MEMBERS = ["type", "title", "status", "detail", "code"]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, as application/problem+json. Returns its body."""
    assert response.status_code == status, getattr(response, "content", "streamed")
    assert response["Content-Type"] == "application/problem+json", response["Content-Type"]
    problem: dict[str, Any] = json.loads(response.content)
    assert list(problem)[:5] == MEMBERS, problem
    assert {name: problem[name] for name in MEMBERS if name != "detail"} == {
        "type": f"urn:hrapi:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
    }, problem
    assert isinstance(problem["detail"], str), problem
    assert problem["detail"].strip(), problem
    return problem


def text_of(response: Any) -> str:
    """The whole body, of a streamed answer too."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()
