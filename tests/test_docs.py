"""The documents name everything that a user can meet, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from drf_spectacular.generators import SchemaGenerator

from departments.filters import DepartmentFilterSet
from employees.filters import EmployeeFilterSet
from hrapi.api.problems import STATUS_OF_CODE, ProblemCode
from hrapi.ingestion.codes import RowCode
from hrapi.ingestion.filters import BatchFilterSet, RejectedRowFilterSet
from hrapi.tables import all_tables
from jobs.filters import JobFilterSet
from reports.datasets.registry import all_datasets
from tests.api.matrix import GROUPS
from tests.readme import README, ROOT

DOCUMENTS = [README, *sorted((ROOT / "docs").rglob("*.md"))]
OURS = ("hrapi.", "departments", "jobs", "employees", "reports")


@cache
def text() -> str:
    """README and documents, but not the reasons behind decisions."""
    return "\n".join(path.read_text() for path in DOCUMENTS if "decisions" not in path.parts)


def document(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def table_after(heading: str, text_: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its header."""
    section = text_.split(f"\n{heading}\n", 1)[1]
    lines = [line for line in section.split("\n#", 1)[0].splitlines() if line.startswith("|")]
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines[2:]]
    return [[cell.strip() for cell in row] for row in rows]


def names_in(cells: list[str]) -> list[str]:
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_the_codes_of_rows_are_documented_in_their_order() -> None:
    rows = table_after("### Codes of rows", document("api.md"))

    assert names_in([row[0] for row in rows]) == [code.value for code in RowCode]
    assert all(row[1] for row in rows)


def test_the_codes_of_requests_are_documented_with_their_status() -> None:
    rows = table_after("### Codes of requests", document("api.md"))

    documented = {row[0].strip("`"): int(row[1]) for row in rows}
    assert documented == {code.value: status.value for code, status in STATUS_OF_CODE.items()}
    assert set(documented) == {code.value for code in ProblemCode}
    assert len(documented) == len(rows)


def variables_read() -> list[str]:
    """Every variable that settings or anything else of ours reads from the environment."""
    found = set(re.findall(r'\w\(\s*"([A-Z][A-Z0-9_]+)"', (ROOT / "hrapi/settings.py").read_text()))
    sources = [ROOT / "manage.py", ROOT / "gunicorn.conf.py"]
    for name in ("hrapi", "departments", "jobs", "employees", "reports"):
        sources += (ROOT / name).rglob("*.py")
    reading = r'(?:environ(?:\.get|\.setdefault|\.pop)?[\[(]|getenv\()\s*"(\w+)"'
    for source in sources:
        found.update(re.findall(reading, source.read_text()))
    # These belong to Django and Java.
    return sorted(found - {"DJANGO_SETTINGS_MODULE", "JAVA_HOME"})


def documented_variables() -> list[str]:
    return names_in([row[0] for row in table_after("## Settings", document("operations.md"))])


def test_the_table_of_settings_names_every_variable_that_is_read_and_no_other() -> None:
    assert "DATABASE_URL" in variables_read()
    assert sorted(documented_variables()) == variables_read()


def test_the_example_of_an_env_file_names_every_setting_and_sets_none() -> None:
    example = (ROOT / ".env.example").read_text()

    assert sorted(re.findall(r"^# ([A-Z0-9_]+)=", example, re.MULTILINE)) == sorted(
        documented_variables()
    )
    assert [line for line in example.splitlines() if line and not line.startswith("#")] == []


def our_commands() -> dict[str, BaseCommand]:
    return {
        name: load_command_class(app, name)
        for name, app in get_commands().items()
        if isinstance(app, str) and app.startswith(OURS)
    }


def options_of(name: str, command: BaseCommand) -> Iterator[str]:
    """The options that the command adds to those of every command."""
    common = {string for action in _actions(name, BaseCommand()) for string in action}
    for strings in _actions(name, command):
        if strings and not common.intersection(strings):
            yield from strings


def _actions(name: str, command: BaseCommand) -> list[list[str]]:
    actions: list[list[str]] = [
        action.option_strings for action in command.create_parser("manage.py", name)._actions
    ]
    return actions


def test_our_commands_are_documented() -> None:
    listed = [row[0] for row in table_after("## Commands", document("operations.md"))]
    documented = {name.split()[0] for name in names_in(listed)}

    assert {"load", "quickstart", "issue_token"} <= set(our_commands())
    assert set(our_commands()) - documented == set()


