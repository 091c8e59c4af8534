"""Requests with an Idempotency-Key."""

from __future__ import annotations

import json
from typing import Any

DEPARTMENTS = "/api/v1/departments/"
GOOD = [{"id": 1, "department": "Sales"}, {"id": 2, "department": "Law"}]
SOME_BAD = [*GOOD, {"id": 3, "department": ""}]


def post(client: Any, body: Any, key: str | None = "k-1", **options: Any) -> Any:
    """Posts departments; `query`, `content_type` and further headers as options."""
    address = DEPARTMENTS + options.pop("query", "")
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    headers = ({"Idempotency-Key": key} if key is not None else {}) | options.pop("headers", {})
    content_type = options.pop("content_type", "application/json")
    return client.generic("POST", address, data, content_type=content_type, headers=headers)


def answer(response: Any) -> tuple[int, bytes, str]:
    return response.status_code, response.content, response["Content-Type"]
