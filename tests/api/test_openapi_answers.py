"""Real answers of the service against the OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from hrapi.api.problems import ProblemCode
from hrapi.loads.models import Load
from hrapi.loads.running import run_load
from tests.api.documented import ROOT, assert_documented, example, the_document


@pytest.fixture
def document() -> dict[str, Any]:
    return the_document()


def post(client: Any, table: str, body: Any, query: str = "", media_type: str = "") -> Any:
    sent = body if media_type else json.dumps(body)
    return client.post(
        f"{ROOT}{table}/{query}", sent, content_type=media_type or "application/json"
    )


LEGAL = {"id": 1, "department": "Legal"}


@pytest.mark.parametrize(
    "status, body, query, media_type",
    [
        (201, [LEGAL], "", ""),
        (201, LEGAL, "", ""),
        (200, [LEGAL], "?dry_run=true", ""),
        (200, LEGAL, "?dry_run=true", ""),
        (207, [LEGAL, {"id": 2}], "", ""),
        (207, [LEGAL, {"id": 2}], "?dry_run=true", ""),
        (207, "1,Legal\n2\n", "?header=absent", "text/csv"),
        (422, [LEGAL, {"id": [2], "x\n": {}}, None, True], "?mode=atomic", ""),
        (422, {"id": 1.5, "department": 7}, "", ""),
        (422, [{}], "?dry_run=true", ""),
        (400, b"[", "", "application/json"),
        (400, [], "", ""),
        (400, [LEGAL], "?mode=all", ""),
        (400, "id,name\n", "", "text/csv"),
        (413, [{}] * 1001, "", ""),
        (415, "<row/>", "", "application/xml"),
    ],
)
def test_answers_to_posted_rows_are_documented(
    api: Any, document: dict[str, Any], status: int, body: Any, query: str, media_type: str
) -> None:
    response = post(api, "departments", body, query, media_type)
    assert response.status_code == status
    assert_documented(document, "post", f"{ROOT}departments/", response)


@pytest.fixture
def stored(api: Any) -> Any:
    """A client of a service that holds a hire, a rejected row and a refused request."""
    post(api, "departments", [LEGAL, {"id": 2}])
    post(api, "jobs", {"id": 1, "job": "Recruiter"})
    hired = {"id": 1, "name": "Zoë Muñoz", "datetime": "2021-07-27T18:02:08+02:00"}
    assert post(api, "employees", hired | {"department_id": 1, "job_id": 1}).status_code == 201
    assert post(api, "employees", []).status_code == 400
    return api


@pytest.mark.parametrize(
    "address",
    [
        "",
        "departments/",
        "employees/?page_size=1&hired_from=2021-01-01",
        "employees/?format=csv",
        "employees/1/",
        "employees/2/",
        "employees/?page_size=0",
        "batches/",
        "batches/?format=csv",
        "rejected-rows/?code=required",
        "audit-events/?action=password_changed",
        "audit-events/",
        "audit-events/?format=csv",
        "reports/quarterly-hires/?year=2021",
        "reports/quarterly-hires/?year=2021&format=csv",
        "reports/departments-above-mean/?year=2021",
        "reports/quarterly-hires/?year=21",
    ],
)
def test_answers_to_reading_are_documented(
    stored: Any, document: dict[str, Any], address: str
) -> None:
    path = ROOT + re.sub(r"[0-9]+(?=/$)", "{id}", address.partition("?")[0])
    assert_documented(document, "get", path, stored.get(ROOT + address))


def test_answers_about_one_batch_and_one_rejected_row_are_documented(
    stored: Any, document: dict[str, Any]
) -> None:
    rejected = stored.get(f"{ROOT}rejected-rows/").json()["results"][0]
    response = stored.get(f"{ROOT}rejected-rows/{rejected['id']}/")
    assert_documented(document, "get", f"{ROOT}rejected-rows/{{id}}/", response)
    batch = f"{ROOT}batches/{rejected['batch']}/"
    assert_documented(document, "get", f"{ROOT}batches/{{id}}/", stored.get(batch))
    path = f"{ROOT}batches/{{id}}/rejected-rows.csv"
    assert_documented(document, "get", path, stored.get(f"{batch}rejected-rows.csv"))


def test_answers_about_loads_are_documented(api: Any, document: dict[str, Any]) -> None:
    loads, one = f"{ROOT}loads/", f"{ROOT}loads/{{id}}/"

    def send(**fields: Any) -> Any:
        file = SimpleUploadedFile("d.csv", b"1,Sales\n2,\n")
        return api.post(loads, {"table": "departments", "file": file} | fields, format="multipart")

    for status, fields in (
        (202, {}),
        (200, {}),
        (202, {"dry_run": "true"}),
        (400, {"mode": "all"}),
    ):
        response = send(**fields)
        assert response.status_code == status
        assert_documented(document, "post", loads, response)
    assert send(mode="all").json() == example(
        document, "post", loads, ProblemCode.INVALID_PARAMETER
    )
    refused = post(api, "loads", "a", media_type="text/csv")
    assert refused.json() == example(document, "post", loads, ProblemCode.UNSUPPORTED_MEDIA_TYPE)
    for load in Load.objects.all():
        run_load(load.pk)
        response = api.get(f"{loads}{load.pk}/")
        assert response.json()["state"] == "finished"
        assert_documented(document, "get", one, response)
    assert_documented(document, "get", loads, api.get(loads))
    assert_documented(document, "get", loads, api.get(f"{loads}?format=csv"))
    assert_documented(document, "get", one, api.get(f"{loads}999/"))


@pytest.mark.parametrize(
    "method, body, status",
    [
        ("put", {"department": "Law"}, 200),
        ("patch", {}, 200),
        ("patch", {"department": ""}, 422),
        ("put", {"department": "Law", "id": 7}, 409),
        ("patch", [], 400),
        ("put", [{}, {}], 400),
    ],
)
def test_answers_to_changes_are_documented(
    stored: Any, document: dict[str, Any], method: str, body: Any, status: int
) -> None:
    response = getattr(stored, method)(f"{ROOT}departments/1/", body, format="json")
    assert response.status_code == status
    assert_documented(document, method, f"{ROOT}departments/{{id}}/", response)


def test_examples_of_problems_are_what_the_service_says(
    stored: Any, client_of: Any, document: dict[str, Any]
) -> None:
    departments, employee = f"{ROOT}departments/", f"{ROOT}employees/{{id}}/"
    nobody, anonymous = client_of(""), APIClient()
    said = {
        ("get", departments, ProblemCode.NOT_AUTHENTICATED): anonymous.get(departments),
        ("get", departments, ProblemCode.PERMISSION_DENIED): nobody.get(departments),
        ("get", departments, ProblemCode.INVALID_PARAMETER): stored.get(
            f"{departments}?page_size=5000"
        ),
        ("get", employee, ProblemCode.NOT_FOUND): stored.get(f"{ROOT}employees/7/"),
        ("get", employee, ProblemCode.INVALID_PARAMETER): stored.get(
            f"{ROOT}employees/1/?colour=red"
        ),
        ("put", f"{departments}{{id}}/", ProblemCode.WRONG_TOP_LEVEL_TYPE): stored.put(
            f"{departments}1/", [], format="json"
        ),
        ("get", ROOT, ProblemCode.INVALID_PARAMETER): stored.get(f"{ROOT}?format=xml"),
        ("get", f"{ROOT}reports/quarterly-hires/", ProblemCode.INVALID_PARAMETER): stored.get(
            f"{ROOT}reports/quarterly-hires/?year=1800"
        ),
        ("post", departments, ProblemCode.INVALID_PARAMETER): post(
            stored, "departments", [LEGAL], "?mode=all"
        ),
        ("post", departments, ProblemCode.UNSUPPORTED_MEDIA_TYPE): post(
            stored, "departments", "a", media_type="text/plain"
        ),
        ("post", departments, ProblemCode.BAD_HEADER): post(
            stored, "departments", "id,department,colour\n", media_type="text/csv"
        ),
    }
    for (method, path, code), response in said.items():
        assert_documented(document, method, path, response)
        shown = example(document, method, path, code)
        assert response.json() | {"batch": 0} == shown | {"batch": 0}


def test_example_of_a_row_that_is_referred_to(stored: Any, document: dict[str, Any]) -> None:
    response = stored.delete(f"{ROOT}departments/1/")
    shown = example(document, "delete", f"{ROOT}departments/{{id}}/", ProblemCode.CONFLICT)
    assert response.json()["detail"] == shown["detail"].replace("7", "1")
    assert "409" not in document["paths"][f"{ROOT}employees/{{id}}/"]["delete"]["responses"]


def test_answers_to_logging_in_and_out_are_documented(
    client_of: Any, document: dict[str, Any]
) -> None:
    client_of("")
    client = APIClient()
    login, logout = f"{ROOT}auth/login/", f"{ROOT}auth/logout/"
    assert_documented(document, "post", login, client.post(login))
    basic = "Basic bm9ib2R5LXVzZXI6YSBsb25nIHBhc3N3b3Jk"
    made = client.post(login, headers={"Authorization": basic})
    assert made.status_code == 200
    assert_documented(document, "post", login, made)
    ended_nothing = client.post(logout, headers={"Authorization": basic})
    assert ended_nothing.json() == example(document, "post", logout, ProblemCode.CONFLICT)
    token = {"Authorization": f"Token {made.json()['token']}"}
    assert client.post(logout, headers=token).status_code == 204
    assert_documented(document, "post", logout, client.post(logout, headers=token))
