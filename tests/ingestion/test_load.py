"""The command `load`, called in this process: what it stores, keeps and says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from employees.models import Employee
from hrapi import sample_data
from hrapi.ingestion.models import Batch
from tests.factories import employee_row
from tests.ingestion.loaded import stored
from tests.ingestion.loading import batches, csv_file, jsonl_file, load, rejections
from tests.ingestion.sending import stored_employees, stored_ids
from tests.installation import Finished

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "write, name, options",
    [
        pytest.param(csv_file, "people.csv", [], id="CSV"),
        pytest.param(csv_file, "people.txt", [], id="CSV of another name"),
        pytest.param(csv_file, "people.jsonl", ["--format", "csv"], id="CSV as told"),
        pytest.param(jsonl_file, "people.jsonl", [], id="JSON Lines by .jsonl"),
        pytest.param(jsonl_file, "people.NDJSON", [], id="JSON Lines by .NDJSON"),
        pytest.param(jsonl_file, "people.csv", ["--format", "jsonl"], id="JSON Lines as told"),
    ],
)
@pytest.mark.usefixtures("company")
def test_a_file_of_more_than_two_chunks_lands_whole(
    tmp_path: Path, write: Callable[..., Path], name: str, options: list[str]
) -> None:
    rows = list(sample_data.employee_rows(2_500))

    finished = load("employees", write(tmp_path / name, rows), *options)

    [batch] = Batch.objects.all()
    assert finished == Finished(
        0,
        "employees: 2,500 received: 2,500 inserted, 0 unchanged, 0 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "",
    )
    assert stored_employees() == stored(rows)
    assert batches() == [("employees", 2500, 2500, 0, 0, 0)]
    assert rejections() == []


@pytest.mark.usefixtures("company")
def test_the_batch_of_a_load_tells_where_it_came_from(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "hired employees – 2025.csv", sample_data.employee_rows(2))

    load("employees", path)

    batch = Batch.objects.get()
    assert (batch.source, batch.file_name, batch.mode, batch.user) == (
        "command",
        "hired employees – 2025.csv",
        "partial",
        None,
    )
    assert (batch.refused_code, batch.refused_detail) == ("", "")
    assert batch.finished_at is not None
    assert batch.created_at <= batch.finished_at
    assert set(Employee.objects.values_list("batch_id", flat=True)) == {batch.pk}


@pytest.mark.usefixtures("references")
def test_a_line_that_is_no_json_is_rejected_and_its_neighbours_land(tmp_path: Path) -> None:
    good = [json.dumps(employee_row(id=number)) for number in (1, 2)]
    path = tmp_path / "people.jsonl"
    path.write_text(f"{good[0]}\n\n{{'id': 3}}\n{good[1]}\n")

    finished = load("employees", path)

    batch = Batch.objects.get()
    assert finished == Finished(
        3,
        "employees: 3 received: 2 inserted, 0 unchanged, 1 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "line 3: not_an_object\n"
        f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )
    assert stored_ids() == [1, 2]
    assert rejections() == [(3, "open", ["not_an_object"])]
