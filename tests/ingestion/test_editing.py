"""PUT, PATCH and DELETE of one row: the same rules as for posting, and nothing changes when they are broken."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from tests.factories import DepartmentFactory, JobFactory
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/employees/7/"
ROW = {
    "id": 7,
    "name": "Ann",
    "datetime": "2021-07-27T16:02:08Z",
    "department_id": 1,
    "job_id": 1,
}
OTHER = {
    "id": 7,
    "name": "Zoë",
    "datetime": "2022-01-01T00:00:00.5Z",
    "department_id": 2,
    "job_id": 2,
}


@pytest.fixture(autouse=True)
def stored(db: None) -> None:
    """Departments and jobs 1 and 2, department 3 that nobody refers to, and employee 7, brought by batch 17."""
    for number in (1, 2, 3):
        DepartmentFactory(id=number, department=f"Department {number}")
        JobFactory(id=number, job=f"Job {number}")
    Employee.objects.create(
        id=7,
        name="Ann",
        datetime=datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC),
        department_id=1,
        job_id=1,
        batch_id=17,
    )


def everything_stored() -> list[list[dict[str, Any]]]:
    models = (Department, Job, Employee, Batch, RejectedRow)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def send(
    client: Any, method: str, body: Any, *, to: str = ADDRESS, media_type: str = "application/json"
) -> Any:
    """Sends bytes and texts as they are, everything else as JSON."""
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.generic(method, to, text, content_type=media_type)


def assert_refused(response: Any, before: Any, status: int, code: str) -> dict[str, Any]:
    """This problem, and nothing changed."""
    problem = assert_problem(response, status, code)
    assert everything_stored() == before
    return problem


def test_put_replaces_the_whole_row(api: Any) -> None:
    response = send(api, "PUT", OTHER)

    assert response.status_code == 200
    assert response.json() == {
        "id": 7,
        "name": "Zoë",
        "datetime": "2022-01-01T00:00:00.500000Z",
        "department_id": 2,
        "job_id": 2,
    }
    assert api.get(ADDRESS).json() == response.json()


def test_put_needs_no_id_in_the_body(api: Any) -> None:
    response = send(api, "PUT", {name: value for name, value in OTHER.items() if name != "id"})

    assert response.status_code == 200
    assert response.json()["id"] == 7


def test_put_of_what_is_stored_already_changes_nothing(api: Any) -> None:
    before = everything_stored()

    response = send(api, "PUT", api.get(ADDRESS).content)

    assert response.status_code == 200
    assert response.json() == ROW
    assert everything_stored() == before


@pytest.mark.parametrize(
    "change, shown",
    [
        ({"name": "Zoë"}, {"name": "Zoë"}),
        ({"datetime": "2021-12-31T23:00:00-02:00"}, {"datetime": "2022-01-01T01:00:00Z"}),
        ({"department_id": 2}, {"department_id": 2}),
        ({"job_id": "2"}, {"job_id": 2}),
        ({"department_id": 2, "job_id": 2.0}, {"department_id": 2, "job_id": 2}),
        ({"id": 7}, {}),
        ({"id": "7", "name": "Bob"}, {"name": "Bob"}),
        ({}, {}),
    ],
)
def test_patch_changes_the_fields_sent_and_leaves_the_others(
    api: Any, change: dict[str, Any], shown: dict[str, Any]
) -> None:
    response = send(api, "PATCH", change)

    assert response.status_code == 200
    assert response.json() == ROW | shown
    assert api.get(ADDRESS).json() == ROW | shown


def test_patch_keeps_the_microseconds_of_a_time_that_was_not_sent(api: Any) -> None:
    Employee.objects.update(datetime=datetime(2021, 7, 27, 16, 2, 8, 5, tzinfo=UTC))

    response = send(api, "PATCH", {"name": "Bob"})

    assert response.json()["datetime"] == "2021-07-27T16:02:08.000005Z"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "sent, kept",
    [
        pytest.param("  Bob \t", "Bob", id="spaces around"),
        pytest.param("\u00a0Bob\u200b", "Bob", id="spaces that are not ASCII"),
        pytest.param("Zoe\u0308", "Zoë", id="accent as a character of its own"),
        pytest.param("x" * 255, "x" * 255, id="255 characters"),
        pytest.param("e\u0301" * 255, "é" * 255, id="255 characters in NFC"),
        pytest.param("=1+1", "=1+1", id="formula"),
        pytest.param("'=1", "'=1", id="apostrophe before a formula, in JSON"),
    ],
)
def test_text_is_trimmed_and_kept_in_nfc(api: Any, method: str, sent: str, kept: str) -> None:
    response = send(api, method, ROW | {"name": sent})

    assert response.status_code == 200
    assert response.json() == ROW | {"name": kept}
    assert Employee.objects.get().name == kept


@pytest.mark.parametrize("table, field", [("departments", "department"), ("jobs", "job")])
def test_departments_and_jobs_are_changed_alike(api: Any, table: str, field: str) -> None:
    address = f"/api/v1/{table}/3/"

    put = send(api, "PUT", {"id": 3, field: " Legal "}, to=address)
    patch = send(api, "PATCH", {field: "Law"}, to=address)

    assert (put.status_code, put.json()) == (200, {"id": 3, field: "Legal"})
    assert (patch.status_code, patch.json()) == (200, {"id": 3, field: "Law"})
    assert api.get(address).json() == {"id": 3, field: "Law"}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "change, faults",
    [
        ({"name": None}, [("name", "required", None)]),
        ({"name": ""}, [("name", "required", "")]),
        ({"name": " \u200b "}, [("name", "required", " \\u200b ")]),
        ({"name": 5}, [("name", "wrong_type", 5)]),
        ({"name": True}, [("name", "wrong_type", True)]),
        ({"name": ["x"]}, [("name", "wrong_type", '["x"]')]),
        ({"name": {"a": 1}}, [("name", "wrong_type", '{"a": 1}')]),
        ({"name": "x" * 256}, [("name", "too_long", "x" * 100 + "…")]),
        ({"name": "a\x00b"}, [("name", "forbidden_character", "a\\u0000b")]),
        ({"name": "a\nb"}, [("name", "forbidden_character", "a\\nb")]),
        ({"name": "\ud800"}, [("name", "forbidden_character", "\\ud800")]),
        ({"datetime": None}, [("datetime", "required", None)]),
        ({"datetime": "yesterday"}, [("datetime", "invalid_datetime", "yesterday")]),
        ({"datetime": "2021-02-29T00:00:00Z"}, [("datetime", "invalid_datetime", "2021-02-29T00:00:00Z")]),
        ({"datetime": "2101-01-01T00:00:00Z"}, [("datetime", "out_of_range", "2101-01-01T00:00:00Z")]),
        ({"datetime": 1627401728}, [("datetime", "invalid_datetime", 1627401728)]),
        ({"department_id": None}, [("department_id", "required", None)]),
        ({"department_id": 0}, [("department_id", "out_of_range", 0)]),
        ({"department_id": 9007199254740992}, [("department_id", "out_of_range", "9007199254740992")]),
        ({"department_id": 1.5}, [("department_id", "not_an_integer", 1.5)]),
        ({"department_id": "one"}, [("department_id", "not_an_integer", "one")]),
        ({"department_id": False}, [("department_id", "wrong_type", False)]),
        ({"department_id": 99}, [("department_id", "unknown_department", 99)]),
        ({"job_id": 98}, [("job_id", "unknown_job", 98)]),
        (
            {"department_id": 99, "job_id": 98},
            [("department_id", "unknown_department", 99), ("job_id", "unknown_job", 98)],
        ),
        (
            {"name": "", "department_id": 99, "job_id": "x", "nickname": "Zed"},
            [
                ("name", "required", ""),
                ("department_id", "unknown_department", 99),
                ("job_id", "not_an_integer", "x"),
                ("nickname", "unknown_field", "Zed"),
            ],
        ),
        ({"id": None}, [("id", "required", None)]),
        ({"id": "seven"}, [("id", "not_an_integer", "seven")]),
        ({"batch_id": 1}, [("batch_id", "unknown_field", 1)]),
        ({"department": 2}, [("department", "unknown_field", 2)]),
        ({"Name": "Bob"}, [("Name", "unknown_field", "Bob")]),
        ({"": "Bob"}, [("", "unknown_field", "Bob")]),
    ],
)  # fmt: skip
def test_a_change_with_faults_is_refused_with_all_of_them_and_changes_nothing(
    api: Any, method: str, change: dict[str, Any], faults: list[tuple[Any, ...]]
) -> None:
    before = everything_stored()

    response = send(api, method, ROW | change)

    problem = assert_refused(response, before, 422, faults[0][1])
    assert list(problem) == ["type", "title", "status", "detail", "code", "errors"]
    assert problem["detail"] == "The row was not changed. `errors` says why."
    assert [
        (error["field"], error["code"], error["value"]) for error in problem["errors"]
    ] == faults
    for error in problem["errors"]:
        assert list(error) == ["field", "code", "message", "value"]
        assert error["message"]


def test_put_of_a_part_names_every_field_that_is_missing(api: Any) -> None:
    before = everything_stored()

    problem = assert_refused(send(api, "PUT", {"name": "Bob"}), before, 422, "required")

    assert problem["errors"] == [
        {"field": name, "code": "required", "message": "This field is required.", "value": None}
        for name in ("datetime", "department_id", "job_id")
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("row_id", [8, "8", 8.0, 1])
def test_an_id_cannot_be_changed(api: Any, method: str, row_id: Any) -> None:
    before = everything_stored()

    problem = assert_refused(send(api, method, ROW | {"id": row_id}), before, 409, "conflict")

    assert problem["detail"] == (
        f"The body has the id {int(row_id)}, the address 7. An id cannot be changed."
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("row_id", ["8", "0", "9007199254740992", "9999999999999999"])
def test_what_is_not_there_cannot_be_changed(api: Any, method: str, row_id: str) -> None:
    before = everything_stored()

    response = send(api, method, ROW, to=f"/api/v1/employees/{row_id}/")

    assert_refused(response, before, 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "body, code",
    [
        pytest.param("", "malformed_json", id="empty"),
        pytest.param(" \n", "malformed_json", id="spaces"),
        pytest.param("{", "malformed_json", id="unfinished"),
        pytest.param('{"name": "Bob",}', "malformed_json", id="comma at the end"),
        pytest.param("{'name': 'Bob'}", "malformed_json", id="single quotes"),
        pytest.param('{"name": "Bob"} {}', "malformed_json", id="two objects"),
        pytest.param("[]", "wrong_top_level_type", id="empty array"),
        pytest.param(json.dumps([ROW]), "wrong_top_level_type", id="array of one"),
        pytest.param("null", "wrong_top_level_type", id="null"),
        pytest.param("7", "wrong_top_level_type", id="number"),
        pytest.param('"Bob"', "wrong_top_level_type", id="text"),
        pytest.param(b'{"name": "\xff"}', "undecodable", id="not UTF-8"),
        pytest.param('{"name": ' + "[" * 100_000, "too_deep", id="deep"),
    ],
)
def test_a_body_that_is_no_object_is_refused(api: Any, method: str, body: Any, code: str) -> None:
    before = everything_stored()

    assert_refused(send(api, method, body), before, 400, code)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("again", ["Cy", "Bob"])
def test_a_key_that_is_sent_twice_is_a_fault_of_the_row(api: Any, method: str, again: str) -> None:
    before = everything_stored()
    body = json.dumps(ROW)[:-1] + f', "name": "{again}"}}'

    response = send(api, method, body)

    problem = assert_refused(response, before, 422, "duplicate_key")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("name", "duplicate_key")
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_array_of_two_is_refused(api: Any, method: str) -> None:
    before = everything_stored()

    response = send(api, method, [ROW, ROW])

    assert_refused(response, before, 400, "wrong_top_level_type")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "media_type, body",
    [
        ("text/csv", "id,name,datetime,department_id,job_id\n7,Bob,2021-07-27T16:02:08Z,1,1\n"),
        ("text/plain", json.dumps(OTHER)),
        ("application/xml", "<row/>"),
        ("application/x-www-form-urlencoded", "name=Bob"),
        ("application/json; charset=utf-16", json.dumps(OTHER)),
        ("", json.dumps(OTHER)),
    ],
)
def test_another_media_type_is_refused(api: Any, method: str, media_type: str, body: str) -> None:
    before = everything_stored()

    response = send(api, method, body, media_type=media_type)

    assert_refused(response, before, 415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("query", ["dry_run=true", "mode=atomic", "name=Bob", "force=1"])
def test_a_parameter_is_refused_rather_than_ignored(api: Any, method: str, query: str) -> None:
    before = everything_stored()

    problem = assert_refused(
        send(api, method, OTHER, to=f"{ADDRESS}?{query}"), before, 400, "invalid_parameter"
    )

    assert problem["detail"] == (
        f"There is no parameter {query.partition('=')[0]!r} here. Known are: format."
    )


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_form_changes_a_row_like_json(api: Any, method: str) -> None:
    response = getattr(api, method)(ADDRESS, OTHER, format="multipart")

    assert response.status_code == 200
    assert response.json() == OTHER | {"datetime": "2022-01-01T00:00:00.500000Z"}


def test_a_form_with_a_part_of_the_fields_is_enough_for_patch(api: Any) -> None:
    response = api.patch(ADDRESS, {"name": " Bob "}, format="multipart")

    assert (response.status_code, response.json()) == (200, ROW | {"name": "Bob"})


def test_a_form_with_faults_changes_nothing(api: Any) -> None:
    before = everything_stored()

    response = api.put(ADDRESS, {"name": "", "nickname": "Zed"}, format="multipart")

    problem = assert_refused(response, before, 422, "required")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("name", "required"),
        ("datetime", "required"),
        ("department_id", "required"),
        ("job_id", "required"),
        ("nickname", "unknown_field"),
    ]


def test_a_form_with_a_field_twice_changes_nothing(api: Any) -> None:
    before = everything_stored()

    response = api.patch(ADDRESS, {"name": ["Bob", "Cy"]}, format="multipart")

    problem = assert_refused(response, before, 400, "invalid_parameter")
    assert problem["detail"] == "The form has 'name' twice."


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_changed_row_still_belongs_to_the_batch_that_brought_it(api: Any, method: str) -> None:
    assert send(api, method, OTHER).status_code == 200

    changed = Employee.objects.get()
    assert (changed.name, changed.batch_id) == ("Zoë", 17)
    assert Batch.objects.count() == 0


def test_an_employee_can_be_deleted(api: Any) -> None:
    response = api.delete(ADDRESS)

    assert (response.status_code, response.content) == (204, b"")
    assert Employee.objects.count() == 0
    assert_problem(api.get(ADDRESS), 404, "not_found")
    assert_problem(api.delete(ADDRESS), 404, "not_found")


@pytest.mark.parametrize("table", ["departments", "jobs"])
def test_what_nothing_refers_to_can_be_deleted(api: Any, table: str) -> None:
    response = api.delete(f"/api/v1/{table}/3/")

    assert (response.status_code, response.content) == (204, b"")
    assert [row["id"] for row in api.get(f"/api/v1/{table}/").json()["results"]] == [1, 2]


@pytest.mark.parametrize("table, noun", [("departments", "department"), ("jobs", "job")])
def test_what_an_employee_refers_to_is_kept(api: Any, table: str, noun: str) -> None:
    before = everything_stored()

    problem = assert_refused(api.delete(f"/api/v1/{table}/1/"), before, 409, "conflict")

    assert problem["detail"] == (
        f"Rows of employees refer to {noun} 1. Change or delete them first."
    )


def test_a_department_can_be_deleted_once_its_last_employee_has_left_it(api: Any) -> None:
    assert send(api, "PATCH", {"department_id": 2}).status_code == 200

    assert api.delete("/api/v1/departments/1/").status_code == 204
    assert api.delete("/api/v1/departments/2/").status_code == 409
    assert sorted(Department.objects.values_list("id", flat=True)) == [2, 3]


def test_a_deleted_id_can_be_posted_again(api: Any) -> None:
    api.delete(ADDRESS)

    response = send(api, "POST", OTHER, to="/api/v1/employees/")

    assert response.status_code == 201
    assert response.json()["name"] == "Zoë"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_list_as_a_whole_cannot_be_changed(api: Any, method: str) -> None:
    before = everything_stored()

    response = send(api, method, ROW, to="/api/v1/employees/")

    assert_refused(response, before, 405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["batches", "rejected-rows"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_log_cannot_be_changed(api: Any, path: str, method: str) -> None:
    batch = Batch.objects.create(table="jobs", source="api", mode="partial")
    entry = RejectedRow.objects.create(
        batch=batch, table="jobs", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )
    number = batch.pk if path == "batches" else entry.pk
    before = everything_stored()

    assert_refused(send(api, method, {}, to=f"/api/v1/{path}/"), before, 405, "method_not_allowed")
    assert_refused(
        send(api, method, {}, to=f"/api/v1/{path}/{number}/"), before, 405, "method_not_allowed"
    )
