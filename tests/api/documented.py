"""What the OpenAPI document says, and whether an answer is as it says."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from jsonschema import Draft202012Validator, FormatChecker

from hrapi.api.problems import STATUS_OF_CODE, ProblemCode
from tests.problem_bodies import text_of

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


@cache
def the_document() -> dict[str, Any]:
    """The document, generated without a warning and valid as OpenAPI 3.1."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "schema.json")
        call_command(
            "spectacular",
            f"--file={file}",
            "--format=openapi-json",
            "--validate",
            "--fail-on-warn",
        )
        document: dict[str, Any] = json.loads(file.read_text())
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def fault(document: dict[str, Any], pointer: list[str], value: Any) -> str | None:
    """What is wrong with `value` by the schema at that place of the document, or None."""
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in pointer]
    schema = {**document, "$ref": "#/" + "/".join(escaped)}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    error = next(validator.iter_errors(value), None)
    return None if error is None else f"{error.json_path}: {error.message}"


def assert_documented(document: dict[str, Any], method: str, path: str, response: Any) -> None:
    """The status, the media type, the headers and the body are as the document says."""
    responses = document["paths"][path][method]["responses"]
    status = str(response.status_code)
    assert status in responses
    media_type = response["Content-Type"].partition(";")[0]
    assert media_type in responses[status]["content"]
    for name, header in responses[status].get("headers", {}).items():
        assert not header.get("required") or response.has_header(name)
    if media_type != "text/csv":
        pointer = ["paths", path, method, "responses", status, "content", media_type, "schema"]
        assert fault(document, pointer, json.loads(text_of(response))) is None


def example(document: dict[str, Any], method: str, path: str, code: ProblemCode) -> Any:
    status = str(int(STATUS_OF_CODE[code]))
    content = document["paths"][path][method]["responses"][status]["content"][PROBLEM]
    [found] = [e["value"] for e in content["examples"].values() if e["value"]["code"] == code]
    return found
