"""The forms of pages, and the answers to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from tests.api.browsing import (
    DEPARTMENTS,
    EMPLOYEES,
    EVIL,
    HTML,
    browser_of,
    open_page,
    send,
)
from tests.factories import DepartmentFactory
from tests.pages import Form, Page

pytestmark = pytest.mark.django_db

TABLES = {"departments": Department, "jobs": Job, "employees": Employee}


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
