"""Somebody at a browser: opens pages, fills in their forms and presses buttons. Rows come in by the API."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.factories import employee_row
from tests.pages import Page

LIST = "/rejected-rows/"
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Person:
    """A user of a group, or of none, with further permissions, logged in."""

    def __init__(self, group: str = "", *permissions: str, **flags: bool) -> None:
        name = f"{group or 'nobody'}-{User.objects.count()}"
        self.user = User.objects.create_user(name, password="a long password", **flags)
        if group:
            self.user.groups.add(Group.objects.get(name=group))
        for permission in permissions:
            self.user.user_permissions.add(Permission.objects.get(codename=permission))
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.client.force_login(self.user)

    def open(self, address: str, *, status: int = 200) -> Page:
        return self._page(self.client.get(address, headers={"accept": ACCEPT}), status)

    def send(
        self, address: str, form: str, *, status: int = 302, page: Page | None = None, **fields: str
    ) -> Page:
        """Opens the page, fills in a form and sends it. The page that comes then, after a redirect too."""
        page = page or self.open(address)
        data = page.form(form).fields | fields
        response = self.client.post(address, data, headers={"accept": ACCEPT})
        if status == 302:
            assert response.status_code == 302, (response.status_code, response.content.decode())
            return self.open(response["Location"])
        return self._page(response, status)

    def _page(self, response: Any, status: int) -> Page:
        assert response.status_code == status, (response.status_code, response.content.decode())
        return Page(response)

    def reject(self, *rows: Any, to: str = "employees") -> list[int]:
        """Posts rows, each as JSON or as its text, all of which are rejected. The ids of their entries."""
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        return self._rejected(f"[{','.join(texts)}]", "application/json", to)

    def reject_csv(self, text: str, to: str = "employees") -> list[int]:
        return self._rejected(text, "text/csv", to)

    def _rejected(self, body: str, media_type: str, to: str) -> list[int]:
        page = self.open("/")
        token = page.forms[0].fields["csrfmiddlewaretoken"]
        answer = self.client.generic(
            "POST",
            f"/api/v1/{to}/",
            body.encode(),
            content_type=media_type,
            headers={"x-csrftoken": token},
        )
        assert answer.status_code == 422, answer.content
        return [row["rejected_row"] for row in answer.json()["rejected_rows"]]


def row(**fields: Any) -> dict[str, Any]:
    """An employee of department 1 and job 1, unless said otherwise."""
    return employee_row(department_id=1, job_id=1) | fields
