"""The file of rejected rows, sent back as it is: no rejected row may come back as another one."""

from __future__ import annotations

from typing import Any

import pytest

from departments.models import Department
from tests.ingestion.sending import send

DEPARTMENTS = "/api/v1/departments/"


@pytest.mark.parametrize(
    "body, content_type",
    [
        pytest.param("7,Research, Development\n", "text/csv", id="a cell too many"),
        pytest.param("7\n", "text/csv; header=absent", id="a cell too few"),
        pytest.param('7,"Sales\n', "text/csv", id="an open quote"),
        pytest.param('[{"id": 7, "department": ["R&D"]}]', "application/json", id="a list"),
        pytest.param('[{"id": 7, "department": 5}]', "application/json", id="a number"),
        pytest.param('[{"id": 7, "department": true}]', "application/json", id="a boolean"),
        pytest.param('[{"id": 7, "department": "An\\u0000n"}]', "application/json", id="NUL"),
        pytest.param('[{"id": 7, "department": "\\ud800"}]', "application/json", id="a surrogate"),
        pytest.param('[{"id": 7, "id": 8, "department": "A"}]', "application/json", id="two ids"),
        pytest.param(
            '[{"id": 7, "department": "A", "department": "B"}]', "application/json", id="two names"
        ),
        pytest.param(
            '[{"id": 7, "department": "A", "budget": 5}]', "application/json", id="a field more"
        ),
        pytest.param("[7]", "application/json", id="no object"),
    ],
)
def test_a_rejected_row_that_nobody_corrected_is_rejected_again(
    api: Any, body: str, content_type: str
) -> None:
    address = f"{DEPARTMENTS}?delimiter=," if content_type.startswith("text/csv") else DEPARTMENTS
    first = send(api, body, to=address, content_type=content_type)
    assert first.status_code == 422, first.content

    file = api.get(f"/api/v1/batches/{first.json()['batch']}/rejected-rows.csv")
    again = send(api, b"".join(file.streaming_content), to=DEPARTMENTS, content_type="text/csv")

    assert again.status_code == 422, again.content
    assert again.json()["rejected"] == 1
    assert not Department.objects.exists()
