"""Answers that are read come compressed to who can take that, and no others."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from departments.models import Department
from tests.problem_bodies import text_of

pytestmark = pytest.mark.django_db

DEPARTMENTS = "/api/v1/departments/"
GZIP = {"accept-encoding": "gzip, deflate, br"}


@pytest.fixture(autouse=True)
def departments(db: None) -> None:
    Department.objects.bulk_create(
        Department(id=number, department=f"Department {number}") for number in range(1, 3001)
    )


def unpacked(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return gzip.decompress(content).decode()


@pytest.mark.parametrize(
    "address",
    [
        f"{DEPARTMENTS}?page_size=1000",
        f"{DEPARTMENTS}?format=csv",
        "/api/v1/reports/quarterly-hires/?year=2021&format=csv",
        "/metrics",
    ],
)
def test_what_is_read_is_the_same_compressed(api: Any, address: str) -> None:
    if "reports" in address:
        from tests.factories import EmployeeFactory, JobFactory

        for number in range(1, 30):
            EmployeeFactory(department=Department(id=number), job=JobFactory())
    plain = api.get(address)
    text = text_of(plain)

    compressed = api.get(address, headers=GZIP)

    assert compressed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    if address != "/metrics":
        assert unpacked(compressed) == text
    for response in (plain, compressed):
        assert "Accept-Encoding" in response["Vary"]


def test_a_compressed_list_is_much_shorter(api: Any) -> None:
    text = text_of(api.get(f"{DEPARTMENTS}?format=csv"))
    compressed = api.get(f"{DEPARTMENTS}?format=csv", headers=GZIP)

    assert len(b"".join(compressed.streaming_content)) < len(text) / 4


@pytest.mark.parametrize(
    "accepted, encoding",
    [
        ("gzip", "gzip"),
        ("gzip;q=0.5, br", "gzip"),
        ("gzip;q=0", None),
        ("identity, gzip ; q=0.0", None),
        ("GZIP;q=0.000, br", None),
        ("deflate", None),
        ("identity", None),
        ("", None),
    ],
)
def test_only_who_takes_gzip_gets_it(api: Any, accepted: str, encoding: str | None) -> None:
    response = api.get(DEPARTMENTS, headers={"accept-encoding": accepted})

    assert response.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in response["Vary"]


def test_a_compressed_report_has_the_etag_of_a_plain_one(api: Any) -> None:
    report = "/api/v1/reports/departments-above-mean/?year=2021&format=csv"
    plain, compressed = api.get(report), api.get(report, headers=GZIP)
    text_of(plain)
    unpacked(compressed)

    assert plain["ETag"] == compressed["ETag"]
    again = api.get(report, headers=GZIP | {"if-none-match": plain["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "Content-Encoding" not in again


def test_the_length_of_an_answer_does_not_tell_what_is_in_it(api: Any) -> None:
    lengths = {len(api.get(DEPARTMENTS, headers=GZIP).content) for _ in range(20)}

    assert len(lengths) > 3


@pytest.mark.parametrize(
    "method, address, accept",
    [
        ("get", DEPARTMENTS, "text/html"),
        ("get", f"{DEPARTMENTS}?x=1", "application/json"),
        ("get", "/accounts/login/", "text/html"),
        ("get", "/static/admin/css/base.css", "*/*"),
        ("get", "/healthz", "application/json"),
        ("post", DEPARTMENTS, "application/json"),
    ],
)
def test_pages_files_and_answers_to_what_is_sent_are_not_compressed(
    api: Any, method: str, address: str, accept: str
) -> None:
    client = Client() if address.startswith("/static/") else api
    body = {"data": json.dumps([{}] * 50), "content_type": "application/json"}
    response = getattr(client, method)(
        address, **(body if method == "post" else {}), headers=GZIP | {"accept": accept}
    )

    assert "Content-Encoding" not in response
    assert text_of(response)
