"""Batches of 1,000 employees: by the service, by HTTP, by COPY, and by naive DRF."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from knox.models import AuthToken
from rest_framework import serializers

from employees.models import Employee
from hrapi.ingestion.batches import Origin
from hrapi.ingestion.models import Batch
from hrapi.ingestion.parsing.json_rows import read_json
from hrapi.ingestion.services import ingest_batch
from hrapi.sample_data import (
    FIRST_HIRE,
    LAST_HIRE,
    department_rows,
    employee_rows,
    job_rows,
)
from hrapi.tables import get_table
from tests.benchmarks.measuring import Row, in_turn, milliseconds, ratio

ROWS = 1000
TIMES = 40
COLUMNS = ("id", "name", "datetime", "department_id", "job_id", "batch_id")
Ask = Callable[..., Mapping[str, str]]
_next_id = itertools.count(1_000_000_000, ROWS)


class NaiveEmployeeSerializer(serializers.ModelSerializer):
    """What one writes first with Django REST framework."""

    id = serializers.IntegerField()

    class Meta:
        model = Employee
        fields = ["id", "name", "datetime", "department", "job"]


def measure() -> Iterator[Row]:
    store_references()
    copy, service = in_turn(_copy, _service, times=TIMES)
    yield Row(
        "1,000 valid employees through the ingestion service",
        ratio(service, copy),
        1.6,
        note=f"{milliseconds(service)} to {milliseconds(copy)}",
    )
    with server("loaders") as ask:
        post = partial(post_employees, ask)
        valid_bodies = [valid_body() for _ in range(TIMES + 1)]
        half_bodies = [_half_bad() for _ in range(TIMES + 1)]
        copy, valid, half = in_turn(
            _copy,
            lambda: post(valid_bodies.pop()),
            lambda: post(half_bodies.pop(), status=207),
            times=TIMES,
        )
        yield Row(
            "the same as an HTTP POST, answered",
            ratio(valid, copy),
            2.5,
            note=f"{milliseconds(valid)} to {milliseconds(copy)}",
        )
        valid_bodies = [valid_body() for _ in range(4)]
        naive_rows = [_naive_rows() for _ in range(4)]
        naive, again = in_turn(
            lambda: _naive(naive_rows.pop()), lambda: post(valid_bodies.pop()), times=3
        )
        yield Row(
            "the same by naive DRF, without HTTP",
            ratio(naive, again),
            30,
            "x our POST",
            at_least=True,
            note=f"{milliseconds(naive)} to {milliseconds(again)}",
        )
        yield Row(
            "1,000 employees of which half are bad, HTTP POST",
            ratio(half, valid),
            1.5,
            "x valid POST",
            note=f"{milliseconds(half)} to {milliseconds(valid)}",
        )


def measure_growth() -> Iterator[Row]:
    """The service at 1,000,000 rows, between two measurements at 100,000: a machine drifts."""
    before = _service_at(100_000)
    large = _service_at(1_000_000)
    after = _service_at(100_000)
    small = before + after
    yield Row(
        "cost per row at 1,000,000 rows in the table",
        statistics.median(large) / statistics.median(small),
        1.2,
        "x at 100,000",
        note=f"{milliseconds(large)} to {milliseconds(small)}",
    )


def _service_at(rows: int) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE employees")
        fill(1, rows)
        cursor.execute("VACUUM ANALYZE employees")
        # What filling has left to write would be written while the batches are measured.
        cursor.execute("CHECKPOINT")
    # After a checkpoint PostgreSQL logs each page whole when it is changed for the first time.
    [taken] = in_turn(_service, times=TIMES)
    return taken[TIMES // 2 :]


def store_references() -> None:
    for name, rows in (("departments", department_rows()), ("jobs", job_rows())):
        ingest_batch(get_table(name), _sent(rows), Origin(source=Batch.Source.COMMAND))


def _sent(rows: list[dict[str, Any]]) -> Any:
    return read_json(json.dumps(rows).encode(), max_rows=ROWS).rows


def valid_body() -> bytes:
    return json.dumps(list(employee_rows(ROWS, first_id=next(_next_id)))).encode()


def _half_bad() -> bytes:
    rows = list(employee_rows(ROWS, first_id=next(_next_id)))
    for number, row in enumerate(rows[: ROWS // 2]):
        row |= ({"name": ""}, {"department_id": 99}, {"datetime": "yesterday"})[number % 3]
    return json.dumps(rows).encode()


def copy_lines(rows: list[dict[str, Any]]) -> str:
    return "".join("\t".join(map(str, row.values())) + "\t1\n" for row in rows)


def copy(lines: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_from(StringIO(lines), "employees", columns=COLUMNS)


def _copy() -> None:
    copy(_prepared_lines.pop())


_prepared_lines = [
    copy_lines(list(employee_rows(ROWS, first_id=next(_next_id)))) for _ in range(3 * TIMES)
]
_prepared_rows = [
    _sent(list(employee_rows(ROWS, first_id=next(_next_id)))) for _ in range(4 * TIMES + 4)
]


def _service() -> None:
    rows = _prepared_rows.pop()
    result = ingest_batch(get_table("employees"), rows, Origin(source=Batch.Source.API))
    assert result.inserted == ROWS, result


def _naive(rows: list[dict[str, Any]]) -> None:
    # As a view of DRF does it with Django's defaults: no transaction around it.
    serializer = NaiveEmployeeSerializer(data=rows, many=True)
    serializer.is_valid(raise_exception=True)
    serializer.save()


def _naive_rows() -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "datetime": row["datetime"],
            "department": row["department_id"],
            "job": row["job_id"],
        }
        for row in employee_rows(ROWS, first_id=next(_next_id))
    ]


def fill(first: int, last: int) -> None:
    """Employees hired at any time of the years in which those of the batches are hired."""
    seconds = int((LAST_HIRE - FIRST_HIRE).total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO employees (id, name, datetime, department_id, job_id, batch_id)
            SELECT n, 'Employee ' || n, %s + abs(hashint4(n)::bigint) %% %s * interval '1 second',
                   1 + n %% %s, 1 + n %% %s, 1
            FROM generate_series(%s, %s) n
            """,
            [FIRST_HIRE, seconds, len(department_rows()), len(job_rows()), first, last],
        )


