"""A name, stored in every place where one can be, and the clients that look for it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

from employees.models import Employee
from hrapi.ingestion.models import RejectedRow
from tests.factories import DepartmentFactory, JobFactory, employee_row
from tests.loads.sending import loaded, send_file
from tests.problem_bodies import text_of

NAME = "Canary Yellowbird"
ROOT = "/api/v1/"
EMPLOYEES = f"{ROOT}employees/"
HEADER = "id,name,datetime,department_id,job_id\n"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

STORED, CHANGED, DELETED, UNDONE, REJECTED = 1, 2, 3, 4, 5
"""The ids of employees."""


def row(row_id: int, **fields: Any) -> dict[str, Any]:
    return employee_row(id=row_id, name=NAME, department_id=1, job_id=1) | fields


def client_with(*permissions: str, without: str = "", **flags: bool) -> Client:
    """A browser of a staff user with these permissions; without any, with all there are but one."""
    user = User.objects.create_user(f"user-{User.objects.count()}", is_staff=True, **flags)
    found = Permission.objects.exclude(codename=without)
    user.user_permissions.set(found.filter(codename__in=permissions) if permissions else found)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def store_names(api: Any) -> None:
    """By the API, as names come in: taken, changed, deleted, undone, rejected in every way, refused, loaded."""
    DepartmentFactory(id=1, department="Sales")
    JobFactory(id=1, job="Cook")
    assert _post(api, [row(STORED), row(CHANGED), row(DELETED)]).status_code == 201
    assert api.patch(f"{EMPLOYEES}{CHANGED}/", {"name": "Ann"}, format="json").status_code == 200
    assert api.delete(f"{EMPLOYEES}{DELETED}/").status_code == 204
    undone = _post(api, [row(UNDONE)]).json()["batch"]
    assert api.post(f"{ROOT}batches/{undone}/undo/").status_code == 200
    bad = [
        row(REJECTED, department_id=99),
        row(REJECTED, department_id=99),
        row(STORED, name=f"{NAME} II"),
        row(6, datetime=NAME),
        row(7, datetime=NAME),
        row(8, job_id=NAME),
        row(NAME),  # type: ignore[arg-type]
        row(9, **{NAME: NAME}),
        row(10, name=[NAME]),
        row(11, name=NAME * 40),
        [NAME, 12],
        NAME,
    ]
    assert _post(api, bad).status_code == 422
    doubled = f'[{{"id": 13, "name": "{NAME}", "{NAME}": 1, "{NAME}": 2}}]'
    assert _post(api, doubled).status_code == 422
    assert (
        _post(api, f"{HEADER}14,{NAME}\n15,{NAME},1,1,1,1,{NAME}\n", "text/csv").status_code == 422
    )
    assert _post(api, f"id,{NAME}\n16,{NAME}\n", "text/csv").status_code == 400
    # To the wrong table.
    assert _post(api, [row(17)], to="jobs").status_code == 422
    as_file = {"table": "employees", "name": f"{NAME}.csv"}
    rejected = f"18,{NAME},{NAME},1,1\n".encode()
    assert loaded(api, HEADER.encode() + rejected, **as_file)["rejected"] == 1
    assert loaded(api, HEADER.encode() + rejected, **as_file, dry_run="true")["rejected"] == 1
    assert loaded(api, f"id,{NAME}\n19,{NAME}\n".encode(), **as_file)["state"] == "failed"
    assert send_file(api, f"{HEADER}20,{NAME},1,1,1\n".encode(), **as_file).status_code == 202


def _post(
    api: Any, body: Any, media_type: str = "application/json", *, to: str = "employees"
) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return api.generic("POST", f"{ROOT}{to}/", text, content_type=media_type)


def holds_name(response: Any) -> bool:
    """Whether the name, or a part of it, is in the body or in a header."""
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    return any(part.lower() in f"{headers} {text_of(response)}".lower() for part in NAME.split())


def kept() -> list[Any]:
    return [*Employee.objects.order_by("pk").values(), *RejectedRow.objects.order_by("pk").values()]
