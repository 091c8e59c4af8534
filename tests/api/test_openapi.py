"""The OpenAPI document: complete, valid, and true of what the service answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.contrib.staticfiles import finders
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator

from hrapi.api.problems import ProblemCode
from hrapi.ingestion.codes import RowCode
from tests.api.documented import PROBLEM, ROOT, fault, operations, the_document

NOT_DESCRIBED = {f"{ROOT}schema/", f"{ROOT}docs/"}
# Any address may answer these; no operation lists them.
LISTED_NOWHERE = {
    ProblemCode.METHOD_NOT_ALLOWED,
    ProblemCode.INTERNAL_ERROR,
    # Of OData, which $metadata describes.
    ProblemCode.NOT_SUPPORTED,
}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document() -> dict[str, Any]:
    return the_document()


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every path and method of the URL configuration, as OpenAPI writes them."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
            continue
        callback: Any = pattern.callback
        shown = re.sub("<(int:)?pk>", "{id}", simplify_regex(path)).replace(
            "<slug:chart>", "{chart}"
        )
        if not shown.startswith(ROOT) or shown in NOT_DESCRIBED:
            continue
        actions = getattr(callback, "actions", None) or callback.cls().allowed_methods
        for method in {name.lower() for name in actions} & METHODS:
            yield shown, method


def test_describes_every_path_and_method_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(path, method) for path, method, _ in operations(document)}
    assert described == set(routes(get_resolver().url_patterns))


def test_every_operation_has_a_readable_name_a_tag_a_summary_and_common_problems(
    document: dict[str, Any],
) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        assert re.fullmatch("[a-z_]+", operation["operationId"])
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        assert operation["description"]
        assert {"400", "401", "429", "503"} <= set(operation["responses"]), (path, method)
        # Whoever is logged in may see the addresses and end a token.
        assert "403" in operation["responses"] or operation["operationId"] in {
            "api_root",
            "datasets",
            "logout",
        }
        assert operation["security"]


def test_every_code_is_there(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["RowCode"]["enum"] == list(RowCode)
    assert schemas["ProblemCode"]["enum"] == list(ProblemCode)
    shown = {
        shown["value"]["code"]
        for _, _, operation in operations(document)
        for response in operation["responses"].values()
        for shown in response.get("content", {}).get(PROBLEM, {}).get("examples", {}).values()
    }
    assert set(ProblemCode) - LISTED_NOWHERE <= shown


def test_schemas_are_json_schemas(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert schemas
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    checked = 0
    for path, method, operation in operations(document):
        places = {("responses", status): found for status, found in operation["responses"].items()}
        if "requestBody" in operation:
            places["requestBody",] = operation["requestBody"]
        for place, described in places.items():
            for media_type, content in described.get("content", {}).items():
                pointer = ["paths", path, method, *place, "content", media_type, "schema"]
                for shown in content.get("examples", {}).values():
                    assert fault(document, pointer, shown["value"]) is None, pointer
                    checked += 1
    assert checked > 100


def test_row_schemas_hold_the_limits_and_descriptions(document: dict[str, Any]) -> None:
    row = document["components"]["schemas"]["EmployeeRow"]
    assert list(row["properties"]) == row["required"]
    assert row["additionalProperties"] is False
    assert row["properties"]["id"]["maximum"] == 2**53 - 1
    assert row["properties"]["name"]["maxLength"] == 255
    assert all(field["description"] for field in row["properties"].values())


def test_filters_have_types(document: dict[str, Any]) -> None:
    parameters = document["paths"][f"{ROOT}rejected-rows/"]["get"]["parameters"]
    types = {parameter["name"]: parameter["schema"] for parameter in parameters}
    assert types["table"]["enum"] == ["departments", "jobs", "employees"]
    assert sorted(types["code"]["enum"]) == sorted(RowCode)
    assert types["batch"]["type"] == "integer"
    assert (types["page_size"]["minimum"], types["page_size"]["maximum"]) == (1, 1000)
    assert sorted(types["format"]["enum"]) == ["csv", "json"]


def test_filters_may_be_left_empty_as_a_form_sends_them(api: Any, document: dict[str, Any]) -> None:
    parameters = document["paths"][f"{ROOT}employees/"]["get"]["parameters"]
    may_be_empty = {found["name"] for found in parameters if found.get("allowEmptyValue")}
    assert may_be_empty == {"department_id", "job_id", "hired_from", "hired_before", "name"}
    for name in may_be_empty:
        assert api.get(f"{ROOT}employees/", {name: ""}).status_code == 200


def test_the_file_of_the_reject_log_has_its_filters_and_one_format(
    document: dict[str, Any],
) -> None:
    parameters = document["paths"][f"{ROOT}rejected-rows.csv"]["get"]["parameters"]
    required = {found["name"]: found.get("required", False) for found in parameters}
    others = dict.fromkeys(["status", "code", "batch", "row_id"], False)
    assert required == {"table": True} | others
    assert not next(found for found in parameters if found["name"] == "table")["allowEmptyValue"]


@pytest.mark.parametrize(
    "form, fits",
    [
        ({"id": 1, "department": "Legal"}, True),
        ({"file": "id,department"}, True),
        ({"id": 1}, False),
        ({"id": 1, "department": "Legal", "file": "id,department"}, False),
        ({"file": "id,department", "mode": "atomic"}, False),
    ],
)
def test_a_form_holds_a_row_or_a_file_and_nothing_else(
    document: dict[str, Any], form: dict[str, Any], fits: bool
) -> None:
    pointer = ["paths", f"{ROOT}departments/", "post", "requestBody", "content"]
    found = fault(document, [*pointer, "multipart/form-data", "schema"], form)
    assert (found is None) is fits


def test_served_document_is_the_same(api: Any, document: dict[str, Any]) -> None:
    assert api.get(f"{ROOT}schema/?format=json").json() == document


def test_pages_load_nothing_from_elsewhere(api: Any) -> None:
    page = api.get(f"{ROOT}docs/").content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert any(address.endswith(".js") for address in loaded)
    for address in loaded:
        assert address.startswith(("/static/", f"{ROOT}docs/"))
        if address.startswith("/static/"):
            assert Path(finders.find(address.removeprefix("/static/"))).is_file()
    script = api.get(f"{ROOT}docs/?script=").content.decode()
    assert not re.search("https?://", page + script)
    # Swagger would send the document's address to its own validator.
    assert '"validatorUrl": null' in script
