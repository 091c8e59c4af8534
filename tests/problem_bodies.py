"""The one body of everything that goes wrong, and what a page says of it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

MEMBERS = ["type", "title", "status", "detail", "code"]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, as application/problem+json, or as OData has it. Returns its body."""
    if response.has_header("OData-Version"):
        return assert_odata_error(response, status, code)
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


def assert_odata_error(response: Any, status: int, code: str) -> dict[str, Any]:
    """The same below /odata/. Returns code and detail."""
    assert response.status_code == status, getattr(response, "content", "streamed")
    assert response["OData-Version"] == "4.0"
    assert response["Content-Type"] == "application/json;odata.metadata=minimal;charset=utf-8"
    body = json.loads(response.content)
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message"]
    assert body["error"]["code"] == code, body
    assert body["error"]["message"].strip()
    return {"code": code, "detail": body["error"]["message"]}


def text_of(response: Any) -> str:
    """The whole body, of a streamed answer too."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()
