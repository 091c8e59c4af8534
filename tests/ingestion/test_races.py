"""What happens when others change the same rows meanwhile: real transactions, on connections of their own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connections
from rest_framework.test import APIClient

from departments.models import Department
from employees.models import Employee
from hrapi.ingestion import batches as batch_module
from hrapi.ingestion import edits, resubmission, stewardship, writing
from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.ingestion.sending import (
    DEPARTMENTS,
    EMPLOYEES,
    faults_of,
    send,
    stored_employees,
    stored_ids,
)

SECONDS = 30


@pytest.fixture
def db(committed_db: None) -> None:
    """In place of pytest-django's."""
    for number in (1, 2):
        DepartmentFactory(id=number)
        JobFactory(id=number)


@pytest.fixture
def client(db: None) -> APIClient:
    """May do everything. It can be used by several threads: it keeps no state but the user."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(User.objects.create_superuser("everything"))
    return client


def elsewhere(work: Callable[[], Any]) -> Any:
    """Does the work on a connection of its own, to its end, and returns what it returns."""

    def run() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(SECONDS)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Starts all of them at the same moment, each on a connection of its own."""
    start = threading.Barrier(len(works), timeout=SECONDS)

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(SECONDS) for future in [pool.submit(run, work) for work in works]]


def meeting(function: Callable[..., Any], *, parties: int) -> Callable[..., Any]:
    """The function, which the first call of each thread enters only when all threads have got there."""
    gate = threading.Barrier(parties, timeout=SECONDS)
    been_there = threading.local()

    def wait_and_call(*args: Any, **kwargs: Any) -> Any:
        if not hasattr(been_there, "once"):
            been_there.once = True
            gate.wait()
        return function(*args, **kwargs)

    return wait_and_call


def before_the_first_call(
    function: Callable[..., Any], work: Callable[[], Any]
) -> Callable[..., Any]:
    waiting = [work]

    def call(*args: Any, **kwargs: Any) -> Any:
        if waiting:
            elsewhere(waiting.pop())
        return function(*args, **kwargs)

    return call


