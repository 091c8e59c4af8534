"""Lists, reports and the admin in the browser."""

from __future__ import annotations

import pytest
from django.test import Client

from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from tests.api.browsing import (
    DEPARTMENTS,
    EMPLOYEES,
    EVIL,
    HTML,
    browser_of,
    open_page,
    send,
)
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db


def test_a_list_is_a_table_in_the_browser(browser: Client) -> None:
    EmployeeFactory(id=1, name="Zoë", department__id=2, job__id=3)

    page = open_page(browser, EMPLOYEES)

    assert page.tables[0] == [
        ["id", "name", "datetime", "department_id", "job_id"],
        ["1", "Zoë", "2021-07-27T16:02:08Z", "2", "3"],
    ]


def test_the_reject_log_is_a_table_in_the_browser(browser: Client) -> None:
    browser.get(DEPARTMENTS, headers=HTML)
    send(browser, [{"id": 1, "department": "", "zz": 1}])
    entry = RejectedRow.objects.get()

    page = open_page(browser, "/api/v1/rejected-rows/")

    header, row = page.tables[0]
    shown = dict(zip(header, row, strict=True))
    assert (shown["id"], shown["row_id"], shown["status"]) == (str(entry.pk), "1", "open")
    assert shown["errors"] == "department: required; zz: unknown_field"
    assert shown["line"] == "—"


def test_the_reports_are_tables_in_the_browser(browser: Client) -> None:
    EmployeeFactory(id=1, department__department="Sales", job__job="Cook")
    DepartmentFactory(id=9, department="Legal")
    sales = Employee.objects.get().department_id

    hires = open_page(browser, "/api/v1/reports/quarterly-hires/?year=2021")
    above = open_page(browser, "/api/v1/reports/departments-above-mean/?year=2021")

    assert hires.tables[0] == [
        ["department", "job", "q1", "q2", "q3", "q4"],
        ["Sales", "Cook", "0", "0", "1", "0"],
    ]
    assert above.tables[0] == [["id", "department", "hired"], [str(sales), "Sales", "1"]]


def test_a_report_without_rows_is_a_page_all_the_same(browser: Client) -> None:
    page = open_page(browser, "/api/v1/reports/quarterly-hires/?year=1999")

    assert "Quarterly" in page.text
    assert "HTTP 200 OK" in page.text


@pytest.mark.usefixtures("scripts_in_names")
@pytest.mark.parametrize("model", ["batch", "rejectedrow"])
@pytest.mark.parametrize("who", ["superuser", "administrator on the staff"])
def test_the_admin_shows_the_log_and_changes_nothing(db: None, model: str, who: str) -> None:
    is_superuser = who == "superuser"
    client = browser_of("who", group="administrators", is_staff=True, is_superuser=is_superuser)
    listing = open_page(client, f"/admin/ingestion/{model}/")
    change = open_page(client, f"/admin/ingestion/{model}/1/change/")
    before = [list(Batch.objects.values()), list(RejectedRow.objects.values())]
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}

    for page in (listing, change):
        own = [link for link in page.links if "ingestion" in link]
        assert [link for link in own if "/add/" in link or "/delete/" in link] == []
        assert 'name="_save"' not in page.html
        assert 'name="action"' not in page.html
    assert f"/admin/ingestion/{model}/1/change/" in listing.links
    for path in ("add/", "1/change/", "1/delete/"):
        response = client.post(
            f"/admin/ingestion/{model}/{path}", token | {"status": "discarded", "post": "yes"}
        )
        assert_problem(response, 403, "permission_denied")
    client.post(
        f"/admin/ingestion/{model}/",
        token | {"action": "delete_selected", "_selected_action": "1", "post": "yes"},
    )
    assert [list(Batch.objects.values()), list(RejectedRow.objects.values())] == before


@pytest.mark.usefixtures("scripts_in_names")
def test_the_admin_finds_rejected_rows_and_survives_any_search(root: Client) -> None:
    for query in ("1", "x", "'", "\x00", "9" * 30, EVIL):
        response = root.get("/admin/ingestion/rejectedrow/", {"q": query})
        assert response.status_code in (200, 302), (query, response.status_code)
        assert b"<script>alert" not in response.content
