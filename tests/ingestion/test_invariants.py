"""What holds for every batch, over random rows: small ids and names collide often, faults of every kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.ingestion.parsing.json_rows import read_json, sent_row_from_json
from jobs.models import Job
from tests.factories import DepartmentFactory, JobFactory
from tests.ingestion.sending import EMPLOYEES, send, stored_employees

pytestmark = pytest.mark.django_db

# Each example cleans up what the one before it left.
database = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

rows = st.fixed_dictionaries(
    {
        "id": st.sampled_from(
            [1, 2, 3, "1", 1.0, 2.0, " 3", 0, -1, 2**53, 2**70, 1.5, "x", "", True, None]
        ),
        "name": st.sampled_from(
            [
                "Ada",
                "Ada",
                "Bob",
                " Ada ",
                "ada",
                "Zo\u00eb",
                "Zoe\u0308",
                "",
                " ",
                7,
                None,
                "a\x00",
                "x" * 256,
            ]
        ),
        "datetime": st.sampled_from(
            [
                "2021-01-01T00:00:00Z",
                "2021-01-01T00:00:00Z",
                "2021-01-01T01:00:00+01:00",
                "2021-01-01",
                "1899-01-01T00:00:00Z",
                None,
                7,
            ]
        ),
        "department_id": st.sampled_from([1, 1, "1", 2, 999, 2**70, None, []]),
        "job_id": st.sampled_from([1, 1, 1.0, 2, 999, True, "x"]),
    },
    optional={"x": st.just(1)},
) | st.sampled_from([{}, {"id": 1}, None, 5, [], "a"])

good_rows = st.fixed_dictionaries(
    {
        "id": st.integers(1, 4),
        "name": st.sampled_from(["Ada", "Bob", " Ada"]),
        "datetime": st.just("2021-01-01T00:00:00Z"),
        "department_id": st.sampled_from([1, 2, 3]),
        "job_id": st.sampled_from([1, 1, 3]),
    }
)

batches = st.lists(rows | good_rows | good_rows, min_size=1, max_size=12)


def start_afresh() -> None:
    """Departments and jobs 1 and 2, and nothing else."""
    RejectedRow.objects.all().delete()
    Employee.objects.all().delete()
    Batch.objects.all().delete()
    Department.objects.all().delete()
    Job.objects.all().delete()
    for number in (1, 2):
        DepartmentFactory(id=number)
        JobFactory(id=number)


def verdicts(answer: dict[str, Any]) -> list[list[tuple[str | None, str]] | None]:
    """For each row its faults, or None when it was taken. An id taken by the batch counts as taken."""
    found: list[list[tuple[str | None, str]] | None] = [None] * answer["received"]
    for row in answer["rejected_rows"]:
        assert found[row["index"]] is None
        found[row["index"]] = [
            (error["field"], error["code"].replace("duplicate_in_batch", "already_exists"))
            for error in row["errors"]
        ]
    return found


def log() -> list[tuple[Any, ...]]:
    return list(
        RejectedRow.objects.order_by("id").values_list("raw", "status", "content_hash", "row_id")
    )


@given(batch=batches)
@database
@example(batch=[{"id": 1}, {"id": 1}])
def test_a_batch_is_the_same_as_its_rows_one_by_one(api: Any, batch: list[Any]) -> None:
    start_afresh()
    whole = json.loads(send(api, batch).content)
    stored, logged = stored_employees(), log()

    start_afresh()
    singly = [json.loads(send(api, [row]).content) for row in batch]

    assert stored_employees() == stored
    assert log() == logged
    assert [verdicts(answer)[0] for answer in singly] == verdicts(whole)
    for count in ("inserted", "unchanged", "rejected"):
        assert sum(answer[count] for answer in singly) == whole[count]


def assert_each_content_is_closed_once() -> None:
    """Of each content the last entry is open or its row was taken; of those before none is open."""
    last: dict[str, str] = {}
    for content, status in RejectedRow.objects.order_by("id").values_list("content_hash", "status"):
        assert last.get(content) != "open"
        last[content] = status
    assert set(last.values()) <= {"open", "resolved"}


@given(
    batch=batches,
    mode=st.sampled_from(["partial", "atomic"]),
    dry_run=st.sampled_from(["true", "false"]),
)
@database
def test_every_row_has_one_verdict_and_the_record_agrees(
    api: Any, batch: list[Any], mode: str, dry_run: str
) -> None:
    start_afresh()

    answer = json.loads(send(api, batch, to=f"{EMPLOYEES}?mode={mode}&dry_run={dry_run}").content)

    names = ("received", "inserted", "unchanged", "rejected", "not_attempted")
    counts = [answer[name] for name in names]
    assert counts[0] == len(batch) == sum(counts[1:])
    assert len(answer["rejected_rows"]) == answer["rejected"]
    kept = dry_run == "false"
    assert list(Batch.objects.values_list(*names)) == ([tuple(counts)] if kept else [])
    assert Employee.objects.count() == (answer["inserted"] if kept else 0)
    assert RejectedRow.objects.count() == (answer["rejected"] if kept else 0)
    assert (answer["not_attempted"] > 0) <= (mode == "atomic")
    assert_each_content_is_closed_once()


@given(batch=batches, mode=st.sampled_from(["partial", "atomic"]))
@database
def test_a_dry_run_foretells_the_real_run(api: Any, batch: list[Any], mode: str) -> None:
    start_afresh()

    dry = send(api, batch, to=f"{EMPLOYEES}?mode={mode}&dry_run=true")
    real = send(api, batch, to=f"{EMPLOYEES}?mode={mode}")

    foretold, found = json.loads(dry.content), json.loads(real.content)
    assert verdicts(foretold) == verdicts(found)
    for count in ("received", "inserted", "unchanged", "rejected", "not_attempted"):
        assert foretold[count] == found[count]
    assert dry.status_code == (200 if real.status_code == 201 else real.status_code)


@given(batch=batches)
@database
def test_the_same_batch_again_inserts_nothing_and_rejects_the_same(
    api: Any, batch: list[Any]
) -> None:
    start_afresh()
    first = json.loads(send(api, batch).content)
    stored = stored_employees()

    again = json.loads(send(api, batch).content)

    assert stored_employees() == stored
    assert again["inserted"] == 0
    assert again["unchanged"] == first["inserted"] + first["unchanged"]
    # What comes before the row that took an id is judged anew, what was bad by itself stays bad.
    assert again["rejected"] == first["rejected"]
    assert_each_content_is_closed_once()


@given(batch=st.lists(rows | good_rows | good_rows, min_size=2, max_size=12), data=st.data())
@database
def test_where_rows_are_cut_into_batches_does_not_matter(
    api: Any, batch: list[Any], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(batch) - 1))
    start_afresh()
    whole = json.loads(send(api, batch).content)
    stored, logged = stored_employees(), log()

    start_afresh()
    parts = [json.loads(send(api, part).content) for part in (batch[:cut], batch[cut:])]

    assert stored_employees() == stored
    assert log() == logged
    assert verdicts(parts[0]) + verdicts(parts[1]) == verdicts(whole)


FIELDS = ["id", "name", "datetime", "department_id", "job_id"]

texts = st.text(st.characters(codec=None), max_size=10).map(json.dumps)
numbers = st.one_of(
    st.integers(-3, 3).map(str),
    st.integers().map(str),
    st.integers(1, 6000).map("9".__mul__),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?\Z"),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "1e400", "-0", "1e-400", "9007199254740992"]),
)
atoms = st.one_of(texts, numbers, st.sampled_from(["null", "true", "false"]))
keys = st.one_of(st.sampled_from([json.dumps(field) for field in FIELDS]), texts)
deep = st.tuples(st.integers(1, 40), atoms).map(
    lambda pair: "[" * pair[0] + pair[1] + "]" * pair[0]
)
literals = st.recursive(
    atoms | deep,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: f"[{', '.join(members)}]"),
        st.lists(st.tuples(keys, inner), max_size=3).map(
            lambda members: "{" + ", ".join(f"{key}: {value}" for key, value in members) + "}"
        ),
    ),
    max_leaves=8,
)
"""Texts of any JSON value: keys twice, NULs and surrogates, thousands of digits, deep nesting."""

objects = st.lists(st.tuples(keys, literals), max_size=7).map(
    lambda members: "{" + ", ".join(f"{key}: {value}" for key, value in members) + "}"
)


@given(elements=st.lists(st.one_of(objects, objects, literals), min_size=1, max_size=8))
@settings(database, max_examples=80)
@example(elements=['{"\\ud800": 1}', '{"id": "\\u0000"}', "[" * 60 + "]" * 60])
def test_any_json_gets_one_verdict_a_row_and_never_an_exception(
    api: Any, elements: list[str]
) -> None:
    start_afresh()

    response = send(api, f"[{', '.join(elements)}]")

    assert response.status_code in (200, 201, 207, 422)
    answer = json.loads(response.content.decode())
    assert answer["received"] == len(elements)
    assert len(verdicts(answer)) == len(elements)
    assert sum(answer[name] for name in ("inserted", "unchanged", "rejected")) == len(elements)
    assert all(row["errors"] for row in answer["rejected_rows"])
    assert Employee.objects.count() == answer["inserted"]
    logged = api.get("/api/v1/rejected-rows/?page_size=1000")
    assert logged.status_code == 200
    assert len(json.loads(logged.content.decode())["results"]) == answer["rejected"]
    file = api.get(f"/api/v1/batches/{answer['batch']}/rejected-rows.csv")
    assert b"".join(file.streaming_content).decode().startswith("id,name,datetime,")


@given(body=st.one_of(objects, literals))
@settings(database, max_examples=60)
def test_any_json_by_itself_is_answered_and_never_an_exception(api: Any, body: str) -> None:
    start_afresh()

    response = send(api, body)

    assert response.status_code in (200, 201, 207, 400, 422)
    assert isinstance(json.loads(response.content.decode()), dict)


@given(
    body=st.binary(max_size=60)
    | st.text(alphabet='[]{}",:\\u0d8 17-.eE+\n', max_size=40).map(str.encode)
)
@settings(database, max_examples=80)
@example(body=b'[{"id":1}]\x00')
def test_any_bytes_are_answered_and_never_an_exception(api: Any, body: bytes) -> None:
    start_afresh()

    response = send(api, body)

    assert response.status_code in (207, 400, 422)
    assert isinstance(json.loads(response.content.decode()), dict)
    assert Employee.objects.count() == 0


@given(elements=st.lists(st.one_of(objects, atoms), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
@example(elements=['{"id": 1, "id": 1}'])
@example(elements=['{"id": "\\""}', '{"a": {}}'])
@example(elements=['{"a": "x", "a": {"b": "c"}}'])
@example(elements=['{"a": {"b": 1, "b": 2}}'])
def test_a_row_is_read_alike_in_an_array_and_alone(elements: list[str]) -> None:
    together = read_json(f"[{','.join(elements)}]".encode(), max_rows=1000).rows
    alone = [sent_row_from_json(element, index=0, line=None) for element in elements]

    assert [row.content for row in together] == [row.content for row in alone]
    assert [row.faults for row in together] == [row.faults for row in alone]
    assert [repr(row.content) for row in together] == [repr(row.content) for row in alone]
