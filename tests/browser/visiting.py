"""Somebody at a browser, who notes what it complains of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.embedded_postgres.harness import PATIENCE
from tests.installation import Installation

USER, PASSWORD = "ada", "a long password"
DEPARTMENTS = ("Engineering", "Legal", "Research and Development", "Sales", "Support")
# Of 2021, by department and quarter.
HIRES = ((4, 3, 2, 1), (0, 1, 0, 1), (2, 2, 2, 2), (9, 0, 0, 0), (1, 2, 3, 4))
_REJECTED = b"id,name,datetime,department_id,job_id\n900,,2021-01-01T00:00:00Z,1,1\n"
PHONE = ViewportSize(width=390, height=844)
_DESKTOP = ViewportSize(width=1280, height=900)


def fill(installed: Installation) -> None:
    """Hires of 2021, one of 2020, a rejected row, and a user who may do everything but administer."""
    with installed.connection() as cursor:
        for number, name in enumerate(DEPARTMENTS, start=1):
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (%s, %s)", (number, name)
            )
        cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'Cook'), (2, 'Nurse')")
        hired = [("2020-05-05", 1)]
        for department, quarters in enumerate(HIRES, start=1):
            for quarter, hires in enumerate(quarters):
                hired += [(f"2021-{3 * quarter + 2:02}-03", department)] * hires
        for number, (day, department) in enumerate(hired, start=1):
            cursor.execute(
                "INSERT INTO employees (id, name, datetime, department_id, job_id) VALUES"
                " (%s, 'Somebody', %s, %s, %s)",
                (number, f"{day} 12:00Z", department, 1 + number % 2),
            )
    done = installed.manage(
        *("shell", "--verbosity=0", "-c"),
        "from django.contrib.auth.models import Group, User;"
        f"user = User.objects.create_user({USER!r}, password={PASSWORD!r});"
        "user.groups.add(Group.objects.get(name='stewards'))",
    )
    assert done.code == 0, done.errors
    rejected = installed.manage("load", "employees", "-", stdin=_REJECTED)
    assert "1 rejected" in rejected.output, rejected


class Visits:
    """Browsers that know nothing of each other, but that some are logged in."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address = address
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self._login: Any = None

    def __call__(
        self,
        *,
        logged_in: bool = True,
        phone: bool = False,
        dark: bool = False,
        javascript: bool = True,
        may_fail: bool = False,
    ) -> Page:
        """A page. With `may_fail`, an answer that refuses is no complaint."""
        if logged_in and self._login is None:
            self._login = self._logged_in()
        context = self._browser.new_context(
            base_url=self.address,
            viewport=PHONE if phone else _DESKTOP,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            storage_state=self._login if logged_in else None,
        )
        context.set_default_timeout(1000 * PATIENCE)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._listener(may_fail))
        page.on("pageerror", lambda error: self._complaints.append(f"{page.url}: {error}"))
        page.on("request", self._note_elsewhere)
        return page

    def end(self) -> list[str]:
        """Closes all of them. What they complained of."""
        for context in self._contexts:
            context.close()
        complaints, self._contexts, self._complaints = self._complaints, [], []
        return complaints

    def _logged_in(self) -> Any:
        page = self(logged_in=False)
        log_in(page)
        return page.context.storage_state()

    def _listener(self, may_fail: bool) -> Callable[[ConsoleMessage], None]:
        def note(message: ConsoleMessage) -> None:
            is_refusal = "Failed to load resource" in message.text
            if message.type in ("error", "warning") and not (may_fail and is_refusal):
                self._complaints.append(f"{message.type}: {message.text}")

        return note

    def _note_elsewhere(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self._complaints.append(f"asked another host: {request.url}")


def log_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1, name="Hiring data")).to_be_visible()


def drawn(page: Page) -> None:
    """Waits until every chart of the page is drawn, or says why not."""
    expect(page.locator("[aria-busy]")).to_have_count(0)


def is_too_wide(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
