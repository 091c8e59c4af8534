"""The service as it is served, and Chromium that looks at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visiting import Visits, fill
from tests.embedded_postgres.harness import PATIENCE
from tests.installation import installation

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PROGRAM = next(filter(None, map(shutil.which, _NAMES)), None)

# A machine that does much else draws slowly.
expect.set_options(timeout=1000 * PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            if _PROGRAM is None:
                reason = "There is no Chromium here. Debian has it: apt-get install chromium"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the service answers."""
    with installation() as installed:
        installed.hold()
        done = installed.manage("migrate", "--verbosity=0")
        assert done.code == 0, done.errors
        fill(installed)
        with installed.serving() as port:
            yield f"http://127.0.0.1:{port}"


# Of a module each: while it lives, Django takes the thread for one that may not ask the database.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # As root, Chromium has no sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_PROGRAM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visits(address: str, chromium: Browser) -> Visits:
    return Visits(address, chromium)


@pytest.fixture
def visit(visits: Visits) -> Iterator[Visits]:
    """`visit(dark=True)` is a page of a browser of its own. In the end, none may have complained."""
    yield visits
    complaints = visits.end()
    assert complaints == []