def test_every_option_of_our_commands_is_documented() -> None:
    missing = [
        f"{name} {option}"
        for name, command in our_commands().items()
        for option in options_of(name, command)
        if f"`{option}" not in text() and f"[{option}" not in text()
    ]

    assert missing == []


def test_the_options_of_load_are_documented_with_their_choices() -> None:
    documented = names_in([row[0] for row in table_after("| option | meaning |", load_options())])
    parser = our_commands()["load"].create_parser("manage.py", "load")
    choices = {
        string: [str(choice) for choice in action.choices or ()]
        for action in parser._actions
        for string in action.option_strings
    }

    found = {}
    for option in documented:
        name, _, rest = option.replace("\\", "").partition(" ")
        found[name] = rest.split("|") if "|" in rest else []
    assert found == {name: choices[name] for name in options_of("load", our_commands()["load"])}


def load_options() -> str:
    # The heading of a table is its own line here; two more lines stand before its rows.
    return document("loading.md").replace("| option | meaning |", "| option | meaning |\n|||", 1)


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            # A key of OData may be left out.
            route = route.replace("<odata_key:key>", "")
            route = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "{id}", route)
            if isinstance(pattern.pattern, RegexPattern):
                route = route.replace("^", "").replace("\\Z", "").replace("$", "")
            yield route.replace("\\.", ".")


def test_every_address_is_documented() -> None:
    found = set(addresses(get_resolver().url_patterns))
    # The library's own pages; the documents name their roots.
    found = {address for address in found if not address.startswith(("admin/", "accounts/"))}
    found |= {"admin/", "accounts/login/"}
    # "and so on"
    for ending in ("", "trace/"):
        found -= {f"api/v1/{table.name}/{{id}}/{ending}" for table in all_tables()}
        found.add(f"api/v1/departments/{{id}}/{ending}")
    for ending in ("", "/$count"):
        found -= {f"odata/v4/{dataset.set_name}{ending}" for dataset in all_datasets()}
        found.add(f"odata/v4/Hires{ending}")
    # The roots themselves.
    found -= {"", "api/v1/"}

    missing = [
        address
        for address in sorted(found)
        if f"`{address.removeprefix('api/v1/')}`" not in text() and f"/{address}`" not in text()
    ]
    assert {"api/v1/batches/{id}/rejected-rows.csv", "readyz"} <= found
    assert missing == []


def test_every_query_parameter_is_documented() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    found = {
        (path, parameter["name"])
        for path, operations in schema["paths"].items()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }

    api = document("api.md") + document("reports.md")
    missing = {name for _, name in found if not re.search(rf"`[^`]*\b{name}\b[^`]*`", api)}
    assert {"hired_before", "dry_run", "page_size", "year", "batch"} <= {name for _, name in found}
    assert missing == set()


def test_every_filter_of_a_list_stands_in_its_table_or_paragraph() -> None:
    api = document("api.md")
    about_rows = " ".join(api.split("Filters of employees:")[1].split("\n\n")[0].split())
    employees, _, others = about_rows.partition(". Of departments:")
    departments, _, jobs = others.partition("; of jobs:")
    endpoints = {row[0]: row[1] for row in table_after("## Endpoints", api)}

    assert names_in([employees]) == list(EmployeeFilterSet.base_filters)
    assert names_in([departments]) == list(DepartmentFilterSet.base_filters)
    assert names_in([jobs]) == list(JobFilterSet.base_filters)
    assert names_in([endpoints["`batches/`, `batches/{id}/`"]]) == list(BatchFilterSet.base_filters)
    assert names_in([endpoints["`rejected-rows/`, `rejected-rows/{id}/`"]]) == list(
        RejectedRowFilterSet.base_filters
    )


def anchors(markdown: str) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (anchor and anchor not in anchors(found.read_text())):
            broken.append(link)

    assert broken == []


def test_every_document_can_be_found_from_the_readme() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)\)", README.read_text()))

    top = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")}
    assert top - linked == set()


def test_every_file_that_the_documents_name_is_there() -> None:
    named = re.findall(
        r"`((?:hrapi|departments|jobs|employees|reports|tests|docs)/[\w./]*)`", text()
    )

    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_group_is_documented_and_no_other() -> None:
    documented = names_in(
        [row[0] for row in table_after("## Users, groups, tokens", document("operations.md"))]
    )

    assert ["nobody", *documented] == GROUPS


def test_every_target_of_make_that_the_documents_name_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:`|\$ )make ([a-z]+)", text()))
    assert {"run", "test", "check"} <= named
    assert named - targets == set()