def post_employees(ask: Ask, body: bytes, *, status: int = 201) -> None:
    ask("POST", "/api/v1/employees/", body, {"Content-Type": "application/json"}, status=status)


@contextmanager
def server(group: str) -> Iterator[Ask]:
    """A connection to gunicorn with one worker, which asks as a user of the group."""
    with served(group, workers=1) as connect:
        yield connect()


@contextmanager
def served(group: str, *, workers: int) -> Iterator[Callable[[], Ask]]:
    """gunicorn as it runs in production, and a function that connects to it as a user of the group.

    What asks takes method, path, body, headers and the status to be answered, and returns the answer's headers.
    """
    user, _ = get_user_model().objects.get_or_create(username=f"bench-{group}")
    user.groups.add(Group.objects.get(name=group))
    _, token = AuthToken.objects.create(user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn"),
            *("--bind", f"127.0.0.1:{port}", "--workers", str(workers)),
        ],
        env=os.environ,
    )
    try:
        _connected(port)
        yield lambda: _asking(_connected(port), {"Authorization": f"Token {token}"})
    finally:
        server.terminate()
        server.wait()


def _asking(client: http.client.HTTPConnection, login: Mapping[str, str]) -> Ask:
    def ask(
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        status: int = 200,
    ) -> Mapping[str, str]:
        client.request(method, path, body, {**login, **(headers or {})})
        response = client.getresponse()
        answer = response.read()
        assert response.status == status, answer
        return response.headers

    return ask


def _connected(port: int) -> http.client.HTTPConnection:
    for _ in range(200):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            client.request("GET", "/healthz")
            client.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return client
    raise RuntimeError("gunicorn does not answer")
