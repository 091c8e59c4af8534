"""The page to start from: what each user sees there, and that it costs the same however much there is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hrapi.ingestion.models import Batch
from hrapi.loads.models import Load
from tests.factories import EmployeeFactory
from tests.pages import Page
from tests.web_pages.people import ACCEPT, Person, row

pytestmark = pytest.mark.django_db

ALWAYS = {"/", "/connect/", "/api/v1/", "/api/v1/docs/", "/accounts/password_change/", "#main"}
TABLES = {"/api/v1/departments/", "/api/v1/jobs/", "/api/v1/employees/"}
REPORTS = {
    *("/api/v1/reports/quarterly-hires/", "/api/v1/reports/departments-above-mean/"),
    *("/dashboard/", "/visualizations/", "/visualizations/new/"),
}
FORMS = {f"{table}#{form}" for table in TABLES for form in ("post-file", "post-row")}
LOG = {"/rejected-rows/", "/api/v1/batches/", "/api/v1/loads/"}


@pytest.mark.parametrize(
    "address", ["/", "/rejected-rows/", "/rejected-rows/1/", "/rejected-rows/?table=jobs&code=required"]
)  # fmt: skip
def test_who_is_not_logged_in_is_led_to_the_login_and_back(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    Person("stewards").reject({"id": 1}, to="jobs")

    response = client.get(address, follow=True)

    [(login, status)] = response.redirect_chain
    assert status == 302
    [form] = Page(response).forms
    assert form.fields["next"] == address
    credentials = {"username": "stewards-0", "password": "a long password"}
    response = client.post(login, form.fields | credentials)
    assert (response.status_code, response["Location"]) == (302, address)


@pytest.mark.parametrize(
    "group, links",
    [
        ("", ALWAYS),
        ("readers", ALWAYS | TABLES | REPORTS),
        ("loaders", ALWAYS | TABLES | REPORTS | FORMS | LOG),
        ("stewards", ALWAYS | TABLES | REPORTS | FORMS | LOG),
        ("administrators", ALWAYS | TABLES | REPORTS | FORMS | LOG),
    ],
)
def test_each_group_sees_the_links_that_it_may_follow(group: str, links: set[str]) -> None:
    Batch.objects.create(id=1, table="jobs", source="api", mode="partial")
    person = Person(group)

    found = set(person.open("/").links)

    batches = {"/batches/1/"} if links > LOG else set()
    assert found == links | batches
    for link in sorted(found):
        assert person.client.get(link, headers={"accept": ACCEPT}).status_code == 200


def test_the_admin_is_linked_for_staff() -> None:
    assert "/admin/" in Person("readers", is_staff=True).open("/").links


def test_it_shows_the_tables_the_open_rejections_and_the_last_batches(steward: Person) -> None:
    EmployeeFactory(id=1, department_id=1, job_id=1, department=None, job=None)
    steward.reject(row(name=""), row(department_id=9, name=""), row(department_id=9))
    steward.reject({"id": 5}, to="jobs")
    steward.reject({"id": 5}, to="jobs")
    load = {"table": "jobs", "bytes": 9, "mode": "partial", "dry_run": False}
    running = Load.objects.create(
        **load, file_name="jobs.csv", state="running", user=steward.user, batch=Batch.objects.latest("pk")
    )  # fmt: skip
    failed = Load.objects.create(
        **load, file_name="bad.csv", state="failed", error_code="undecodable", error_detail="byte 3"
    )
    Batch.objects.create(
        table="jobs", source="command", mode="partial", file_name="old.csv",
        refused_code="undecodable", refused_detail="byte 3",
    )  # fmt: skip

    page = steward.open("/")

    tables, loads, batches = page.tables
    assert [[" ".join(cell.split()) for cell in line] for line in loads[1:]] == [
        [f"{failed.pk}: jobs", f"{failed.created_at:%Y-%m-%d %H:%M}", "–", "bad.csv", "failedbyte 3"],
        [f"{running.pk}: jobs", f"{running.created_at:%Y-%m-%d %H:%M}", steward.user.username,
         "jobs.csv", "running", "0", "1"],
    ]  # fmt: skip
    assert [[" ".join(cell.split()) for cell in line] for line in tables] == [
        ["Table", "Rows", "Add"],
        ["departments", "2", "CSV file,one row"],
        ["jobs", "2", "CSV file,one row"],
        ["employees", "1", "CSV file,one row"],
    ]
    for text in ("employees: 3 open", "unknown department 2", "required 2", "jobs: 1 open"):
        assert text in page.text
    assert [line[0] for line in batches[1:]] == [
        f"{batch.pk}: {batch.table}" for batch in Batch.objects.order_by("-id")
    ]
    assert batches[1][2:] == ["–", "command:old.csv", "refusedbyte 3"]
    assert batches[4][2:] == [steward.user.username, "api", "3", "0", "0", "3"]
    batch = Batch.objects.get(table="employees").pk
    assert {
        "/rejected-rows/?table=employees",
        "/rejected-rows/?table=employees&code=unknown_department",
        "/rejected-rows/?table=jobs",
        f"/rejected-rows/?table=employees&batch={batch}&status=all",
    } <= set(page.links)


def test_an_empty_database_is_told_as_such() -> None:
    page = Person("administrators").open("/")

    assert "Nothing is open" in page.text
    assert "There are none yet." in page.text
    assert [line[1] for line in page.tables[0][1:]] == ["0", "0", "0"]


def test_it_costs_the_same_queries_however_much_there_is(
    steward: Person, django_assert_num_queries: Any
) -> None:
    # Session, user, permissions, counts of the tables, open rejections, batches, loads.
    with django_assert_num_queries(7):
        steward.open("/")
    for number in range(15):
        steward.reject(row(name="", department_id=900 + number))
        EmployeeFactory()

    with django_assert_num_queries(7):
        steward.open("/")
