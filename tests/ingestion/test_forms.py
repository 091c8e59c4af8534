"""Rows and files that forms send."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hrapi.ingestion.models import Batch
from tests.factories import employee_row
from tests.ingestion.bodies import CSV
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    send,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_a_form_over_the_limit_is_refused_and_recorded(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = api.post(EMPLOYEES, employee_row(name="x" * 2000), format="multipart")

    assert_refused(response, status=413, code="body_too_large")


@pytest.mark.parametrize(
    "body, content_type",
    [
        pytest.param(b"no form", "multipart/form-data; boundary=x", id="no parts"),
        pytest.param(b"--x\r\n", "multipart/form-data; boundary=x", id="cut"),
        pytest.param(b"--x--\r\n", "multipart/form-data", id="no boundary"),
        pytest.param(b"--x--\r\n", "multipart/form-data; boundary=é", id="boundary not in ASCII"),
    ],
)
def test_a_form_that_cannot_be_read_lands_nothing(api: Any, body: bytes, content_type: str) -> None:
    response = send(api, body, content_type=content_type)

    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []
    assert Batch.objects.count() == 1


def test_a_form_with_a_field_twice_is_refused(api: Any) -> None:
    row = employee_row()
    response = api.post(EMPLOYEES, row | {"id": [1, 2]}, format="multipart")

    assert_refused(response, status=400, code="invalid_parameter")


def test_a_form_in_latin_1_is_refused_rather_than_stored_wrong(api: Any) -> None:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = employee_row(id=7, name="Muñoz").items()
    body = "".join("--x\r\n" + part.format(name, value) for name, value in fields) + "--x--\r\n"

    response = send(api, body.encode("latin-1"), content_type="multipart/form-data; boundary=x")

    assert response.status_code in (400, 422)
    assert stored_ids() == []


def test_a_form_posts_one_row(api: Any) -> None:
    response = api.post(EMPLOYEES, employee_row(id=7, name="Ada"), format="multipart")

    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/v1/employees/7/"
    assert response.json() == {
        "id": 7,
        "name": "Ada",
        "datetime": "2021-07-27T16:02:08Z",
        "department_id": 1,
        "job_id": 1,
    }


@pytest.mark.parametrize(
    "name, kept",
    [
        pytest.param("employees.csv", "employees.csv", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\temp\\e.csv", "e.csv", id="path of Windows"),
        pytest.param("Zoë 👍.csv", "Zoë 👍.csv", id="no ASCII"),
        pytest.param("<script>.csv", "<script>.csv", id="markup"),
    ],
)
def test_an_uploaded_file_is_read_as_csv_under_its_name(api: Any, name: str, kept: str) -> None:
    file = SimpleUploadedFile("x", CSV)
    file.__dict__["_name"] = name

    response = api.post(EMPLOYEES, {"file": file}, format="multipart")

    assert response.status_code == 201
    assert stored_ids() == [7]
    assert Batch.objects.get().file_name == kept
