"""Walks over every address: the headers that protect an answer, and texts that are only text."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hrapi.ingestion.models import Batch, RejectedRow
from tests.api.addresses import all_addresses
from tests.api.browsing import CONTENT_SECURITY_POLICY, assert_protected
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.problem_bodies import text_of

pytestmark = pytest.mark.django_db

METHODS = ["get", "head", "options", "post", "put", "patch", "delete", "trace"]
# A name as somebody might send it who means harm: a script, a formula.
SCRIPT, FORMULA = "<script>alert(1)</script>", "=cmd|' /C calc'!A1"


@pytest.fixture
def root(db: None) -> Client:
    """A browser in which somebody is logged in who may do everything."""
    User.objects.create_superuser("root", password="a long password")
    client = Client(raise_request_exception=False)
    client.login(username="root", password="a long password")
    return client


@pytest.fixture
def anonymous() -> Client:
    return Client(raise_request_exception=False)


def fill(text: str) -> None:
    """A row of each table, a batch and an entry of the log, all with this text where there can be one."""
    DepartmentFactory(id=1, department=text)
    DepartmentFactory(id=2)
    JobFactory(id=1, job=text)
    EmployeeFactory(
        id=1, name=text, department_id=1, job_id=1, department=None, job=None,
        datetime=datetime.now(UTC),
    )  # fmt: skip
    batch = Batch.objects.create(
        id=1, table="employees", source="api", mode="partial", file_name=text, received=1, rejected=1
    )  # fmt: skip
    RejectedRow.objects.create(
        id=1,
        batch=batch,
        table="employees",
        index=0,
        row_id=2,
        raw=json.dumps({"id": 2, "name": text, "department_id": text, text: text}),
        raw_length=1,
        errors=[{"field": text, "code": "unknown_field", "message": text, "value": text}],
        codes=["unknown_field"],
    )


def assert_has_its_headers(response: Any) -> None:
    assert_protected(response)
    if response.get("Content-Type", "").startswith("text/html"):
        assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv"])
def test_every_answer_of_every_address_has_its_headers(
    api: Any, root: Client, anonymous: Client, accept: str
) -> None:
    walks: dict[Any, list[str]] = {
        api: METHODS,
        root: ["get", "options"],
        anonymous: ["get", "post"],
    }
    fill("Law")
    seen = set()
    for client, methods in walks.items():
        for address in all_addresses():
            for method in methods:
                response = client.generic(method.upper(), address, headers={"accept": accept})
                assert_has_its_headers(response)
                text_of(response)
                seen.add(response.status_code)

    # A page says that something was deleted with 200.
    expected = {200, 302, 400, 401, 403, 404, 405, 409, 415}
    assert seen >= (expected if accept == "text/html" else expected | {204})
    # What OData has and this service has not.
    assert max(seen - {501}) < 500


@pytest.mark.parametrize("path", ["/api/v1/departments", "/admin", "/api/v1/nothing"])
def test_whoever_is_led_elsewhere_has_the_headers_too(api: Any, path: str) -> None:
    response = api.get(path)

    assert response.status_code == (404 if path.endswith("nothing") else 301)
    assert_has_its_headers(response)


@pytest.mark.parametrize(
    "rows, status",
    [
        ([{"id": 1, "department": "Law"}], 201),
        ([{"id": 1, "department": "Law"}, {"id": 0}], 207),
        ([{"id": 0}], 422),
        ([], 400),
        ([{}] * 1001, 413),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_the_answer_to_a_batch_has_its_headers(
    api: Any, rows: list[Any], status: int, accept: str
) -> None:
    response = api.post("/api/v1/departments/", rows, format="json", headers={"accept": accept})

    assert response.status_code == status
    assert_has_its_headers(response)


def test_whoever_asks_too_often_is_told_so_with_the_headers(api: Any, settings: Any) -> None:
    settings.REPORTS_PER_MINUTE = 1
    report = "/api/v1/reports/quarterly-hires/?format=csv"

    for status in (200, 429):
        response = api.get(report)
        assert response.status_code == status
        assert_has_its_headers(response)
        text_of(response)


def test_every_address_has_its_headers_when_the_service_fails(
    root: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.sessions.middleware import SessionMiddleware

    def fail(*args: Any) -> Any:
        raise RuntimeError("x")

    monkeypatch.setattr(SessionMiddleware, "process_request", fail)
    for address in all_addresses():
        response = root.get(address)
        assert response.status_code == 500
        assert_has_its_headers(response)


@pytest.mark.parametrize("path", ["/static/admin/css/base.css", "/static/nothing.css"])
def test_a_file_is_protected_but_may_be_kept_by_a_cache(anonymous: Client, path: str) -> None:
    response = anonymous.get(path)

    assert response.status_code == (404 if "nothing" in path else 200)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    text_of(response)


def test_a_script_is_text_in_every_page(root: Client) -> None:
    fill(SCRIPT)
    shown = []
    for address in all_addresses():
        response = root.get(address, headers={"accept": "text/html"})
        if response.get("Content-Type", "").startswith("text/html"):
            html = text_of(response)
            assert "<script>alert" not in html, address
            if "&lt;script&gt;alert(1)" in html:
                shown.append(address)

    # Those that show rows, the reject log and batches, in the API, for people and in the admin.
    for address in (
        "/rejected-rows/1/",
        "/api/v1/employees/1/",
        "/admin/ingestion/batch/1/change/",
    ):
        assert address in shown


def test_no_cell_of_any_csv_is_run_by_a_spreadsheet(api: Any) -> None:
    fill(FORMULA)
    found = []
    for address in all_addresses():
        response = api.get(address, {"table": "employees"} if "rows.csv" in address else {})
        if not response.get("Content-Type", "").startswith("text/csv"):
            response = api.get(address, {"format": "csv"})
        if response.get("Content-Type", "").startswith("text/csv"):
            cells = [cell for line in csv.reader(io.StringIO(text_of(response))) for cell in line]
            assert not [cell for cell in cells if cell.lstrip("\ufeff").startswith(tuple("=+-@"))]
            found += [address] if any(FORMULA in cell for cell in cells) else []

    assert found == [
        "/api/v1/batches/",
        "/api/v1/batches/1/rejected-rows.csv",
        "/api/v1/datasets/departments-above-mean/",
        "/api/v1/datasets/departments/",
        "/api/v1/datasets/employees/",
        "/api/v1/datasets/hires/",
        "/api/v1/datasets/jobs/",
        "/api/v1/datasets/quarterly-hires/",
        "/api/v1/departments/",
        "/api/v1/employees/",
        "/api/v1/jobs/",
        "/api/v1/rejected-rows.csv",
        "/api/v1/rejected-rows/",
        "/api/v1/reports/departments-above-mean/",
        "/api/v1/reports/quarterly-hires/",
    ]


INJECTED = "x\r\nSet-Cookie: a=b\r\n\r\n<b>"


@pytest.mark.parametrize("name", ["x-request-id", "idempotency-key", "host", "accept", "origin"])
def test_no_line_end_of_a_header_comes_back_in_one(
    api: Any, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    response = api.post("/api/v1/departments/", {}, format="json", headers={name: INJECTED})

    assert_no_line_end(response, capsys)


def test_no_line_end_of_an_address_comes_back_in_a_header_or_a_line_of_the_log(
    api: Any, root: Client, anonymous: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    quoted = INJECTED.replace("\r", "%0D").replace("\n", "%0A").replace(" ", "%20")
    for client in (api, root, anonymous):
        for address in all_addresses():
            for injected in (f"{address}?{quoted}={quoted}&next={quoted}", f"{address}{quoted}"):
                response = client.get(injected)
                text_of(response)
                assert_no_line_end(response, capsys)


def assert_no_line_end(response: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a" not in response.cookies
    for name, value in response.headers.items():
        assert "\r" not in name + value
        assert "\n" not in name + value
    said = capsys.readouterr()
    assert "Set-Cookie: a=b" not in said.out + said.err
