"""Whatever goes wrong is answered with one body: every source of errors, one after the other."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.ingestion.models import Batch
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.pages import Page
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"


def request(client: Any, method: str, path: str, body: Any, *, accept: str = "*/*") -> Any:
    """Sends `body` as JSON, except where a request has none."""
    if method == "get":
        return client.get(path, headers={"accept": accept})
    return getattr(client, method)(path, body, format="json", headers={"accept": accept})


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/nothing/",
        "/api/",
        "/api/v2/departments/",
        "/api/v1/nothing/",
        "/api/v1/departments/1/employees/",
        "/api/v1/departments/x/",
        "/api/v1/departments.json",
        "/api/v1/%00/",
        "/api/v1/%FF/",
        "/healthz/x",
        "/static/nothing.css",
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv", "*/*"])
def test_an_unknown_address_is_not_found(api: Any, path: str, accept: str) -> None:
    response = api.get(path, headers={"accept": accept})

    if accept == "text/html" and path in ("/nothing", "/nothing/"):
        # A person who mistyped the address of a page.
        assert response.status_code == 404
        assert "There is nothing at this address." in Page(response).text
        return
    problem = assert_problem(response, 404, "not_found")
    assert problem == {
        "type": "urn:hrapi:problem:not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not_found",
    }


def test_a_row_that_does_not_exist_is_not_found(api: Any) -> None:
    problem = assert_problem(api.get(f"{DEPARTMENTS}1/"), 404, "not_found")

    assert "1" not in problem["detail"]


@pytest.mark.parametrize(
    "method, path, allow",
    [
        ("put", DEPARTMENTS, "GET, POST, HEAD, OPTIONS"),
        ("delete", DEPARTMENTS, "GET, POST, HEAD, OPTIONS"),
        ("post", f"{DEPARTMENTS}1/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("trace", f"{DEPARTMENTS}1/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("post", "/api/v1/", "GET, HEAD, OPTIONS"),
        ("post", "/api/v1/batches/", "GET, HEAD, OPTIONS"),
        ("delete", "/api/v1/rejected-rows/1/", "GET, HEAD, OPTIONS"),
        ("post", "/api/v1/batches/1/rejected-rows.csv", "GET, HEAD, OPTIONS"),
        ("post", "/api/v1/reports/quarterly-hires/", "GET, HEAD, OPTIONS"),
        ("get", "/api/v1/auth/login/", "POST, OPTIONS"),
        ("get", "/api/v1/auth/logout/", "POST, OPTIONS"),
        ("post", "/api/v1/schema/", "GET, HEAD, OPTIONS"),
        ("post", "/api/v1/docs/", "GET, HEAD, OPTIONS"),
        ("post", "/metrics", "GET, HEAD, OPTIONS"),
        ("post", "/healthz", "GET, HEAD, OPTIONS"),
        ("delete", "/readyz", "GET, HEAD, OPTIONS"),
        ("get", "/accounts/logout/", "POST, OPTIONS"),
    ],
)
def test_a_method_that_is_not_there_is_answered_with_those_that_are(
    api: Any, method: str, path: str, allow: str
) -> None:
    response = getattr(api, method)(path)

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == allow


@pytest.mark.parametrize(
    "body, code",
    [("{", "malformed_json"), ("[]", "empty_batch"), ("7", "wrong_top_level_type")],
)
def test_a_body_that_cannot_be_read_is_refused_with_the_batch_that_records_it(
    api: Any, body: str, code: str
) -> None:
    response = api.generic("POST", DEPARTMENTS, body, content_type="application/json")

    problem = assert_problem(response, 400, code)
    assert list(problem)[5:] == ["batch"]
    assert problem["batch"] == Batch.objects.get().pk


@pytest.mark.parametrize(
    "media_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded", ""]
)
def test_another_media_type_is_refused(api: Any, media_type: str) -> None:
    response = api.generic("POST", DEPARTMENTS, "x", content_type=media_type)

    problem = assert_problem(response, 415, "unsupported_media_type")
    assert (
        "application/json or application/jsonlines or text/csv or multipart/form-data"
        in problem["detail"]
    )


def test_missing_credentials_are_asked_for(anonymous: APIClient) -> None:
    response = anonymous.get(DEPARTMENTS)

    assert assert_problem(response, 401, "not_authenticated")["detail"] == (
        "Authentication credentials were not provided."
    )
    assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'


def test_what_a_user_may_not_do_is_forbidden(client_of: Any) -> None:
    response = client_of("readers").post(DEPARTMENTS, {"id": 1, "department": "x"})

    assert assert_problem(response, 403, "permission_denied")["detail"] == (
        "You do not have permission to perform this action."
    )
    assert Department.objects.count() == 0


def test_a_conflict_says_what_is_in_the_way(api: Any) -> None:
    employee = EmployeeFactory()

    response = api.delete(f"{DEPARTMENTS}{employee.department_id}/")

    assert assert_problem(response, 409, "conflict")["detail"] == (
        f"Rows of employees refer to department {employee.department_id}."
        " Change or delete them first."
    )


@pytest.mark.parametrize(
    "path",
    [
        f"{DEPARTMENTS}?colour=red",
        f"{DEPARTMENTS}1/?page_size=5",
        "/api/v1/employees/?hired_from=x",
        "/api/v1/reports/quarterly-hires/?year=1899",
        "/api/v1/reports/departments-above-mean/?jahr=2021",
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "*/*"])
def test_a_wrong_parameter_is_refused(api: Any, path: str, accept: str) -> None:
    DepartmentFactory(id=1)

    assert_problem(api.get(path, headers={"accept": accept}), 400, "invalid_parameter")


@pytest.mark.parametrize("method", ["post", "put", "delete", "trace"])
def test_of_a_method_and_a_format_that_are_not_there_the_method_counts(
    api: Any, method: str
) -> None:
    response = getattr(api, method)("/api/v1/batches/?format=csv")

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "path, formats",
    [
        ("/api/v1/", "json, api"),
        (DEPARTMENTS, "json, api, csv"),
        (f"{DEPARTMENTS}1/", "json, api"),
        ("/api/v1/reports/quarterly-hires/", "json, api, csv"),
        ("/metrics", "json, api"),
    ],
)
@pytest.mark.parametrize("format_", ["xml", "CSV", "json;", "admin"])
def test_an_unknown_format_is_refused_with_those_there_are(
    api: Any, path: str, formats: str, format_: str
) -> None:
    problem = assert_problem(api.get(path, {"format": format_}), 400, "invalid_parameter")

    assert problem["detail"] == f"format: choose one of {formats}."


@pytest.mark.parametrize("accept", ["image/png", "application/xml", "nonsense", ";;,", "text/*"])
def test_what_nobody_can_render_is_answered_in_json_or_a_page(api: Any, accept: str) -> None:
    response = api.get(DEPARTMENTS, headers={"accept": accept})

    assert response.status_code == 200
    expected = "text/html; charset=utf-8" if accept == "text/*" else "application/json"
    assert response["Content-Type"] == expected


@pytest.mark.parametrize("accept", ["text/csv", "image/png", "application/problem+json", "*/*"])
@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("get", f"{DEPARTMENTS}1/", 404, "not_found"),
        ("get", f"{DEPARTMENTS}?x=1", 400, "invalid_parameter"),
        ("put", DEPARTMENTS, 405, "method_not_allowed"),
        ("get", "/api/v1/batches/1/rejected-rows.csv", 404, "not_found"),
        ("get", "/api/v1/reports/quarterly-hires/?year=x", 400, "invalid_parameter"),
    ],
)
def test_a_problem_is_json_whatever_else_was_asked_for(
    api: Any, method: str, path: str, status: int, code: str, accept: str
) -> None:
    response = getattr(api, method)(path, headers={"accept": accept})

    assert_problem(response, status, code)


def test_a_problem_is_json_where_csv_was_asked_for_in_the_address(api: Any) -> None:
    assert_problem(api.get(f"{DEPARTMENTS}?format=csv&x=1"), 400, "invalid_parameter")


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("get", f"{DEPARTMENTS}9/", 404, "not_found"),
        ("get", f"{DEPARTMENTS}?x=1", 400, "invalid_parameter"),
        ("get", "/api/v1/reports/quarterly-hires/?year=x", 400, "invalid_parameter"),
        ("put", DEPARTMENTS, 405, "method_not_allowed"),
        ("delete", f"{DEPARTMENTS}1/", 409, "conflict"),
        ("patch", f"{DEPARTMENTS}1/", 422, "required"),
        ("post", DEPARTMENTS, 422, "required"),
    ],
)
def test_in_the_browser_a_problem_is_a_page(
    api: Any, method: str, path: str, status: int, code: str
) -> None:
    EmployeeFactory(department__id=1)

    response = request(api, method, path, {"department": ""}, accept="text/html")

    assert response.status_code == status
    assert response["Content-Type"] == "text/html; charset=utf-8"
    page = text_of(response)
    assert f"urn:hrapi:problem:{code}" in page
    assert f"HTTP {status} " in page


@pytest.mark.parametrize(
    "path", [DEPARTMENTS, f"{DEPARTMENTS}1/", "/api/v1/reports/quarterly-hires/"]
)
def test_in_the_browser_missing_credentials_and_permissions_are_pages(
    anonymous: APIClient, client_of: Any, path: str
) -> None:
    unknown = anonymous.get(path, headers={"accept": "text/html"})
    forbidden = client_of("").get(path, headers={"accept": "text/html"})

    assert (unknown.status_code, forbidden.status_code) == (401, 403)
    assert "urn:hrapi:problem:not_authenticated" in text_of(unknown)
    assert "urn:hrapi:problem:permission_denied" in text_of(forbidden)
    assert unknown["Content-Type"] == forbidden["Content-Type"] == "text/html; charset=utf-8"


@contextmanager
def a_database_that_raises(error: Exception) -> Iterator[None]:
    """Every statement raises `error`, as when the connection broke."""

    def refuse(*args: Any) -> Any:
        raise error

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize("accept", ["application/json", "text/csv", "text/html"])
@pytest.mark.parametrize(
    "method, path",
    [
        ("get", DEPARTMENTS),
        ("get", f"{DEPARTMENTS}1/"),
        ("post", DEPARTMENTS),
        ("patch", f"{DEPARTMENTS}1/"),
        ("delete", f"{DEPARTMENTS}1/"),
        ("get", "/api/v1/batches/"),
        ("get", "/api/v1/reports/quarterly-hires/"),
    ],
)
def test_a_database_that_is_gone_is_answered_503_without_a_word_of_it(
    api: Any, kind: type[Exception], method: str, path: str, accept: str
) -> None:
    with a_database_that_raises(kind("server at 10.0.0.1 closed; row (7, Ann Secret)")):
        response = request(api, method, path, {"id": 1, "department": "Ann"}, accept=accept)

    assert response["Retry-After"] == "5"
    problem = assert_problem(response, 503, "service_unavailable")
    assert problem == {
        "type": "urn:hrapi:problem:service_unavailable",
        "title": "Service Unavailable",
        "status": 503,
        "detail": (
            "The database is busy or cannot be reached. Try again later: rows that were stored all the same"
            " will be found unchanged."
        ),
        "code": "service_unavailable",
    }


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
@pytest.mark.parametrize(
    "service, method, path",
    [
        ("hrapi.ingestion.views.ingest_batch", "post", DEPARTMENTS),
        ("hrapi.ingestion.views.update_row", "patch", f"{DEPARTMENTS}1/"),
        ("hrapi.ingestion.views.delete_row", "delete", f"{DEPARTMENTS}1/"),
        ("hrapi.ingestion.views.record_refusal", "post", f"{DEPARTMENTS}?mode=x"),
    ],
)
def test_a_service_that_finds_the_database_gone_is_answered_503(
    api: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
    service: str,
    method: str,
    path: str,
    kind: type[Exception],
) -> None:
    DepartmentFactory(id=1, department="Sales")
    monkeypatch.setattr(service, raising(kind("row (7, Ann Secret)")))

    response = request(api, method, path, {"id": 1, "department": "New"})

    problem = assert_problem(response, 503, "service_unavailable")
    assert response["Retry-After"] == "5"
    assert "Secret" not in json.dumps(problem) + caplog.text
    assert Department.objects.get().department == "Sales"


def test_a_session_that_finds_the_database_gone_is_answered_503(db: None) -> None:
    User.objects.create_user("ann", password="a long password")
    client = Client(raise_request_exception=False)
    client.login(username="ann", password="a long password")

    with a_database_that_raises(OperationalError("Ann Secret")):
        response = client.get(DEPARTMENTS)

    problem = assert_problem(response, 503, "service_unavailable")
    assert response["Retry-After"] == "5"
    assert "Secret" not in json.dumps(problem)


def raising(error: Exception) -> Any:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """Every record of a warning or worse, also of the loggers that hand nothing on to the root."""
    records: list[logging.LogRecord] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keeper = Keeper(logging.WARNING)
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(keeper)
    yield records
    for logger in loggers:
        logger.removeHandler(keeper)


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv"])
@pytest.mark.parametrize(
    "service, method, path",
    [
        ("hrapi.ingestion.views.ingest_batch", "post", DEPARTMENTS),
        ("hrapi.ingestion.views.update_row", "patch", f"{DEPARTMENTS}1/"),
        ("hrapi.ingestion.views.delete_row", "delete", f"{DEPARTMENTS}1/"),
        ("reports.views.open_rejections", "get", "/api/v1/reports/quarterly-hires/"),
        ("hrapi.health.MigrationExecutor", "get", "/readyz"),
    ],
)
def test_a_fault_of_ours_is_answered_500_without_a_word_of_it_and_logged_once(
    api: Any,
    monkeypatch: pytest.MonkeyPatch,
    logged: list[logging.LogRecord],
    service: str,
    method: str,
    path: str,
    accept: str,
) -> None:
    DepartmentFactory(id=1)
    monkeypatch.setattr(service, raising(RuntimeError("secret detail")))

    response = request(api, method, path, {"id": 2, "department": "New"}, accept=accept)

    assert assert_problem(response, 500, "internal_error") == {
        "type": "urn:hrapi:problem:internal_error",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Something is wrong on our side. It has been logged.",
        "code": "internal_error",
    }
    [record] = logged
    assert record.levelname == "ERROR"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "secret detail"
    assert record.exc_info[2] is not None


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("get", "/nothing", 404),
        ("get", f"{DEPARTMENTS}?x=1", 400),
        ("put", DEPARTMENTS, 405),
        ("post", DEPARTMENTS, 422),
    ],
)
def test_a_fault_of_the_client_is_not_logged(
    api: Any, logged: list[logging.LogRecord], method: str, path: str, status: int
) -> None:
    assert request(api, method, path, {}).status_code == status

    assert logged == []


@pytest.fixture
def browser(db: None) -> Client:
    """A browser that is logged in, with the cookie that pages with forms set."""
    user = User.objects.create_user("browser", password="a long password")
    user.groups.add(Group.objects.get(name="administrators"))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(username="browser", password="a long password")
    client.get(DEPARTMENTS, headers={"accept": "text/html"})
    return client


def test_a_form_without_its_token_is_forbidden(browser: Client) -> None:
    problem = assert_problem(
        browser.post(DEPARTMENTS, {"id": 1, "department": "x"}), 403, "permission_denied"
    )

    assert problem["detail"] == "CSRF Failed: CSRF token missing."
    assert Department.objects.count() == 0


def test_the_login_page_without_its_token_is_forbidden() -> None:
    client = Client(enforce_csrf_checks=True)

    response = client.post("/accounts/login/", {"username": "a", "password": "b"})

    problem = assert_problem(response, 403, "permission_denied")
    assert problem["detail"] == "CSRF cookie not set. Open the page anew and try again."


def token_of(browser: Client) -> str:
    return browser.cookies["csrftoken"].value


def test_a_form_with_too_large_fields_is_refused(browser: Client, settings: Any) -> None:
    settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    form = {"csrfmiddlewaretoken": token_of(browser), "id": 1, "department": "x" * 3000}

    assert_problem(browser.post(DEPARTMENTS, form), 413, "body_too_large")
    assert Department.objects.count() == 0


def test_a_form_with_too_large_a_file_is_refused(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 2000
    file = SimpleUploadedFile("d.csv", b"id,department\n" + b"1,Sales\n" * 300)

    response = api.post(DEPARTMENTS, {"file": file}, format="multipart")

    problem = assert_problem(response, 413, "body_too_large")
    assert problem["batch"] == Batch.objects.get().pk
    assert Department.objects.count() == 0


def test_the_login_page_with_too_large_a_form_is_refused(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    client = Client(raise_request_exception=False)

    response = client.post(
        "/accounts/login/",
        "password=" + "x" * 3000,
        content_type="application/x-www-form-urlencoded",
    )

    assert_problem(response, 413, "body_too_large")


@pytest.mark.parametrize(
    "content_type, body",
    [
        pytest.param("multipart/form-data", b"x", id="no boundary"),
        pytest.param("multipart/form-data; boundary=", b"x", id="empty boundary"),
        pytest.param("multipart/form-data; boundary=\xe9", b"x", id="boundary not in ASCII"),
        pytest.param("multipart/form-data; boundary=B", b"", id="empty"),
        pytest.param("multipart/form-data; boundary=B", b"garbage", id="no parts"),
        pytest.param(
            "multipart/form-data; boundary=B",
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n!\r\n--B--\r\n",
            id="broken Base64",
        ),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(api: Any, content_type: str, body: bytes) -> None:
    response = api.generic("POST", DEPARTMENTS, body, content_type=content_type)

    assert response.status_code in (400, 422), response.content
    assert_problem(response, response.status_code, response.json()["code"])
    assert response.json()["code"] in ("undecodable", "required", "empty_batch")
    assert Department.objects.count() == 0


def test_a_form_with_too_many_fields_is_refused(api: Any) -> None:
    fields = {f"field {number}": "x" for number in range(1001)}

    response = api.post(DEPARTMENTS, fields, format="multipart")

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == "The form or the address has more than 1,000 fields."


def test_an_address_with_too_many_parameters_is_refused(api: Any) -> None:
    response = api.get(DEPARTMENTS + "?" + "&".join(["page_size=1"] * 1001))

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == "The form or the address has more than 1,000 fields."


def test_a_form_with_too_many_files_is_refused(api: Any) -> None:
    files = {f"file {number}": SimpleUploadedFile("a", b"x") for number in range(101)}

    response = api.post(DEPARTMENTS, files, format="multipart")

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == "The form has more than 100 files."


def test_a_host_that_is_not_ours_is_refused(api: Any) -> None:
    response = api.get(DEPARTMENTS, headers={"host": "evil.example"})

    problem = assert_problem(response, 400, "invalid_parameter")
    assert problem["detail"] == "ALLOWED_HOSTS does not name the host of this address."
    assert "evil" not in json.dumps(problem)


def test_a_page_of_the_admin_that_is_not_there_is_a_problem() -> None:
    User.objects.create_superuser("root", password="a long password")
    client = Client(raise_request_exception=False)
    client.login(username="root", password="a long password")

    assert_problem(client.get("/admin/nothing/"), 404, "not_found")
    assert_problem(client.get("/admin/ingestion/batch/add/"), 403, "permission_denied")
