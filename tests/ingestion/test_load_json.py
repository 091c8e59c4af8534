"""What `load --json` answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.loading import csv_file, load, rejections
from tests.ingestion.sending import DEPARTMENTS, EMPLOYEES, send

pytestmark = pytest.mark.django_db


def test_json_is_the_answer_of_the_api(tmp_path: Path, api: Any) -> None:
    DepartmentFactory(id=1, department="Sales")
    body = "id,department\n1,Sales\n2,Stores\nx,\n"
    path = tmp_path / "departments.csv"
    path.write_text(body)
    tried = send(api, body, to=f"{DEPARTMENTS}?dry_run=true", content_type="text/csv").json()

    finished = load("departments", path, "--json")

    batch = Batch.objects.get()
    rejected_row = RejectedRow.objects.get()
    answer = json.loads(finished.output)
    assert answer == {
        "batch": batch.pk,
        "table": "departments",
        "mode": "partial",
        "dry_run": False,
        "received": 3,
        "inserted": 1,
        "unchanged": 1,
        "rejected": 1,
        "not_attempted": 0,
        "rejected_rows": [
            {
                "index": 2,
                "line": 4,
                "id": None,
                "rejected_row": rejected_row.pk,
                "errors": [
                    {
                        "field": "id",
                        "code": "not_an_integer",
                        "message": answer["rejected_rows"][0]["errors"][0]["message"],
                        "value": "x",
                    },
                    {
                        "field": "department",
                        "code": "required",
                        "message": "This field is required.",
                        "value": "",
                    },
                ],
            }
        ],
    }
    assert list(answer) == list(tried)
    tried["rejected_rows"][0]["rejected_row"] = rejected_row.pk
    assert answer == tried | {"batch": batch.pk, "dry_run": False}
    assert finished.code == 3
    assert finished.errors == (
        "line 4: id: not_an_integer; department: required\n"
        f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n"
    )


@pytest.mark.usefixtures("references")
def test_json_holds_the_first_thousand_rejected_rows_and_all_counts(tmp_path: Path) -> None:
    rows = [employee_row(id=number, name="") for number in range(1, 2_003)]

    finished = load("employees", csv_file(tmp_path / "people.csv", rows), "--json")

    answer = json.loads(finished.output)
    assert (answer["received"], answer["rejected"]) == (2002, 2002)
    assert [row["line"] for row in answer["rejected_rows"]] == list(range(2, 1_002))
    assert finished.code == 4


def test_rows_that_are_stored_with_other_content_are_rejected(tmp_path: Path, api: Any) -> None:
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1)
    assert send(api, employee_row(id=5, name="Ada")).status_code == 201
    path = csv_file(tmp_path / "people.csv", [employee_row(id=5, name="Bob")])

    finished = load("employees", path)

    assert finished.code == 4
    assert rejections() == [(2, "open", ["already_exists"])]
    assert api.get(f"{EMPLOYEES}5/").json()["name"] == "Ada"
