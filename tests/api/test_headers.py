"""What every answer carries, and the pages: headers, forms, tables, and names that are only text."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.sample_data import department_rows, job_rows
from jobs.models import Job
from tests.factories import DepartmentFactory, EmployeeFactory, JobFactory
from tests.pages import Form, Page
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

HTML = {"accept": "text/html"}
DEPARTMENTS, EMPLOYEES = "/api/v1/departments/", "/api/v1/employees/"
TABLES = {"departments": Department, "jobs": Job, "employees": Employee}
EVIL = "<script>alert(1)</script>{{7*7}}"


def browser_of(name: str, *, group: str = "", **flags: bool) -> Client:
    """A browser in which a user of the group is logged in."""
    user = User.objects.create_user(name, password="a long password", **flags)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.login(username=name, password="a long password")
    return client


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of("browser", group="administrators")


@pytest.fixture
def root(db: None) -> Client:
    """A browser in which somebody is logged in who may do everything in the admin."""
    return browser_of("root", is_staff=True, is_superuser=True)


@pytest.fixture
def sample(db: None) -> None:
    """The departments and jobs that example rows refer to."""
    Department.objects.bulk_create(Department(**row) for row in department_rows())
    Job.objects.bulk_create(Job(**row) for row in job_rows())


def send(client: Client, body: Any, *, to: str = DEPARTMENTS, **headers: str) -> Any:
    token = client.cookies["csrftoken"].value if "csrftoken" in client.cookies else ""
    return client.post(
        to,
        json.dumps(body),
        content_type="application/json",
        headers={"x-csrftoken": token, **headers},
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv"])
@pytest.mark.parametrize(
    "method, path, status",
    [
        ("get", "/api/v1/", 200),
        ("get", DEPARTMENTS, 200),
        ("get", f"{DEPARTMENTS}1/", 200),
        ("get", "/api/v1/batches/", 200),
        ("get", "/api/v1/rejected-rows/", 200),
        ("get", "/api/v1/reports/quarterly-hires/", 200),
        ("head", EMPLOYEES, 200),
        ("options", EMPLOYEES, 200),
        ("post", DEPARTMENTS, 422),
        ("patch", f"{DEPARTMENTS}1/", 200),
        ("delete", f"{DEPARTMENTS}1/", 204),
        ("get", f"{DEPARTMENTS}?x=1", 400),
        ("get", f"{DEPARTMENTS}9/", 404),
        ("get", "/api/v1/nothing/", 404),
        ("get", "/nothing", 404),
        ("put", DEPARTMENTS, 405),
        ("post", "/healthz", 405),
        ("get", "/accounts/logout/", 405),
        ("get", "/healthz", 200),
        ("get", "/readyz", 200),
        ("get", "/metrics", 200),
        ("get", "/", 302),
        ("get", "/accounts/login/", 200),
        ("get", "/admin/", 302),
        ("get", "/admin/login/", 200),
    ],
)
def test_every_answer_has_the_headers_that_protect_it(
    api: Any, method: str, path: str, status: int, accept: str
) -> None:
    DepartmentFactory(id=1)
    headers = {"accept": accept}
    if (method, accept) == ("delete", "text/html"):
        status = 200  # a page, which has a body
    if method in ("post", "patch", "put"):
        response = getattr(api, method)(path, {}, format="json", headers=headers)
    else:
        response = getattr(api, method)(path, headers=headers)

    assert response.status_code == status
    assert_protected(response)


def test_the_schema_has_the_headers_that_protect_it(api: Any) -> None:
    assert_protected(api.get("/api/v1/schema/"))


def assert_protected(response: Any) -> None:
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    kept = response["Cache-Control"]
    # What shows no person may be kept by its reader, who asks each time whether it is still so.
    assert "no-store" in kept or (kept == "private, no-cache" and "ETag" in response)
    assert "Server" not in response
    assert "X-Powered-By" not in response


@pytest.mark.parametrize("status", [401, 403, 409, 413, 415, 500, 503])
def test_every_refusal_has_the_headers_that_protect_it(
    api: Any, client_of: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from django.db import OperationalError

    employee = EmployeeFactory()
    row = {"id": 1, "department": "x"}
    if status in (500, 503):
        error = RuntimeError("x") if status == 500 else OperationalError("x")

        def fail(*args: Any) -> Any:
            raise error

        monkeypatch.setattr("hrapi.ingestion.views.ingest_batch", fail)
        response = api.post(DEPARTMENTS, row, format="json")
    elif status == 401:
        response = Client().get(DEPARTMENTS)
    elif status == 403:
        response = client_of("readers").post(DEPARTMENTS, row, format="json")
    elif status == 409:
        response = api.delete(f"{DEPARTMENTS}{employee.department_id}/")
    elif status == 413:
        settings.MAX_BODY_BYTES = 5
        response = api.post(DEPARTMENTS, row, format="json")
    else:
        response = api.post(DEPARTMENTS, "<x/>", content_type="application/xml")

    assert response.status_code == status
    assert_protected(response)


def test_a_new_token_is_kept_by_no_cache() -> None:
    User.objects.create_user("ann", password="p")

    response = Client().post("/api/v1/auth/login/", headers={"authorization": "Basic YW5uOnA="})

    assert response.status_code == 200
    assert_protected(response)


def test_no_answer_allows_another_origin_to_read_it(api: Any) -> None:
    for path in (DEPARTMENTS, "/api/v1/", "/healthz", "/metrics"):
        response = api.get(path, headers={"origin": "https://evil.example"})
        assert not [name for name in response.headers if name.startswith("Access-Control-")]


CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)

PAGES = [
    "/",
    "/connect/",
    "/rejected-rows/",
    "/rejected-rows/?table=departments",
    "/rejected-rows/1/",
    "/nothing",
    "/api/v1/",
    "/api/v1/departments/",
    "/api/v1/departments/1/",
    "/api/v1/departments/?department=x",
    "/api/v1/departments/?page_size=1",
    "/api/v1/departments/?x=1",
    "/api/v1/departments/9/",
    "/api/v1/jobs/",
    "/api/v1/employees/",
    "/api/v1/employees/1/",
    "/api/v1/batches/",
    "/api/v1/batches/1/",
    "/api/v1/rejected-rows/",
    "/api/v1/rejected-rows/1/",
    "/api/v1/reports/quarterly-hires/?year=2021",
    "/api/v1/reports/departments-above-mean/?year=2021",
    "/api/v1/docs/",
    "/accounts/login/",
    "/admin/",
    "/admin/login/",
    "/admin/ingestion/batch/",
    "/admin/ingestion/batch/1/change/",
    "/admin/ingestion/rejectedrow/",
    "/admin/ingestion/rejectedrow/1/change/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/knox/authtoken/",
]


@pytest.fixture
def one_of_each(db: None) -> None:
    """Rows and entries of the log whose texts are a script and a template."""
    DepartmentFactory(id=1, department=EVIL)
    DepartmentFactory(id=2)
    JobFactory(id=1, job=EVIL)
    EmployeeFactory(id=1, name=EVIL, department_id=1, job_id=1, department=None, job=None)
    batch = Batch.objects.create(
        id=1,
        table="departments",
        source="api",
        mode="partial",
        file_name=EVIL,
        received=1,
        rejected=1,
    )
    RejectedRow.objects.create(
        id=1,
        batch=batch,
        table="departments",
        index=0,
        raw=json.dumps({"id": 3, "department": EVIL}),
        raw_length=1,
        errors=[{"field": EVIL, "code": "unknown_field", "message": EVIL, "value": EVIL}],
        codes=["unknown_field"],
    )


def open_page(client: Client, path: str) -> Page:
    response = client.get(path, headers=HTML, follow=path == "/admin/login/")
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    return Page(response)


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_and_sends_nothing_elsewhere_and_has_no_script_inside(
    root: Client, path: str
) -> None:
    page = open_page(root, path)

    assert page.sources
    hosts = {urlsplit(address).netloc for _, address in page.sources}
    assert hosts <= {"", "testserver"}
    assert {urlsplit(address).scheme for _, address in page.sources} <= {"", "http", "data"}
    assert page.inline_scripts == []


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_loads_is_there(root: Client, path: str) -> None:
    page = open_page(root, path)

    for tag, address in page.sources:
        if tag in ("script", "link", "img") and not address.startswith("data:"):
            response = root.get(address)
            assert response.status_code == 200, address
            # A file is closed when it was read to its end.
            assert b"".join(response.streaming_content if response.streaming else [b"x"])


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rejected-rows/",
        "/rejected-rows/1/",
        "/api/v1/departments/",
        "/api/v1/departments/1/",
        "/api/v1/jobs/",
        "/api/v1/employees/",
        "/api/v1/employees/1/",
        "/api/v1/batches/",
        "/api/v1/batches/1/",
        "/api/v1/rejected-rows/",
        "/api/v1/rejected-rows/1/",
        "/api/v1/reports/quarterly-hires/?year=2021",
        "/api/v1/reports/departments-above-mean/?year=2021",
        "/admin/ingestion/batch/",
        "/admin/ingestion/batch/1/change/",
        "/admin/ingestion/rejectedrow/1/change/",
    ],
)
def test_a_script_in_a_name_is_text_in_every_page(root: Client, path: str) -> None:
    page = open_page(root, path)

    assert "<script>alert" not in page.html
    shown = page.text + "".join(value for form in page.forms for value in form.fields.values())
    assert "alert(1)" in shown
    assert "{{7*7}}" in shown


@pytest.mark.parametrize("parameter", ["x", "page_size", "cursor", "department", "format"])
def test_a_script_in_an_address_is_text(root: Client, parameter: str) -> None:
    response = root.get(DEPARTMENTS, {parameter: EVIL}, headers=HTML)

    assert b"<script>alert" not in response.content
    unknown = root.get(f"/api/v1/{EVIL}/", headers=HTML)
    assert unknown.status_code == 404
    assert b"<script>alert" not in unknown.content


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "fields",
    [
        {"id": "1000", "department": "", EVIL: EVIL},
        {"id": EVIL, "department": EVIL},
        {"id": '"><script>alert(1)</script>', "department": "x"},
    ],
)
def test_a_script_in_a_form_is_text_in_the_answer(
    browser: Client, fields: dict[str, str]
) -> None:  # fmt: skip
    browser.get(DEPARTMENTS, headers=HTML)
    token = browser.cookies["csrftoken"].value

    response = browser.post(DEPARTMENTS, fields | {"csrfmiddlewaretoken": token}, headers=HTML)

    assert response.status_code == 422
    page = Page(response)
    assert "<script>alert" not in page.html
    assert "alert(1)" in page.text


@pytest.mark.usefixtures("sample")
def test_a_form_with_faults_is_shown_again_as_it_was_filled_in(browser: Client) -> None:
    form = open_page(browser, EMPLOYEES).form("post-row")
    sent = {"id": "seven", "name": "", "datetime": "yesterday", "department_id": "99", "job_id": ""}

    response = browser.post(EMPLOYEES, form.fields | sent, headers=HTML)

    assert response.status_code == 422, response.content
    page = Page(response)
    assert [row[3:5] for row in page.tables[0][1:]] == [
        ["id", "not_an_integer"],
        ["name", "required"],
        ["datetime", "invalid_datetime"],
        ["department_id", "unknown_department"],
        ["job_id", "required"],
    ]
    shown = page.form("post-row").fields
    assert {name: shown[name] for name in sent} == sent


def test_a_form_without_some_fields_is_answered_like_any_other(browser: Client) -> None:
    open_page(browser, DEPARTMENTS)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}

    for fields in (token, token | {"id": "7"}, token | {"nickname": "Zed"}):
        response = browser.post(DEPARTMENTS, fields, headers=HTML)
        assert response.status_code == 422, response.content
        assert ["department", "required"] in [row[3:5] for row in Page(response).tables[0]]


@pytest.mark.usefixtures("sample")
def test_a_script_in_a_file_is_text_in_the_answer(browser: Client) -> None:
    browser.get(DEPARTMENTS, headers=HTML)
    file = SimpleUploadedFile(
        "<script>alert(2)</script>.csv", f"id,department\n{EVIL},{EVIL}\n".encode()
    )

    response = browser.post(
        DEPARTMENTS,
        {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value, "file": file},
        headers=HTML,
    )

    assert response.status_code == 422
    page = Page(response)
    assert "<script>alert" not in page.html
    assert page.tables[0][1][3:5] == ["id", "not_an_integer"]
    assert page.tables[0][1][6] == EVIL


def as_browsers_post(form: Form, page_path: str) -> tuple[str, dict[str, Any]]:
    """Where the form goes, and its own fields."""
    return form.attributes.get("action") or page_path, dict(form.fields)


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("table", TABLES)
def test_the_form_of_a_row_is_empty_and_takes_what_it_shows_as_examples(
    browser: Client, table: str
) -> None:
    path = f"/api/v1/{table}/"
    before = TABLES[table]._default_manager.count()
    form = open_page(browser, path).form("post-row")
    action, fields = as_browsers_post(form, path)
    assert {fields[name] for name in form.examples} == {""}
    fields |= form.examples

    response = browser.post(action, fields, headers=HTML)

    assert response.status_code == 201, response.content
    assert TABLES[table]._default_manager.count() == before + 1
    assert response["Location"] == f"http://testserver{path}{fields['id']}/"
    page = Page(response)
    assert fields["id"] in page.text
    again = browser.post(action, fields, headers=HTML)
    assert again.status_code == 200


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("table", TABLES)
def test_the_form_of_a_file_takes_a_file(browser: Client, table: str) -> None:
    path = f"/api/v1/{table}/"
    before = TABLES[table]._default_manager.count()
    page = open_page(browser, path)
    row = page.form("post-row").examples
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    form = page.form("post-file")
    action, fields = as_browsers_post(form, path)
    assert form.files == ["file"]
    assert form.attributes["enctype"] == "multipart/form-data"

    response = browser.post(
        action, fields | {"file": SimpleUploadedFile("rows.csv", text.encode())}, headers=HTML
    )

    assert response.status_code == 201, response.content
    assert TABLES[table]._default_manager.count() == before + 1
    assert Batch.objects.get().file_name == "rows.csv"
    assert "1 received" in " ".join(Page(response).text.split())


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("table", TABLES)
def test_the_form_of_a_batch_can_be_posted_as_it_stands(browser: Client, table: str) -> None:
    path = f"/api/v1/{table}/"
    before = TABLES[table]._default_manager.count()
    form = open_page(browser, path).form("post-batch")
    action, fields = as_browsers_post(form, path)
    rows = json.loads(fields["_content"])
    assert len(rows) == 2

    response = browser.post(
        action,
        fields["_content"],
        content_type=fields["_content_type"],
        headers=HTML | {"x-csrftoken": browser.cookies["csrftoken"].value},
    )

    assert response.status_code == 201, response.content
    assert TABLES[table]._default_manager.count() == before + 2
    assert "2 inserted" in " ".join(Page(response).text.split())


def test_the_form_of_a_batch_offers_json_and_csv_and_csv_can_be_posted(browser: Client) -> None:
    page = open_page(browser, DEPARTMENTS)
    assert ">text/csv</option>" in page.html

    response = browser.post(
        page.form("post-batch").attributes["action"],
        "id,department\n7,Sales\n",
        content_type="text/csv",
        headers=HTML | {"x-csrftoken": browser.cookies["csrftoken"].value},
    )

    assert response.status_code == 201, response.content
    assert list(Department.objects.values_list("id", "department")) == [(7, "Sales")]


@pytest.mark.parametrize(
    "query", ["?page_size=5", "?department=x&page_size=1", "?cursor=x", "?format=api"]
)
def test_the_forms_keep_nothing_of_the_address_of_the_list(browser: Client, query: str) -> None:
    page = Page(browser.get(f"{DEPARTMENTS}{query}", headers=HTML))

    actions = {
        action
        for name in ("post-row", "post-file", "post-batch")
        for action in (page.form(name).attributes["action"], *page.form(name).actions)
    }
    assert actions == {
        DEPARTMENTS,
        f"{DEPARTMENTS}?dry_run=true",
        f"{DEPARTMENTS}?mode=atomic",
    }


def test_a_dry_run_from_the_form_keeps_nothing_and_says_so(browser: Client) -> None:
    form = open_page(browser, DEPARTMENTS).form("post-row")

    sent = form.fields | form.examples
    response = browser.post(f"{DEPARTMENTS}?dry_run=true", sent, headers=HTML)

    assert response.status_code == 200
    assert (Department.objects.count(), Batch.objects.count()) == (0, 0)


def test_the_answer_to_a_batch_is_a_page_with_a_table_of_what_is_wrong(browser: Client) -> None:
    browser.get(DEPARTMENTS, headers=HTML)
    rows = [
        {"id": 1, "department": "Sales"},
        {"id": "x", "department": ""},
        {"id": 1, "department": "Legal"},
    ]

    response = send(browser, rows, accept="text/html")

    assert response.status_code == 207
    page = Page(response)
    batch = Batch.objects.get()
    assert page.tables[0] == [
        ["Row", "Line", "id", "Field", "Code", "What is wrong", "Sent"],
        [
            *("1", "", "", "id", "not_an_integer"),
            *("Send a whole number in the digits 0 to 9, like 7.", "x"),
        ],
        ["1", "", "", "department", "required", "This field is required.", ""],
        [
            *("2", "", "1", "id", "duplicate_in_batch"),
            *("An earlier row of this batch has the id 1 and other content.", "1"),
        ],
    ]
    text = " ".join(page.text.split())
    assert "3 received 1 inserted 0 unchanged 2 rejected 0 not attempted" in text
    assert f"/batches/{batch.pk}/" in page.links
    assert f"/rejected-rows/?table=departments&batch={batch.pk}" in page.links
    assert f"/api/v1/batches/{batch.pk}/rejected-rows.csv" in page.links
    for link in page.links:
        if link.startswith(("/batches/", "/api/v1/batches/", "/rejected-rows/")):
            assert browser.get(link).status_code == 200


def test_the_answer_to_a_dry_run_with_faults_is_a_page(browser: Client) -> None:
    browser.get(DEPARTMENTS, headers=HTML)

    response = send(
        browser, [{"id": 1}], to=f"{DEPARTMENTS}?dry_run=true&mode=atomic", accept="text/html"
    )

    assert response.status_code == 422
    page = Page(response)
    assert "Dry run: nothing was kept" in page.text
    assert page.tables[0][1][3:5] == ["department", "required"]
    assert RejectedRow.objects.count() == 0


@pytest.mark.parametrize("table", TABLES)
def test_a_user_who_may_not_post_sees_no_form_for_it(db: None, table: str) -> None:
    page = open_page(browser_of("reader", group="readers"), f"/api/v1/{table}/")

    assert [form for form in page.forms if form.attributes.get("id", "").startswith("post-")] == []
    to_the_api = [f for f in page.forms if f.attributes.get("action", "").startswith("/api/")]
    assert [form.attributes["data-method"] for form in to_the_api] == ["OPTIONS"]
    assert "_content" not in page.html


@pytest.mark.parametrize(
    "group, methods",
    [
        ("readers", set()),
        ("loaders", set()),
        ("stewards", {"PUT"}),
        ("administrators", {"PUT", "DELETE"}),
    ],
)
def test_the_page_of_a_row_offers_what_the_user_may_do(
    db: None, group: str, methods: set[str]
) -> None:
    DepartmentFactory(id=1, department="Sales")

    page = open_page(browser_of("somebody", group=group), f"{DEPARTMENTS}1/")

    offered = {form.attributes.get("data-method") for form in page.forms} & {"PUT", "DELETE"}
    assert offered == methods
    if "PUT" in methods:
        [content] = [f.fields["_content"] for f in page.forms if "_content" in f.fields]
        assert json.loads(content) == {"id": 1, "department": "Sales"}


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


@pytest.mark.usefixtures("one_of_each")
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


@pytest.mark.usefixtures("one_of_each")
def test_the_admin_finds_rejected_rows_and_survives_any_search(root: Client) -> None:
    for query in ("1", "x", "'", "\x00", "9" * 30, EVIL):
        response = root.get("/admin/ingestion/rejectedrow/", {"q": query})
        assert response.status_code in (200, 302), (query, response.status_code)
        assert b"<script>alert" not in response.content


def test_a_browser_without_a_login_is_shown_the_way_to_it(db: None) -> None:
    response = Client().get(DEPARTMENTS, headers=HTML)

    assert response.status_code == 401
    assert "/accounts/login/?next=/api/v1/departments/" in Page(response).links


def log_in(client: Client, **fields: str) -> Any:
    User.objects.create_user("ann", password="a long password")
    query = f"?next={fields['next']}" if "next" in fields else ""
    page = open_page(client, f"/accounts/login/{query}")
    [form] = page.forms
    return client.post(
        form.attributes.get("action") or "/accounts/login/", form.fields | fields, headers=HTML
    )


def test_the_login_page_leads_to_where_somebody_wanted_to_go(db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    response = log_in(
        client, username="ann", password="a long password", next="/api/v1/departments/?page_size=5"
    )

    assert response.status_code == 302
    assert response["Location"] == "/api/v1/departments/?page_size=5"
    assert client.get("/api/v1/").status_code == 200
    cookie = response.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_the_login_page_leads_to_the_start_by_itself(db: None) -> None:
    response = log_in(
        Client(enforce_csrf_checks=True), username="ann", password="a long password"
    )  # fmt: skip

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"],
)
def test_the_login_page_leads_nowhere_else(db: None, elsewhere: str) -> None:
    response = log_in(
        Client(enforce_csrf_checks=True),
        username="ann",
        password="a long password",
        next=elsewhere,
    )

    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_shows_the_login_page_again(db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    response = log_in(client, username="ann", password="wrong", next="/api/v1/")

    assert response.status_code == 200
    page = Page(response)
    assert "Please enter a correct username and password." in page.text
    assert client.get("/api/v1/").status_code == 401


def test_a_user_can_log_out_from_every_page(browser: Client) -> None:
    page = open_page(browser, DEPARTMENTS)
    [form] = [
        f for f in page.forms if f.attributes.get("action", "").startswith("/accounts/logout")
    ]

    response = browser.post(form.attributes["action"], form.fields)

    assert response.status_code == 302
    assert browser.get("/api/v1/").status_code == 401


def test_the_name_of_the_service_leads_to_the_start(browser: Client) -> None:
    assert "/" in open_page(browser, DEPARTMENTS).links
