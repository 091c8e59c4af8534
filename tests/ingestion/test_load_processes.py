"""The command `load` as a process of its own: exit codes, streams, terminals, kills and lost databases."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hrapi import sample_data
from tests.benchmarks.measuring import command
from tests.embedded_postgres.harness import PATIENCE, has_ended, wait_until
from tests.ingestion.loading import FIELDS, csv_file
from tests.installation import Finished, Installation, free_port, installation

AGAIN = "Run the load again; rows that are stored will be found unchanged."
EMPLOYEES_STORED = "SELECT id, name, datetime, department_id, job_id FROM employees ORDER BY id"
OPEN_REJECTIONS = """SELECT line, raw FROM rejected_rows
    WHERE "table" = 'employees' AND status = 'open' ORDER BY line"""
BATCHES = """SELECT received, inserted, unchanged, rejected, not_attempted, finished_at IS NULL
    FROM batches ORDER BY id"""


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    with installation() as made:
        made.hold()
        assert made.manage("migrate", "--verbosity", "0") == Finished(0, "", "")
        with made.connection() as cursor:
            # The server of tests may lose its last commits when it is killed; a real one does not.
            cursor.execute("ALTER ROLE hrapi SET synchronous_commit = on")
        yield made


@pytest.fixture
def service(installed: Installation) -> Installation:
    """The installation with the departments and jobs of the sample data, and nothing else."""
    installed.hold()
    with installed.connection() as cursor:
        cursor.execute(
            "TRUNCATE employees, departments, jobs, rejected_rows, batches RESTART IDENTITY"
        )
        for row in sample_data.department_rows():
            cursor.execute(
                "INSERT INTO departments (id, department) VALUES (%s, %s)", list(row.values())
            )
        for row in sample_data.job_rows():
            cursor.execute("INSERT INTO jobs (id, job) VALUES (%s, %s)", list(row.values()))
    return installed


def people(count: int) -> list[dict[str, Any]]:
    """Employees, every thousandth of whom is bad."""
    rows = list(sample_data.employee_rows(count))
    for row in rows[400::1_000]:
        row["department_id"] = 99
    return rows


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_result_that_cannot_be_printed_is_code_1(
    service: Installation, tmp_path: Path, unbuffered: str
) -> None:
    path = csv_file(tmp_path / "people.csv", sample_data.employee_rows(3))

    with Path("/dev/full").open("wb") as full:
        process = service.start(
            "load",
            "employees",
            str(path),
            stdout=full,
            environment={"PYTHONUNBUFFERED": unbuffered},
        )
        _, errors = process.communicate(timeout=PATIENCE)

    assert errors.decode() == (
        "It was not done, or done and not printed: [Errno 28] No space left on device\n"
    )
    assert process.returncode == 1
    with service.connection() as cursor:
        cursor.execute("SELECT count(*) FROM employees")
        assert cursor.fetchone() == (3,)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_backup_whose_name_cannot_be_printed_says_so_in_one_line(
    service: Installation, tmp_path: Path
) -> None:
    with Path("/dev/full").open("wb") as full:
        process = service.start(
            "backup",
            "--to",
            str(tmp_path),
            stdout=full,
            environment={"PYTHONUNBUFFERED": ""},
        )
        _, errors = process.communicate(timeout=PATIENCE)

    [name] = [place.name for place in tmp_path.iterdir() if not place.name.startswith(".")]
    assert errors.decode() == (
        f"CommandError: {name} is made, but its name could not be printed: No space left on device\n"
    )
    assert process.returncode == 1


def test_a_fault_of_ours_that_is_no_output_keeps_its_traceback(service: Installation) -> None:
    finished = service.manage("shell", "-v0", "-c", "open('/nowhere/at/all')")

    assert finished.code == 1
    assert finished.errors.startswith("Traceback")
    assert "FileNotFoundError: [Errno 2]" in finished.errors


def test_everything_landed_is_code_0(service: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "people.csv", sample_data.employee_rows(1_500))

    finished = service.manage("load", "employees", str(path))

    assert finished == Finished(
        0,
        "employees: 1,500 received: 1,500 inserted, 0 unchanged, 0 rejected, 0 not attempted."
        " (batch 1)\n",
        "",
    )
    assert service.query("SELECT count(*) FROM employees") == [(1_500,)]


def test_some_rows_rejected_is_code_3(service: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "people.csv", people(1_500))

    finished = service.manage("load", "employees", str(path))

    assert finished == Finished(
        3,
        "employees: 1,500 received: 1,498 inserted, 0 unchanged, 2 rejected, 0 not attempted."
        " (batch 1)\n",
        "line 402: department_id: unknown_department\n"
        "line 1402: department_id: unknown_department\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch=1\n",
    )


def test_every_row_rejected_is_code_4(service: Installation) -> None:
    finished = service.manage("load", "departments", "-", stdin="x,\n0,Kïtchen\n".encode())

    assert finished == Finished(
        4,
        "departments: 2 received: 0 inserted, 0 unchanged, 2 rejected, 0 not attempted. (batch 1)\n",
        "line 1: id: not_an_integer; department: required\n"
        "line 2: id: out_of_range\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch=1\n",
    )


@pytest.mark.parametrize(
    "arguments, said",
    [
        pytest.param(
            ["departments", "/no/such/file.csv"],
            "/no/such/file.csv: No such file or directory",
            id="a missing file",
        ),
        pytest.param(["departments", "-"], "There are no rows.", id="an empty standard input"),
    ],
)
def test_a_load_that_cannot_be_done_is_code_1_and_one_line(
    service: Installation, arguments: list[str], said: str
) -> None:
    assert service.manage("load", *arguments) == Finished(1, "", f"CommandError: {said}\n")


@pytest.mark.parametrize(
    "arguments, said",
    [
        pytest.param(["jobs"], "the following arguments are required: FILE", id="no file"),
        pytest.param(["cats", "-"], "argument TABLE: invalid choice: 'cats'", id="no such table"),
        pytest.param(
            ["jobs", "-", "--mode", "some"], "argument --mode: invalid choice: 'some'", id="mode"
        ),
        pytest.param(
            ["jobs", "-", "--fast"], "unrecognized arguments: --fast", id="no such option"
        ),
    ],
)
def test_wrong_usage_is_code_2_and_leaves_no_record(
    service: Installation, arguments: list[str], said: str
) -> None:
    finished = service.manage("load", *arguments)

    assert (finished.code, finished.output) == (2, "")
    assert finished.errors.startswith("usage: manage.py load ")
    assert finished.errors.splitlines()[-1].startswith(f"manage.py load: error: {said}")
    assert service.query(BATCHES) == []


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_a_hyphen_is_standard_input_and_has_no_name(service: Installation, format_: str) -> None:
    rows = list(sample_data.employee_rows(2_100))
    text = io.StringIO()
    if format_ == "csv":
        csv.DictWriter(text, FIELDS).writerows(rows)
    else:
        text.writelines(json.dumps(row) + "\r\n" for row in rows)

    finished = service.manage(
        "load", "employees", "-", "--format", format_, stdin=text.getvalue().encode()
    )

    assert finished == Finished(
        0,
        "employees: 2,100 received: 2,100 inserted, 0 unchanged, 0 rejected, 0 not attempted."
        " (batch 1)\n",
        "",
    )
    assert service.query("SELECT name, department_id FROM employees ORDER BY id") == [
        (row["name"], row["department_id"]) for row in rows
    ]
    assert service.query("SELECT source, file_name FROM batches") == [("command", "")]


def test_a_named_pipe_loads(service: Installation, tmp_path: Path) -> None:
    pipe = tmp_path / "departments.csv"
    os.mkfifo(pipe)
    process = service.start("load", "departments", str(pipe))

    pipe.write_text("id,department\n77,Kitchen\n")

    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, b"")
    assert output == (
        b"departments: 1 received: 1 inserted, 0 unchanged, 0 rejected, 0 not attempted. (batch 1)\n"
    )
    assert service.query("SELECT file_name FROM batches") == [("departments.csv",)]


def test_with_json_nothing_but_json_goes_to_standard_output(service: Installation) -> None:
    finished = service.manage(
        "load", "departments", "-", "--json", stdin="77,Küche\n78,\n".encode()
    )

    assert finished == Finished(
        3,
        """{
  "batch": 1,
  "table": "departments",
  "mode": "partial",
  "dry_run": false,
  "received": 2,
  "inserted": 1,
  "unchanged": 0,
  "rejected": 1,
  "not_attempted": 0,
  "rejected_rows": [
    {
      "index": 1,
      "line": 2,
      "id": 78,
      "rejected_row": 1,
      "errors": [
        {
          "field": "department",
          "code": "required",
          "message": "This field is required.",
          "value": ""
        }
      ]
    }
  ]
}
""",
        "line 2: department: required\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch=1\n",
    )


def test_each_transaction_can_be_seen_by_others_as_soon_as_it_is_done(
    service: Installation, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "people.csv", people(3_500))

    with service.held_up_at(2_200):
        process = service.start("load", "employees", str(path))
        wait_until(service.someone_waits)
        seen = service.query("SELECT max(id), count(*) FROM employees")
        rejected = service.query(OPEN_REJECTIONS.replace("line, raw", "line"))
        counted = service.query(BATCHES)
    output, _ = process.communicate(timeout=PATIENCE)

    assert seen == [(2_000, 1_998)]
    assert rejected == [(402,), (1402,)]
    assert counted == [(2_000, 1_998, 0, 2, 0, True)]
    assert process.returncode == 3
    assert output == (
        b"employees: 3,500 received: 3,496 inserted, 0 unchanged, 4 rejected, 0 not attempted."
        b" (batch 1)\n"
    )
    assert service.query(BATCHES) == [(3_500, 3_496, 0, 4, 0, False)]


def test_an_atomic_load_can_be_seen_by_nobody_before_its_end(
    service: Installation, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "people.csv", sample_data.employee_rows(2_500))

    with service.held_up_at(2_200):
        process = service.start("load", "employees", str(path), "--mode", "atomic")
        wait_until(service.someone_waits)
        seen = service.query(EMPLOYEES_STORED), service.query(BATCHES)
    process.communicate(timeout=PATIENCE)

    assert seen == ([], [])
    assert process.returncode == 0
    assert service.query(BATCHES) == [(2_500, 2_500, 0, 0, 0, False)]


def test_a_load_that_was_killed_and_run_again_ends_like_one_that_was_not(
    service: Installation, tmp_path: Path
) -> None:
    rows = people(4_500)
    rows[3_300] = rows[100] | {"name": "Somebody Else"}
    rows[3_350] = dict(rows[100])
    path = str(csv_file(tmp_path / "people.csv", rows))
    assert service.manage("load", "employees", path).code == 3
    clean = service.query(EMPLOYEES_STORED), service.query(OPEN_REJECTIONS)
    with service.connection() as cursor:
        cursor.execute("TRUNCATE employees, rejected_rows, batches RESTART IDENTITY")

    with service.held_up_at(2_200):
        process = service.start("load", "employees", path)
        wait_until(service.someone_waits)
        server = service.server_pid()
        # From here on the load is the only user of the private server.
        service.let_go()
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert not has_ended(server)
    assert service.query(BATCHES) == [(2_000, 1_998, 0, 2, 0, True)]
    half = service.query("SELECT count(*) FROM employees")

    finished = service.manage("load", "employees", path)

    assert half == [(1_998,)]
    assert finished.code == 3
    assert finished.output == (
        "employees: 4,500 received: 2,495 inserted, 1,999 unchanged, 6 rejected, 0 not attempted."
        " (batch 2)\n"
    )
    wait_until(lambda: has_ended(server))
    service.hold()
    assert (service.query(EMPLOYEES_STORED), service.query(OPEN_REJECTIONS)) == clean
    assert [line for line, _ in clean[1]] == [402, 1402, 2402, 3302, 3402, 4402]
    assert service.query(BATCHES) == [
        (2_000, 1_998, 0, 2, 0, True),
        (4_500, 2_495, 1_999, 6, 0, False),
    ]


def test_a_database_that_cannot_be_reached_is_code_1_and_one_line(tmp_path: Path) -> None:
    port = free_port()
    url = f"postgresql://hrapi:secret@127.0.0.1:{port}/hrapi"
    service = Installation(tmp_path / "data", DATABASE_URL=url, SECRET_KEY="x")

    finished = service.manage("load", "departments", "-", stdin=b"1,Sales\n")

    assert (finished.code, finished.output) == (1, "")
    assert_one_line_about_the_database(finished.errors)
    assert f'connection to server at "127.0.0.1", port {port} failed' in finished.errors
    assert "secret" not in finished.errors


def test_a_refused_file_and_no_database_to_record_it_in_is_code_1_and_one_line(
    tmp_path: Path,
) -> None:
    url = f"postgresql://hrapi:secret@127.0.0.1:{free_port()}/hrapi"
    service = Installation(tmp_path / "data", DATABASE_URL=url, SECRET_KEY="x")

    finished = service.manage("load", "departments", "-", stdin=b"1,Sal\xe9s\n")

    assert (finished.code, finished.output) == (1, "")
    assert len(finished.errors.splitlines()) == 1
    assert finished.errors.startswith("CommandError: ")


def test_a_database_that_goes_away_is_code_1_and_one_line_and_the_load_can_be_run_again(
    service: Installation, tmp_path: Path
) -> None:
    path = str(csv_file(tmp_path / "people.csv", people(3_500)))

    with service.held_up_at(2_200):
        process = service.start("load", "employees", path)
        wait_until(service.someone_waits)
        server = service.server_pid()
        os.kill(server, signal.SIGQUIT)
        output, errors = process.communicate(timeout=PATIENCE)
    wait_until(lambda: has_ended(server))

    assert (process.returncode, output) == (1, b"")
    assert_one_line_about_the_database(errors.decode())
    # A server that is killed may forget the last parts of a load that has not ended, whole ones.
    [(kept,)] = service.query("SELECT count(*) FROM employees")
    assert kept in (0, 999, 1_998)
    finished = service.manage("load", "employees", path)
    # Sequences leave a gap when the server was killed.
    [(batch,)] = service.query("SELECT max(id) FROM batches")
    assert finished.output == (
        f"employees: 3,500 received: {3_496 - kept:,} inserted, {kept:,} unchanged, 4 rejected,"
        f" 0 not attempted. (batch {batch})\n"
    )
    service.hold()
    assert [line for line, _ in service.query(OPEN_REJECTIONS)] == [402, 1402, 2402, 3402]


def test_a_connection_that_is_ended_is_code_1_and_one_line(
    service: Installation, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "people.csv", people(3_500))

    with service.held_up_at(2_200):
        process = service.start("load", "employees", str(path))
        wait_until(service.someone_waits)
        ended = service.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        output, errors = process.communicate(timeout=PATIENCE)

    assert ended == [(True,)]
    assert (process.returncode, output) == (1, b"")
    assert_one_line_about_the_database(errors.decode())


def assert_one_line_about_the_database(errors: str) -> None:
    assert errors.startswith("CommandError: The database failed (OperationalError): ")
    assert errors.endswith(f" {AGAIN}\n")
    assert errors.count("\n") == 1


def test_an_interrupted_load_says_that_it_can_be_run_again(
    service: Installation, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "people.csv", people(3_500))

    with service.held_up_at(2_200):
        process = service.start("load", "employees", str(path))
        wait_until(service.someone_waits)
        process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)

    assert (process.returncode, output) == (130, b"")
    assert errors.decode() == f"CommandError: Interrupted. {AGAIN}\n"


def test_a_progress_bar_is_drawn_on_a_terminal(service: Installation, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "people.csv", people(2_500))
    terminal, other_end = pty.openpty()
    process = service.start(
        "load", "employees", str(path), stderr=other_end, environment={"TERM": "xterm-256color"}
    )
    os.close(other_end)

    drawn = read_to_end(terminal)
    output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 3
    assert output == (
        b"employees: 2,500 received: 2,497 inserted, 0 unchanged, 3 rejected, 0 not attempted."
        b" (batch 1)\n"
    )
    assert "employees" in drawn
    assert "━" in drawn
    assert "\x1b[" in drawn
    # The bar is wiped away before the rejected rows are told.
    assert drawn.rindex("━") < drawn.index("line 402: department_id: unknown_department")


def read_to_end(terminal: int) -> str:
    parts = []
    try:
        while part := os.read(terminal, 65_536):
            parts.append(part)
    except OSError:
        pass  # so Linux says that nobody holds the other end any more
    finally:
        os.close(terminal)
    return b"".join(parts).decode()


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_nothing_is_drawn_where_there_is_no_terminal(
    service: Installation, tmp_path: Path, environment: dict[str, str]
) -> None:
    path = csv_file(tmp_path / "people.csv", people(2_500))

    finished = service.manage("load", "employees", str(path), TERM="xterm-256color", **environment)

    assert finished == Finished(
        3,
        "employees: 2,500 received: 2,497 inserted, 0 unchanged, 3 rejected, 0 not attempted."
        " (batch 1)\n",
        "line 402: department_id: unknown_department\n"
        "line 1402: department_id: unknown_department\n"
        "line 2402: department_id: unknown_department\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch=1\n",
    )


@pytest.mark.parametrize("name", ["long.csv", "long.jsonl"])
def test_lines_of_a_hundred_thousand_characters_take_no_more_memory(
    service: Installation, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    with path.open("w") as file:
        for number in range(1, 601):
            text = "x" * 100_000
            row = {"id": number, "job": text}
            file.write(json.dumps(row) + "\n" if name.endswith("l") else f"{number},{text}\n")

    run = command("load", "jobs", str(path), environment=service.environment, code=4)

    assert run.peak < 150

    service.hold()
    counts = "SELECT received, rejected FROM batches"
    assert service.query(counts) == [(600, 600)]