def after_the_first_call(
    function: Callable[..., Any], work: Callable[[], Any]
) -> Callable[..., Any]:
    waiting = [work]

    def call(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if waiting:
            elsewhere(waiting.pop())
        return result

    return call


def patched(name: str, side_effect: Any) -> Any:
    return mock.patch.object(batch_module, name, autospec=True, side_effect=side_effect)


@pytest.mark.parametrize("number", [1, 200])
def test_two_batches_of_the_same_ids_each_have_one_verdict_a_row(
    client: APIClient, number: int
) -> None:
    ids = range(1, number + 1)
    batches = [
        [employee_row(id=row_id, name="First") for row_id in ids],
        [employee_row(id=row_id, name="Second") for row_id in reversed(ids)],
    ]

    with patched("copy_rows", meeting(batch_module.copy_rows, parties=2)):
        responses = at_once(*(lambda rows=rows: send(client, rows) for rows in batches))

    assert sorted(response.status_code for response in responses) == [201, 422]
    answers = sorted((response.json() for response in responses), key=lambda a: a["rejected"])
    assert (answers[0]["inserted"], answers[0]["rejected"]) == (number, 0)
    assert (answers[1]["inserted"], answers[1]["rejected"]) == (0, number)
    assert all(faults_of(row) == [("id", "already_exists")] for row in answers[1]["rejected_rows"])
    assert stored_ids() == list(ids)
    assert len({name for _, name, *_ in stored_employees()}) == 1
    assert RejectedRow.objects.filter(status="open").count() == number
    assert Batch.objects.count() == 2


def test_two_batches_that_overlap_each_have_one_verdict_a_row(client: APIClient) -> None:
    first = [employee_row(id=row_id, name="First") for row_id in range(1, 101)]
    second = [employee_row(id=row_id, name="Second") for row_id in range(150, 50, -1)]

    with patched("copy_rows", meeting(batch_module.copy_rows, parties=2)):
        responses = at_once(lambda: send(client, first), lambda: send(client, second))

    answers = [response.json() for response in responses]
    assert sorted(response.status_code for response in responses) == [201, 207]
    assert sorted((a["inserted"], a["rejected"]) for a in answers) == [(50, 50), (100, 0)]
    assert stored_ids() == list(range(1, 151))
    [loser] = [a for a in answers if a["rejected"]]
    assert sorted(row["id"] for row in loser["rejected_rows"]) == list(range(51, 101))


def test_the_same_batch_sent_twice_at_once_lands_once(client: APIClient) -> None:
    rows = [employee_row(id=row_id, name="Ada") for row_id in range(1, 101)]

    with patched("copy_rows", meeting(batch_module.copy_rows, parties=2)):
        responses = at_once(lambda: send(client, rows), lambda: send(client, rows))

    assert sorted(response.status_code for response in responses) == [200, 201]
    answers = sorted((response.json() for response in responses), key=lambda a: a["inserted"])
    assert [(a["inserted"], a["unchanged"], a["rejected"]) for a in answers] == [
        (0, 100, 0),
        (100, 0, 0),
    ]
    assert stored_ids() == list(range(1, 101))
    assert RejectedRow.objects.count() == 0


def test_one_row_sent_twice_at_once_is_201_and_200(client: APIClient) -> None:
    row = employee_row(id=7, name="Ada")

    with patched("copy_rows", meeting(batch_module.copy_rows, parties=2)):
        responses = at_once(lambda: send(client, row), lambda: send(client, row))

    assert sorted(response.status_code for response in responses) == [200, 201]
    assert responses[0].json() == responses[1].json() == row


def test_an_atomic_batch_that_was_overtaken_stores_nothing(client: APIClient) -> None:
    theirs = employee_row(id=2, name="Theirs")
    ours = [employee_row(id=row_id, name="Ours") for row_id in (1, 2, 3)]
    overtaken = before_the_first_call(batch_module.copy_rows, lambda: send(client, theirs))

    # The other one goes through copy_rows as well, by then as the original.
    with patched("copy_rows", overtaken):
        response = send(client, ours, to=f"{EMPLOYEES}?mode=atomic")

    assert response.status_code == 422
    assert response.json()["not_attempted"] == 2
    assert [faults_of(row) for row in response.json()["rejected_rows"]] == [
        [("id", "already_exists")]
    ]
    assert [(row[0], row[1]) for row in stored_employees()] == [(2, "Theirs")]


def test_many_clients_at_once_lose_and_double_nothing(client: APIClient) -> None:
    def post(name: str) -> Callable[[], list[Any]]:
        rows = [employee_row(id=row_id, name=name) for row_id in range(1, 31)]
        parts = [rows[start : start + 10] for start in (0, 10, 20)]
        return lambda: [send(client, part) for part in parts]

    found = at_once(*(post(name) for name in ("Ada", "Ada", "Bob", "Eve")))

    answers = [response.json() for responses in found for response in responses]
    assert {response.status_code for responses in found for response in responses} <= {
        200,
        201,
        207,
        422,
    }
    for answer in answers:
        taken = answer["inserted"] + answer["unchanged"] + answer["rejected"]
        assert taken == answer["received"] == 10
        assert answer["rejected"] == len(answer["rejected_rows"])
    assert sum(answer["inserted"] for answer in answers) == 30
    assert stored_ids() == list(range(1, 31))
    assert Batch.objects.count() == 12
    contents = set(RejectedRow.objects.values_list("content_hash", flat=True))
    assert RejectedRow.objects.filter(status="open").count() == len(contents)


@pytest.mark.parametrize("when", [before_the_first_call, after_the_first_call])
def test_a_department_deleted_meanwhile_is_unknown_and_the_other_rows_land(
    client: APIClient, when: Callable[..., Any]
) -> None:
    rows = [employee_row(id=1), employee_row(id=2, department_id=2), employee_row(id=3)]
    deleting = when(batch_module.copy_rows, lambda: Department.objects.filter(pk=2).delete())

    with patched("copy_rows", deleting) as copying:
        response = send(client, rows)

    assert copying.call_count == 2
    assert response.status_code == 207
    answer = response.json()
    assert (answer["inserted"], answer["rejected"]) == (2, 1)
    [row] = answer["rejected_rows"]
    assert (row["index"], faults_of(row)) == (1, [("department_id", "unknown_department")])
    assert stored_ids() == [1, 3]
    assert Batch.objects.count() == 1
    assert RejectedRow.objects.count() == 1


def test_a_department_deleted_while_employees_are_posted_leaves_no_orphan(
    client: APIClient,
) -> None:
    for number in range(10, 20):
        DepartmentFactory(id=number)
        rows = [employee_row(id=number * 100 + i, department_id=number) for i in range(20)]

        deleted, posted = at_once(
            lambda number=number: client.delete(f"{DEPARTMENTS}{number}/"),
            lambda rows=rows: send(client, rows),
        )

        assert (deleted.status_code, posted.status_code) in {(204, 422), (409, 201)}
    assert {row[3] for row in stored_employees()} <= set(
        Department.objects.values_list("id", flat=True)
    )


def test_a_department_that_arrives_meanwhile_does_not_undo_a_verdict(client: APIClient) -> None:
    arriving = before_the_first_call(
        batch_module.log_rejections, lambda: Department.objects.create(id=999, department="New")
    )

    with patched("log_rejections", arriving):
        response = send(client, [employee_row(id=1, department_id=999)])
    again = send(client, [employee_row(id=1, department_id=999)])

    assert response.status_code == 422
    assert again.status_code == 201


@pytest.mark.parametrize(
    "error, status, code",
    [
        pytest.param(RuntimeError("broken"), 500, "internal_error", id="fault of our own"),
        pytest.param(OperationalError("gone"), 503, "service_unavailable", id="database gone"),
    ],
)
@pytest.mark.parametrize("broken", ["copy_rows", "log_rejections"])
def test_what_cannot_be_written_whole_is_not_written_at_all(
    client: APIClient, broken: str, error: Exception, status: int, code: str
) -> None:
    send(client, [employee_row(id=5, name="Before"), employee_row(id=6, department_id=999)])
    before = stored_employees()
    logged = list(RejectedRow.objects.values())
    rows = [employee_row(id=1), employee_row(id=2, department_id=999)]

    with patched(broken, error):
        response = send(client, rows)

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.has_header("Retry-After") is (status == 503)
    assert stored_employees() == before
    assert list(RejectedRow.objects.values()) == logged
    assert Batch.objects.count() == 1
    assert send(client, rows).status_code == 207


@pytest.mark.parametrize("as_single", [False, True])
def test_the_same_bad_row_from_two_clients_at_once_is_open_once(
    client: APIClient, as_single: bool
) -> None:
    row = employee_row(id=7, name="Ada", department_id=999)

    with patched("log_rejections", meeting(batch_module.log_rejections, parties=2)):
        responses = at_once(*[lambda: send(client, row if as_single else [row])] * 2)

    assert [response.status_code for response in responses] == [422, 422]
    entries = [response.json()["rejected_rows"][0]["rejected_row"] for response in responses]
    assert len(set(entries)) == 2
    assert sorted(RejectedRow.objects.values_list("status", flat=True)) == ["open", "superseded"]
    assert sorted(RejectedRow.objects.values_list("pk", flat=True)) == sorted(entries)


def test_many_bad_rows_from_four_clients_at_once_are_each_open_once(client: APIClient) -> None:
    rows = [employee_row(id=row_id, name="", department_id=999) for row_id in range(1, 51)]
    orders = [rows, rows[::-1], rows[25:] + rows[:25], rows]

    with patched("log_rejections", meeting(batch_module.log_rejections, parties=4)):
        responses = at_once(*(lambda order=order: send(client, order) for order in orders))

    assert [response.status_code for response in responses] == [422] * 4
    assert RejectedRow.objects.count() == 200
    assert RejectedRow.objects.filter(status="open").count() == 50
    for response in responses:
        batch = response.json()["batch"]
        assert RejectedRow.objects.filter(batch=batch).count() == 50


def test_a_batch_that_is_overtaken_again_and_again_is_told_to_come_back(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hrapi.ingestion.transactions.time.sleep", lambda seconds: None)
    original = batch_module.copy_rows

    def overtaken(table: Any, rows: Any, *, batch_id: int) -> None:
        # Two rows of one id, as if another transaction had stored the first just now.
        values = [*rows] * 2
        original(table, values, batch_id=batch_id)

    with patched("copy_rows", overtaken) as copying:
        response = send(client, [employee_row(id=7)])

    assert copying.call_count == 10
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0
    assert json.loads(response.content)["code"] == "service_unavailable"
    assert stored_ids() == []
    assert Batch.objects.count() == 0


def test_two_patches_of_different_fields_are_both_kept(client: APIClient) -> None:
    send(client, [employee_row(id=1, name="Ada", department_id=1, job_id=1)])
    to = f"{EMPLOYEES}1/"
    others: list[Any] = []
    validate = edits.validate_rows
    with ThreadPoolExecutor(1) as pool:

        def change_the_name() -> Any:
            try:
                return client.patch(to, {"name": "Grace"}, format="json")
            finally:
                connections.close_all()

        def meanwhile(*arguments: Any) -> Any:
            # The row has been read, for this change; another one comes and has time to read it too.
            if not others:
                others.append(pool.submit(change_the_name))
                wait(others, timeout=0.5)
            return validate(*arguments)

        with mock.patch.object(edits, "validate_rows", meanwhile):
            first = client.patch(to, {"department_id": 2}, format="json")
            second = others[0].result(SECONDS)

    assert (first.status_code, second.status_code) == (200, 200)
    employee = Employee.objects.get()
    assert (employee.name, employee.department_id, employee.job_id) == ("Grace", 2, 1)


@pytest.mark.parametrize("first", ["employee", "department"])
def test_whoever_commits_first_the_row_is_taken(client: APIClient, first: str) -> None:
    def employee() -> Any:
        return send(client, [employee_row(id=5, department_id=50)])

    def department() -> Any:
        return send(client, [{"id": 50, "department": "New"}], to=DEPARTMENTS)

    if first == "department":
        # The employee has been judged when the department comes.
        with patched("look_again", before_the_first_call(batch_module.look_again, department)):
            employee()
    else:
        # The department is stored, but not committed, when the employee comes.
        with patched("copy_rows", after_the_first_call(batch_module.copy_rows, employee)):
            department()

    assert stored_ids() == [5]
    assert not RejectedRow.objects.filter(status="open").exists()


def test_many_rows_and_what_they_lack_sent_at_once_are_all_taken(client: APIClient) -> None:
    numbers = range(100, 140)
    works: list[Callable[[], Any]] = []
    for number in numbers:
        row, parent = (
            employee_row(id=number, department_id=number),
            {"id": number, "department": f"D {number}"},
        )
        works.append(lambda row=row: send(client, [row]))
        works.append(lambda parent=parent: send(client, [parent], to=DEPARTMENTS))

    for start in range(0, len(works), 8):
        at_once(*works[start : start + 8])

    assert stored_ids() == list(numbers)


@pytest.mark.parametrize(
    "change, status",
    [("resubmit", "resolved"), ("discard", "discarded")],
)
@pytest.mark.parametrize("sent", ["the bad row again", "the row itself"])
def test_an_entry_that_somebody_is_closing_is_not_closed_a_second_time(
    client: APIClient, change: str, status: str, sent: str
) -> None:
    bad = employee_row(id=5, name="")
    entry = send(client, [bad]).json()["rejected_rows"][0]["rejected_row"]
    row = bad if sent == "the bad row again" else employee_row(id=5, name="Ann")
    log = "/api/v1/rejected-rows/"

    def close() -> Any:
        if change == "resubmit":
            return client.post(f"{log}{entry}/resubmit/", {"name": "Ann"}, format="json")
        order = {"filter": {"id": [entry]}, "reason": "A test"}
        return client.post(f"{log}discard/", order, format="json")

    started, waiting = threading.Event(), threading.Event()

    def close_and_wait(*args: Any, **kwargs: Any) -> Any:
        result = set_status(*args, **kwargs)
        started.set()
        waiting.wait(1)
        return result

    set_status = writing.set_status
    module = resubmission if change == "resubmit" else stewardship
    with (
        mock.patch.object(module, "set_status", autospec=True, side_effect=close_and_wait),
        ThreadPoolExecutor(1) as pool,
    ):
        closing = pool.submit(lambda: (close(), connections.close_all()))
        assert started.wait(SECONDS)
        send(client, [row])
        waiting.set()
        closing.result(SECONDS)

    found = RejectedRow.objects.get(pk=entry)
    assert found.status == status
    assert [event["action"] for event in found.history] == [status]
