"""What is deleted, undone, discarded, opened again and downloaded is recorded, with the deed or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import OperationalError, ProgrammingError, connection, transaction

from departments.models import Department
from hrapi.api.models import TokenDetails
from hrapi.api.tokens import make_token
from hrapi.audit import recording
from hrapi.audit.models import AuditEvent
from hrapi.ingestion.edits import delete_row
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.tables import get_table
from tests.audit.recorded import recorded, told
from tests.factories import DepartmentFactory, EmployeeFactory, employee_row
from tests.ingestion.sending import EMPLOYEES, send
from tests.problem_bodies import text_of

API = "/api/v1/"
BOSS = "administrators-user"
# Any of them may hold a name in a wrong column.
ALL = ["departments", "jobs", "employees"]

Deed = Callable[[Any], Any]


@pytest.fixture
def stored(api: Any) -> Any:
    """A client of a service with an employee, a batch and an open and a discarded rejected row."""
    EmployeeFactory(id=1, department__id=1, job__id=1)
    rows = [employee_row(id=2), employee_row(id=3, name=""), employee_row(id=4, name="")]
    assert send(api, rows).status_code == 207
    RejectedRow.objects.filter(row_id=4).update(status="discarded")
    return api


def batch() -> int:
    return int(Batch.objects.get(inserted=1).pk)


def entry(row_id: int) -> int:
    return int(RejectedRow.objects.get(row_id=row_id).pk)


def post(api: Any, path: str, **body: Any) -> Any:
    return api.post(f"{API}{path}", body, format="json")


def working_off(api: Any, verb: str, row_id: int, **more: Any) -> Any:
    what = {"filter": {"id": [entry(row_id)]}, "reason": "Ada said so"}
    return post(api, f"rejected-rows/{verb}/", **what, **more)


DEEDS: dict[str, tuple[Deed, Callable[[], Any]]] = {
    "row_deleted": (
        lambda api: api.delete(f"{EMPLOYEES}1/"),
        lambda: {"table": "employees", "id": 1},
    ),
    "batch_undone": (
        lambda api: post(api, f"batches/{batch()}/undo/"),
        lambda: {
            "batch": batch(),
            "undo": Batch.objects.get(source="undo").pk,
            "table": "employees",
            "removed": 1,
            "reopened": 0,
        },
    ),
    "rejected_rows_discarded": (
        lambda api: working_off(api, "discard", 3),
        lambda: {"count": 1, "rejected_rows": [entry(3)]},
    ),
    "reopened": (
        lambda api: working_off(api, "reopen", 4),
        lambda: {"count": 1, "rejected_rows": [entry(4)]},
    ),
}


def state() -> list[Any]:
    return [
        sorted(model._default_manager.values_list("pk", field))
        for model, field in (
            (get_table("employees").model, "name"),
            (Batch, "undone_by"),
            (RejectedRow, "status"),
        )
    ]


@pytest.mark.parametrize("action", DEEDS)
def test_a_deed(stored: Any, action: str) -> None:
    do, what = DEEDS[action]

    with recorded() as events:
        assert do(stored).status_code in (200, 204)

    assert told(events) == [(action, BOSS, what())]
    assert events[0].address == "127.0.0.1"
    assert len(events[0].request_id or "") == 32
    assert events[0].user_id == User.objects.get(username=BOSS).pk


@pytest.mark.parametrize("action", DEEDS)
def test_a_deed_that_cannot_be_recorded_is_not_done(
    stored: Any, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OperationalError

    do, _ = DEEDS[action]
    before = state()
    monkeypatch.setattr(recording.AuditEvent, "save", fail)

    assert do(stored).status_code == 503
    assert state() == before


@pytest.mark.parametrize(
    "do, status",
    [
        (lambda api: api.delete(f"{API}jobs/1/"), 409),
        (lambda api: api.delete(f"{EMPLOYEES}77/"), 404),
        (lambda api: post(api, f"batches/{batch()}/undo/", dry_run=True), 200),
        (lambda api: working_off(api, "discard", 3, dry_run=True), 200),
        (lambda api: working_off(api, "reopen", 4, dry_run=True), 200),
        (lambda api: working_off(api, "discard", 4), 200),
        (lambda api: send(api, [employee_row(), employee_row(name="")]), 207),
    ],
    ids=["in use", "gone", "look", "look", "look", "closed already", "rows posted"],
)
def test_what_is_not_done_and_what_only_adds_is_not_recorded(
    stored: Any, do: Deed, status: int
) -> None:
    with recorded() as events:
        assert do(stored).status_code == status

    assert events == []


@pytest.mark.django_db
def test_what_is_rolled_back_was_not_recorded() -> None:
    user = User.objects.create_user("ann")
    DepartmentFactory(id=1)

    with recorded() as events, transaction.atomic():
        delete_row(get_table("departments"), 1, user=user)
        make_token(user)
        assert AuditEvent.objects.filter(action="row_deleted").count() == 1
        transaction.set_rollback(True)

    assert events == []
    assert Department.objects.count() == 1
    assert TokenDetails.objects.count() == 0


@pytest.mark.parametrize(
    "address, tables, filters",
    [
        ("employees/?format=csv&name=Ada&job_id=1", ["employees"], ["job_id", "name"]),
        ("rejected-rows/?format=csv", ALL, []),
        ("rejected-rows/?format=csv&table=jobs", ["jobs"], ["table"]),
        ("rejected-rows.csv?table=departments", ["departments"], ["table"]),
        ("batches/?format=csv&table=jobs", ["jobs"], ["table"]),
        ("batches/?format=csv", ALL, []),
        ("loads/?format=csv", ALL, []),
        ("rejected-rows/?format=csv&table=employees", ["employees"], ["table"]),
        ("rejected-rows.csv?table=employees&status=open", ["employees"], ["status", "table"]),
        ("batches/{batch}/rejected-rows.csv", ["employees"], []),
    ],
)
def test_a_download_with_names(
    stored: Any, address: str, tables: list[str], filters: list[str]
) -> None:
    address = API + address.format(batch=batch())

    with recorded() as events:
        assert "id," in text_of(stored.get(address))
        assert stored.head(address).status_code == 200

    what = {"tables": tables, "path": address.partition("?")[0], "filters": filters}
    assert told(events) == [("names_exported", BOSS, what)]


def test_a_download_from_a_page(stored: Any) -> None:
    stored.force_login(User.objects.get(username=BOSS))

    with recorded() as events:
        text_of(stored.get("/rejected-rows.csv?table=employees&code=required"))

    what = {"tables": ["employees"], "path": "/rejected-rows.csv", "filters": ["code", "table"]}
    assert told(events) == [("names_exported", BOSS, what)]


@pytest.mark.parametrize(
    "address",
    [
        "jobs/?format=csv", "employees/", "batches/", "loads/", "rejected-rows/",
        "reports/quarterly-hires/?year=2021&format=csv",
    ],
)  # fmt: skip
def test_a_download_without_names_and_a_page_of_a_list_is_not_recorded(
    stored: Any, address: str
) -> None:
    with recorded() as events:
        assert stored.get(API + address).status_code == 200

    assert events == []


def test_a_download_that_cannot_be_recorded_does_not_begin(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(recording.AuditEvent, "save", fail)

    assert stored.get(f"{EMPLOYEES}?format=csv").status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET at = now()", "DELETE FROM audit_events", "TRUNCATE audit_events"],
)
def test_nobody_changes_what_is_recorded(statement: str) -> None:
    recording.record(recording.Action.LOGIN, user=User(username="ann"))

    refused = pytest.raises(ProgrammingError, match="audit_events only grows")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert AuditEvent.objects.filter(user="ann").count() == 1


@pytest.mark.parametrize("listed", ["batches", "loads", "rejected-rows"])
def test_a_download_for_who_may_not_see_names_is_not_recorded(client_of: Any, listed: str) -> None:
    client = client_of("readers")
    user = User.objects.get(username="readers-user")
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_batch", "view_rejectedrow"])
    )
    client.force_authenticate(User.objects.get(pk=user.pk))

    with recorded() as events:
        assert client.get(f"{API}{listed}/?format=csv").status_code == 200

    assert events == []
