"""What `load` says of rows: exit codes, the same ids, loads that come again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from employees.models import Employee
from hrapi import sample_data
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import employee_row
from tests.ingestion.loading import batches, csv_file, jsonl_file, load, rejections
from tests.ingestion.sending import send, stored_employees, stored_ids
from tests.installation import Finished

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("references")
def test_every_row_rejected_is_another_exit_code_and_only_the_first_ones_are_shown(
    tmp_path: Path,
) -> None:
    rows = [employee_row(id=number, name="") for number in range(1, 1_235)]

    finished = load("employees", csv_file(tmp_path / "people.csv", rows))

    batch = Batch.objects.get()
    assert finished == Finished(
        4,
        "employees: 1,234 received: 0 inserted, 0 unchanged, 1,234 rejected, 0 not attempted."
        f" (batch {batch.pk})\n",
        "".join(f"line {line}: name: required\n" for line in range(2, 22))
        + "… and 1,214 more rejected rows.\n"
        + f"They are kept in the reject log: /api/v1/rejected-rows/?batch={batch.pk}\n",
    )
    assert stored_ids() == []
    assert rejections() == [(line, "open", ["required"]) for line in range(2, 1_236)]
    assert batches() == [("employees", 1234, 0, 0, 1234, 0)]


@pytest.mark.usefixtures("company")
def test_a_second_load_of_a_file_inserts_nothing_and_leaves_each_rejected_row_open_once(
    tmp_path: Path,
) -> None:
    rows = [
        *sample_data.employee_rows(1_100),
        *sample_data.bad_employee_rows(first_id=1_101)[:9],
        *sample_data.employee_rows(900, first_id=1_201),
    ]
    path = csv_file(tmp_path / "people.csv", rows)
    first = load("employees", path)
    before = stored_employees()

    second = load("employees", path)

    ids = list(Batch.objects.order_by("id").values_list("id", flat=True))
    said = (
        "line 1102: name: required\n"
        "line 1103: name: required; job_id: required\n"
        "line 1104: name: forbidden_character\n"
        "line 1105: name: too_long\n"
        "line 1106: datetime: invalid_datetime\n"
        "line 1107: datetime: invalid_datetime\n"
        "line 1108: department_id: unknown_department\n"
        "line 1109: job_id: unknown_job\n"
        "line 1110: job_id: not_an_integer\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch="
    )
    assert first == Finished(
        3,
        "employees: 2,009 received: 2,000 inserted, 0 unchanged, 9 rejected, 0 not attempted."
        f" (batch {ids[0]})\n",
        f"{said}{ids[0]}\n",
    )
    assert second == Finished(
        3,
        "employees: 2,009 received: 0 inserted, 2,000 unchanged, 9 rejected, 0 not attempted."
        f" (batch {ids[1]})\n",
        f"{said}{ids[1]}\n",
    )
    assert len(before) == 2_000
    assert stored_employees() == before
    log = RejectedRow.objects.order_by("id").values_list("batch_id", "line", "status")
    assert list(log) == [
        *((ids[0], line, "superseded") for line in range(1102, 1111)),
        *((ids[1], line, "open") for line in range(1102, 1111)),
    ]


EQUAL, OTHER, BAD = {"name": "Ada"}, {"name": "Bob"}, {"name": ""}


@pytest.mark.parametrize("options", [[], ["--mode", "atomic"], ["--dry-run"]])
@pytest.mark.parametrize("second_of_pair", [999, 1_000, 1_001])
@pytest.mark.parametrize(
    "first, second, inserted, unchanged, codes",
    [
        pytest.param(EQUAL, EQUAL, 1, 1, [], id="equal"),
        pytest.param(EQUAL, OTHER, 1, 0, ["duplicate_in_batch"], id="different"),
        pytest.param(BAD, EQUAL, 1, 0, ["required"], id="the first is bad"),
        pytest.param(EQUAL, BAD, 1, 0, ["required"], id="the second is bad"),
    ],
)
@pytest.mark.usefixtures("references")
def test_the_same_id_twice_gets_the_same_verdict_on_both_sides_of_a_transaction(
    tmp_path: Path,
    first: dict[str, Any],
    second: dict[str, Any],
    inserted: int,
    unchanged: int,
    codes: list[str],
    second_of_pair: int,
    options: list[str],
) -> None:
    rows = [employee_row(id=number) for number in range(1, second_of_pair)]
    rows += [employee_row(id=7_000, **first), employee_row(id=7_000, **second)]
    path = csv_file(tmp_path / "people.csv", rows)

    finished = load("employees", path, "--json", *options)

    answer = json.loads(finished.output)
    is_undone = bool(codes) and "atomic" in options
    good = second_of_pair - 1
    assert [answer[name] for name in ("received", "inserted", "unchanged", "not_attempted")] == [
        good + 2,
        0 if is_undone else good + inserted,
        0 if is_undone else unchanged,
        good + 1 if is_undone else 0,
    ]
    found = [[error["code"] for error in row["errors"]] for row in answer["rejected_rows"]]
    assert found == ([codes] if codes else [])
    is_kept = not is_undone and options != ["--dry-run"]
    assert Employee.objects.count() == (good + inserted if is_kept else 0)


@pytest.mark.usefixtures("references")
def test_a_load_and_its_rows_posted_one_by_one_leave_the_same_behind(
    tmp_path: Path, api: Any
) -> None:
    rows = [
        employee_row(id=1, name="Ada"),
        employee_row(id=2, name=""),
        employee_row(id=3, name=" Zoë\u00a0", datetime="2021-03-31 23:00:00-05:00"),
        employee_row(id=4, name="José", department_id=9, job_id=9),
        employee_row(id="5.0", name="=1+1"),
    ]
    expected = [
        (1, "Ada", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC), 1, 1),
        (3, "Zoë", datetime(2021, 4, 1, 4, 0, 0, tzinfo=UTC), 1, 1),
        (5, "=1+1", datetime(2021, 7, 27, 16, 2, 8, tzinfo=UTC), 1, 1),
    ]
    path = csv_file(tmp_path / "people.csv", rows)

    def by_command() -> None:
        assert load("employees", path).code == 3

    def by_json_lines() -> None:
        assert load("employees", jsonl_file(tmp_path / "people.jsonl", rows)).code == 3

    def by_array() -> None:
        assert send(api, rows).status_code == 207

    def by_csv() -> None:
        assert send(api, path.read_bytes(), content_type="text/csv").status_code == 207

    def by_single_rows() -> None:
        assert [send(api, row).status_code for row in rows] == [201, 422, 201, 422, 201]

    for bring in (by_command, by_json_lines, by_array, by_csv, by_single_rows):
        Employee.objects.all().delete()
        bring()
        assert stored_employees() == expected
        # However often and in whatever form it was sent: one open entry for each bad row.
        still_open = RejectedRow.objects.filter(status="open").order_by("row_id")
        assert list(still_open.values_list("row_id", "codes")) == [
            (2, ["required"]),
            (4, ["unknown_department", "unknown_job"]),
        ]
    sources = Batch.objects.order_by("id").values_list("source", "file_name")
    assert list(sources) == [
        ("command", "people.csv"),
        ("command", "people.jsonl"),
        *[("api", "")] * 7,
    ]
