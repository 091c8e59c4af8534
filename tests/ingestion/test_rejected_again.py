"""A row that is rejected again is one open entry, however it is written."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.factories import (
    employee_row,
)
from tests.ingestion.answers import statuses
from tests.ingestion.sending import (
    DEPARTMENTS,
    JOBS,
    send,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]


def test_a_row_rejected_again_supersedes_its_earlier_entry(api: Any) -> None:
    bad = employee_row(id=9, department_id=999)

    first = send(api, [bad]).json()
    second = send(api, [bad]).json()

    assert statuses() == ["superseded", "open"]
    by_batch = [
        api.get(f"/api/v1/rejected-rows/?batch={answer['batch']}").json()["results"]
        for answer in (first, second)
    ]
    assert [[(row["id"], row["status"]) for row in rows] for rows in by_batch] == [
        [(first["rejected_rows"][0]["rejected_row"], "superseded")],
        [(second["rejected_rows"][0]["rejected_row"], "open")],
    ]


def test_a_row_rejected_twice_in_one_batch_is_open_once(api: Any) -> None:
    bad = employee_row(id=9, department_id=999)

    response = send(api, [bad, bad, employee_row(id=10, department_id=999), bad])

    assert statuses() == ["superseded", "superseded", "open", "open"]
    assert [row["index"] for row in response.json()["rejected_rows"]] == [0, 1, 2, 3]
    assert list(RejectedRow.objects.order_by("id").values_list("index", flat=True)) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(
            '[{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="the same text",
        ),
        pytest.param(
            '[{"job_id": 1, "department_id": 1, "datetime": "now", "name": "A", "id": 9}]',
            id="another order of fields",
        ),
        pytest.param(
            '[\n {"id":9,"name":"A","datetime":"now",\n  "department_id":1,"job_id":1} ]',
            id="other spaces",
        ),
        pytest.param(
            r'[{"id": 9, "name": "\u0041", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="escaped",
        ),
        pytest.param(
            '[{"id": 9, "name": " A ", "datetime": "now", "department_id": 1, "job_id": 1}]',
            id="spaces around a text",
        ),
        pytest.param(
            '[{"id": "9", "name": "A", "datetime": "now", "department_id": "1", "job_id": "1"}]',
            id="numbers as texts",
        ),
    ],
)
def test_the_same_content_written_otherwise_is_the_same_entry(api: Any, again: str) -> None:
    send(api, [{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}])

    send(api, again)

    assert statuses() == ["superseded", "open"]


def test_the_same_content_as_csv_is_the_same_entry(api: Any) -> None:
    send(api, [{"id": 9, "name": "A", "datetime": "now", "department_id": 1, "job_id": 1}])

    send(
        api,
        "id,name,datetime,department_id,job_id\n9,A,now,1,1\n",
        content_type="text/csv",
    )

    assert statuses() == ["superseded", "open"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(employee_row(id=10, name="A", department_id=999), id="another id"),
        pytest.param(employee_row(id=9, name="B", department_id=999), id="another name"),
        pytest.param(employee_row(id=9, name="A", department_id=998), id="another reference"),
        pytest.param(
            employee_row(id=9, name="A", department_id=999) | {"x": 1}, id="another field"
        ),
    ],
)
def test_another_content_is_another_entry(api: Any, other: dict[str, Any]) -> None:
    send(api, [employee_row(id=9, name="A", department_id=999)])

    send(api, [other])

    assert statuses() == ["open", "open"]


def test_the_same_content_for_another_table_is_another_entry(api: Any) -> None:
    send(api, [{"id": 0}], to=DEPARTMENTS)

    send(api, [{"id": 0}], to=JOBS)

    assert statuses() == ["open", "open"]
