"""What `make run` runs: the first start, the next ones, and the end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.embedded_postgres.harness import PATIENCE, has_ended, wait_until
from tests.installation import Finished, Installation, free_port, installation

FIRST_START = re.compile(
    r"  User      admin\n"
    r"  Password  (?P<password>[\w-]{16})    \(shown this once\)\n"
    r"  Token     (?P<token>[0-9a-f]{64})    \(shown this once\)\n"
)
LATER_START = (
    "  The user is there already, and its token was shown once. For new ones:\n"
    "  .venv/bin/python manage.py changepassword admin\n"
    "  .venv/bin/python manage.py issue_token admin\n"
)
EVERYTHING = """SELECT
    (SELECT json_agg(d ORDER BY id) FROM departments d)::text,
    (SELECT json_agg(j ORDER BY id) FROM jobs j)::text,
    (SELECT json_agg(e ORDER BY id) FROM employees e)::text,
    (SELECT json_agg(b ORDER BY id) FROM batches b)::text,
    (SELECT json_agg(r ORDER BY id) FROM rejected_rows r)::text,
    (SELECT json_agg(u ORDER BY id) FROM auth_user u)::text,
    (SELECT json_agg(t ORDER BY digest) FROM knox_authtoken t)::text,
    (SELECT count(*) FROM django_migrations)"""
COUNTS = """SELECT (SELECT count(*) FROM departments), (SELECT count(*) FROM jobs),
    (SELECT count(*) FROM employees),
    (SELECT count(*) FROM rejected_rows WHERE status = 'open'),
    (SELECT count(*) FROM auth_user), (SELECT count(*) FROM knox_authtoken)"""
USERS = "SELECT username, is_superuser, is_staff FROM auth_user"
SAMPLE_BATCHES = (
    'SELECT "table", source, file_name, received, inserted, rejected FROM batches ORDER BY id'
)


class FirstStart(NamedTuple):
    """A fresh data directory, what the first `quickstart --prepare-only` said, and what it stored.

    Stored is what was there before any other test of this module came: rows of each statement.
    """

    installed: Installation
    said: Finished
    stored: dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def first_start() -> Iterator[FirstStart]:
    with installation() as installed:
        said = installed.manage("quickstart", "--prepare-only")
        installed.hold()
        stored = {
            asked: installed.query(asked) for asked in (COUNTS, USERS, SAMPLE_BATCHES, EVERYTHING)
        }
        installed.let_go()
        yield FirstStart(installed, said, stored)


@pytest.fixture
def prepared(first_start: FirstStart) -> Iterator[Installation]:
    yield first_start.installed
    first_start.installed.let_go()


@pytest.fixture(scope="module")
def token(first_start: FirstStart) -> str:
    found = FIRST_START.fullmatch(first_start.said.output)
    assert found, first_start.said
    return found["token"]


def processes_of(installed: Installation) -> list[int]:
    """The processes, not ended, that were given this data directory: web servers and database servers."""
    needle = os.fsencode(installed.data_dir)
    found = []
    for directory in Path("/proc").iterdir():
        if not directory.name.isdigit() or int(directory.name) == os.getpid():
            continue
        try:
            told = (directory / "environ").read_bytes() + (directory / "cmdline").read_bytes()
        except OSError:
            continue
        if needle in told and not has_ended(int(directory.name)):
            found.append(int(directory.name))
    return found


def test_the_first_start_shows_a_password_and_a_token_and_makes_sample_data(
    first_start: FirstStart,
) -> None:
    said, stored = first_start.said, first_start.stored

    assert said.code == 0
    shown = FIRST_START.fullmatch(said.output)
    assert shown
    assert stored[COUNTS] == [(12, 20, 900, 10, 1, 1)]
    assert stored[USERS] == [("admin", True, True)]
    assert stored[SAMPLE_BATCHES] == [
        ("departments", "command", "sample data", 12, 12, 0),
        ("jobs", "command", "sample data", 20, 20, 0),
        ("employees", "command", "sample data", 910, 900, 10),
    ]
    # What was shown is not stored.
    assert shown["password"] not in str(stored[EVERYTHING])
    assert shown["token"] not in str(stored[EVERYTHING])


def test_a_second_start_keeps_everything_and_shows_no_secret(prepared: Installation) -> None:
    prepared.hold()
    before = prepared.query(EVERYTHING)

    said = prepared.manage("quickstart", "--prepare-only")

    assert said == Finished(0, LATER_START, "")
    assert prepared.query(EVERYTHING) == before


def test_deleted_sample_data_do_not_come_back(prepared: Installation) -> None:
    prepared.hold()
    with prepared.connection() as cursor:
        cursor.execute("DELETE FROM employees WHERE id = 900")
        before = prepared.query(EVERYTHING)

        assert prepared.manage("quickstart", "--prepare-only") == Finished(0, LATER_START, "")

        assert prepared.query(EVERYTHING) == before
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " VALUES (900, 'Back', '2025-01-01Z', 1, 1)"
        )


def test_preparing_leaves_no_process_behind(prepared: Installation) -> None:
    assert prepared.manage("quickstart", "--prepare-only").code == 0

    assert processes_of(prepared) == []


def test_a_port_that_is_in_use_is_named_with_the_way_to_another(prepared: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        said = prepared.manage("quickstart", PORT=str(port))

    assert said == Finished(
        1,
        "",
        f"CommandError: Port {port} of 127.0.0.1 cannot be used (Address already in use). "
        f"Choose another one: make run PORT={port + 1}\n",
    )
    assert processes_of(prepared) == []


@pytest.mark.parametrize("port", ["99999", "http"])
def test_what_is_no_port_is_refused_in_one_line_that_names_it(
    prepared: Installation, port: str
) -> None:
    said = prepared.manage("quickstart", PORT=port)

    assert (said.code, said.output) == (1, "")
    assert said.errors.count("\n") == 1, said.errors
    assert "PORT" in said.errors.upper()
    assert port in said.errors


def started(installed: Installation, port: int) -> tuple[subprocess.Popen[bytes], str]:
    """The service once it has printed its banner, and the banner."""
    process = installed.start(
        "quickstart",
        environment={"PORT": str(port)},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    banner = ""
    while not banner.endswith("the data stay.\n"):
        line = process.stdout.readline().decode()
        assert line, process.communicate()
        banner += line
    return process, banner


def get(address: str, token: str) -> Any:
    request = urllib.request.Request(address, headers={"Authorization": f"Token {token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@pytest.mark.parametrize(
    "number, to_all",
    [
        pytest.param(signal.SIGTERM, False, id="SIGTERM to the command"),
        pytest.param(signal.SIGINT, False, id="SIGINT to the command"),
        pytest.param(signal.SIGINT, True, id="Ctrl-C, which all processes get"),
    ],
)
def test_a_signal_ends_the_service_and_its_database(
    prepared: Installation, token: str, number: signal.Signals, to_all: bool
) -> None:
    port = free_port()
    process, banner = started(prepared, port)
    try:
        address = f"http://127.0.0.1:{port}/"
        answered = get(f"{address}api/v1/departments/1/", token)
        running = processes_of(prepared)
        server = prepared.server_pid()

        if to_all:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        output, errors = process.communicate(timeout=PATIENCE)
    finally:
        prepared.end_all()

    assert answered == {"id": 1, "department": "Accounting"}
    assert server in running
    assert len(running) >= 4
    assert (process.returncode, output, errors.decode()) == (0, b"", "")
    wait_until(lambda: processes_of(prepared) == [])
    assert has_ended(server)
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert banner == (
        f"\nHiring data is running at {address}\n\n{LATER_START}\n"
        "Try, in another terminal:\n"
        "  export TOKEN=$(.venv/bin/python manage.py issue_token admin)\n"
        f'  curl -H "Authorization: Token $TOKEN" \'{address}api/v1/reports/departments-above-mean/'
        "?year=2025'\n"
        f"  curl -H \"Authorization: Token $TOKEN\" '{address}api/v1/rejected-rows/?page_size=2'\n"
        "  curl -H \"Authorization: Token $TOKEN\" -H 'Content-Type: text/csv' \\\n"
        f"       --data-binary $'id,department\\n13,Logistics\\n14,\\n' {address}api/v1/departments/\n"
        "\nREADME.md goes on from here. Ctrl-C stops the service; the data stay.\n"
    )


def workers_of(installed: Installation) -> list[int]:
    return [
        pid
        for pid in processes_of(installed)
        if b"run_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_the_service_loads_files_and_starts_its_worker_again_when_that_is_killed(
    prepared: Installation, token: str
) -> None:
    port = free_port()
    process, _ = started(prepared, port)
    try:
        wait_until(lambda: len(workers_of(prepared)) == 1)
        [first] = workers_of(prepared)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: workers_of(prepared) not in ([], [first]))
        load = send_file(f"http://127.0.0.1:{port}/api/v1/loads/", token)
        address = f"http://127.0.0.1:{port}/api/v1/loads/{load}/"
        wait_until(lambda: get(address, token)["state"] == "finished")
        found = get(address, token)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
        prepared.end_all()

    assert (found["received"], found["inserted"]) == (1, 1)
    assert (process.returncode, errors.decode()) == (0, "")
    wait_until(lambda: processes_of(prepared) == [])


def send_file(address: str, token: str) -> int:
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="table"\r\n\r\njobs\r\n--XX\r\n'
        b'Content-Disposition: form-data; name="file"; filename="j.csv"\r\n\r\n77,Baker\r\n--XX--\r\n'
    )
    headers = {
        "Authorization": f"Token {token}",
        "Content-Type": "multipart/form-data; boundary=XX",
    }
    request = urllib.request.Request(address, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return int(json.load(response)["id"])


def test_the_worker_does_not_outlive_a_service_that_is_killed(prepared: Installation) -> None:
    process, _ = started(prepared, free_port())
    wait_until(lambda: len(workers_of(prepared)) == 1)
    try:
        process.kill()
        process.wait(PATIENCE)

        wait_until(lambda: workers_of(prepared) == [])
    finally:
        # The web server does: here it is ended by hand.
        for pid in processes_of(prepared):
            if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not any_web_server(prepared))
        process.communicate(timeout=PATIENCE)
        prepared.hold()
        prepared.let_go()


def any_web_server(installed: Installation) -> bool:
    return any(
        b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(installed)
    )
