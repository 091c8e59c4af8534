"""Which module may import which: read from the source, whether or not a line is ever run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE_APPS = {"departments", "jobs", "employees"}
PACKAGES = ["hrapi", "reports", *sorted(TABLE_APPS)]


def module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")
}


@cache
def imports_of(module: str) -> frozenset[str]:
    """What the module imports, `from a import b` as both `a` and `a.b`, wherever in the module it stands."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return frozenset(found)


@cache
def reached_from(module: str) -> frozenset[str]:
    """Everything imported by the module and by those of our modules that it imports, at any remove."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        for imported in imports_of(waiting.pop()):
            if imported not in reached:
                reached.add(imported)
                if imported in MODULES:
                    waiting.append(imported)
    return frozenset(reached)


def within(names: frozenset[str], *packages: str) -> list[str]:
    return sorted(
        name
        for name in names
        if any(name == package or name.startswith(f"{package}.") for package in packages)
    )


def modules_under(*packages: str) -> list[str]:
    found = within(frozenset(MODULES), *packages)
    assert found
    return [name for name in found if ".migrations" not in name]


def modules_named(*names: str) -> list[str]:
    found = sorted(name for name in MODULES if name.rpartition(".")[2] in names)
    assert found
    return found


def test_the_modules_are_found() -> None:
    assert {"hrapi.ingestion.views", "employees.models", "reports.hires", "hrapi.urls"} <= set(
        MODULES
    )
    assert "hrapi.tables" in imports_of("hrapi.ingestion.views")
    assert "hrapi.tables" in imports_of("employees.apps")


@pytest.mark.parametrize(
    "module",
    modules_under(
        *("hrapi.ingestion", "hrapi.loads", "hrapi.drops", "hrapi.api", "hrapi.audit"),
        *("hrapi.backups", "hrapi.pages", "hrapi.privacy", "hrapi.versions"),
    ),
)
def test_what_all_tables_share_knows_no_table(module: str) -> None:
    assert within(imports_of(module), "reports", *TABLE_APPS) == []


@pytest.mark.parametrize("module", modules_under("reports"))
def test_reports_read_and_never_take_rows(module: str) -> None:
    writers = [
        f"hrapi.ingestion.{name}" for name in ("services", "verdicts", "writing", "edits", "views")
    ]

    assert within(imports_of(module), *writers) == []


@pytest.mark.parametrize("module", modules_under("reports"))
def test_reports_know_no_views_of_tables(module: str) -> None:
    views = [
        f"{app}.{name}"
        for app in TABLE_APPS
        for name in ("views", "serializers", "rows", "filters")
    ]

    assert within(imports_of(module), *views) == []


@pytest.mark.parametrize("module", modules_named("models"))
def test_models_know_neither_services_nor_views(module: str) -> None:
    above = (
        "views",
        "services",
        "serializers",
        "edits",
        "verdicts",
        "writing",
        "selectors",
        "answers",
    )

    assert [
        name for name in imports_of(module) if name in MODULES and name.rpartition(".")[2] in above
    ] == []
    assert within(imports_of(module), "rest_framework") == []


@pytest.mark.parametrize(
    "module",
    sorted(
        name
        for name in MODULES
        if name.startswith(("hrapi.", "reports.", *(f"{app}." for app in TABLE_APPS)))
        and name.rpartition(".")[2] not in {"views", "urls", "wsgi"}
        and ".embedded_postgres" not in name
    ),
)
def test_only_addresses_and_views_know_views(module: str) -> None:
    ours = [name for name in imports_of(module) if name in MODULES]

    assert [name for name in ours if name.rpartition(".")[2] == "views"] == []


@pytest.mark.parametrize(
    "module",
    [
        f"hrapi.ingestion.{name}"
        for name in (
            "services",
            "verdicts",
            "validation",
            "writing",
            "edits",
            "transactions",
            "fields",
        )
    ],
)
def test_services_know_nothing_of_http(module: str) -> None:
    http = ("rest_framework", "django.http", "django.urls", "django.shortcuts", "django.views")

    assert within(imports_of(module), *http) == []


@pytest.mark.parametrize(
    "module",
    [*modules_under("hrapi.ingestion.parsing"), "hrapi.ingestion.fields", "hrapi.ingestion.row"],
)
def test_parsers_and_fields_never_reach_the_database(module: str) -> None:
    assert within(reached_from(module), "django", "psycopg2", "rest_framework") == []


@pytest.mark.parametrize("app", sorted(TABLE_APPS))
def test_tables_know_each_other_by_their_models_only(app: str) -> None:
    others = TABLE_APPS - {app}

    found = {name for module in modules_under(app) for name in within(imports_of(module), *others)}

    assert {name for name in found if name in MODULES} <= {f"{other}.models" for other in others}


def test_departments_and_jobs_know_no_other_table() -> None:
    for app in ("departments", "jobs"):
        others = (TABLE_APPS | {"reports"}) - {app}
        found = [
            name for module in modules_under(app) for name in within(imports_of(module), *others)
        ]
        assert found == []


def test_no_module_imports_itself_at_any_remove() -> None:
    in_circles = [
        module
        for module in MODULES
        if ".migrations" not in module
        and not module.endswith("apps")
        and module in reached_from(module)
    ]

    assert in_circles == []
