"""Files that are sent to be loaded, and the worker that loads them."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from hrapi.loads.models import Load, LoadPart

LOADS = "/api/v1/loads/"
DEPARTMENTS = b"id,department\n1,Sales\n2,Law\n3,\n"


def send_file(
    client: Any,
    content: bytes = DEPARTMENTS,
    *,
    name: str = "departments.csv",
    table: str = "departments",
    headers: dict[str, str] | None = None,
    **fields: str,
) -> Any:
    file = SimpleUploadedFile(name, content)
    sent = {"table": table, **fields, "file": file}
    return client.post(LOADS, sent, format="multipart", headers=headers or {})


def work_off() -> None:
    """A worker loads whatever waits."""
    call_command("run_worker", "--once")


def loaded(client: Any, content: bytes = DEPARTMENTS, **options: str) -> dict[str, Any]:
    """The load of a file, sent and worked off, as it is read in the end."""
    response = send_file(client, content, **options)  # type: ignore[arg-type]
    assert response.status_code == 202, response.content
    work_off()
    return read(client, response.json()["id"])


def read(client: Any, load: int) -> dict[str, Any]:
    response = client.get(f"{LOADS}{load}/")
    assert response.status_code == 200
    found: dict[str, Any] = json.loads(response.content)
    return found


def counts(load: dict[str, Any]) -> list[int]:
    """Received, inserted, unchanged, rejected and not attempted."""
    names = ("received", "inserted", "unchanged", "rejected", "not_attempted")
    return [load[name] for name in names]


def kept() -> tuple[int, int]:
    """How many loads and parts of files there are."""
    return Load.objects.count(), LoadPart.objects.count()
