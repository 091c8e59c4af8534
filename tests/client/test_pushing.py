"""What `push` promises beside the rows: answers, files, keys, limits."""

from __future__ import annotations

import csv
import json
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hrapi.client.__main__ import main
from hrapi.client.errors import ClientError
from hrapi.client.pushing.journal import journal_at
from hrapi.client.pushing.sending import Sending
from tests.client.answering import Said, answering, problem
from tests.client.serving import Served
from tests.client.test_push import WHEN, csv_text, people
from tests.embedded_postgres.harness import wait_until
from tests.installation import installation

GOOD = f"1,Ada,{WHEN},1,1\n"
BAD = f"2,,{WHEN},99,1\n"
NOTES = ["_rejected_row", "_line", "_codes", "_messages"]


def push(filled: Served, home: Path, text: str, *options: str) -> tuple[int, str, str]:
    path = home / "people.csv"
    path.write_text(text)
    done = filled.run("push", "employees", path, *options, home=home)
    return done.code, done.output, done.errors


def state_of(home: Path) -> list[Path]:
    return list((home / ".local" / "state" / "hrapi").glob("*"))


@pytest.mark.parametrize("text, code", [(GOOD, 0), (GOOD + BAD, 3), (BAD, 4), ("", 1), ("x", 1)])
def test_exit_codes_are_those_of_load(
    filled: Served,
    tmp_path: Path,
    text: str,
    code: int,
) -> None:
    loaded = filled.installed.manage("load", "employees", "-", stdin=text.encode())

    found, output, errors = push(filled, tmp_path, text)

    assert (found, loaded.code) == (code, code)
    assert "Traceback" not in errors
    if code == 1:
        assert (output, errors.removeprefix("error: ").split(".")[0]) == (
            "",
            loaded.errors.removeprefix("CommandError: ").split(".")[0].strip(),
        )


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("push", "people", "x.csv"), "There is no table 'people'. There are departments, "),
        (("push", "jobs", "x.csv", "--delimiter=:"), "':' is not a delimiter that can be read"),
        (("push", "jobs", "x.csv", "--encoding=klingon"), "is not a text encoding"),
        (("push", "jobs", "x.jsonl", "--header=absent"), "delimiter and header are for CSV"),
        (("push", "jobs"), "the following arguments are required: FILE"),
        (("fetch", "jobs"), "invalid choice: 'fetch'"),
        ((), "the following arguments are required: COMMAND"),
    ],
)
def test_wrong_usage_is_exit_code_2(
    filled: Served,
    tmp_path: Path,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    done = filled.run(*arguments, home=tmp_path)

    assert (done.code, done.output) == (2, "")
    assert told in done.errors


def test_a_file_that_is_not_there_is_one_clear_line(filled: Served, tmp_path: Path) -> None:
    done = filled.run("push", "jobs", "no such.csv", home=tmp_path)

    assert (done.code, done.errors) == (1, "error: no such.csv: No such file or directory\n")


def test_rejected_rows_are_the_services_own_file(filled: Served, tmp_path: Path) -> None:
    rows = "".join(
        [
            "9,=SUM(A1),yesterday,1,1\n",
            '8,"two\nlines",x,1,1\n',
            "7,few\n",
            '6,"open,x,1,1\n',
            f"5,{'x' * 20000},x,1,1\n",
        ]
    )

    code, output, errors = push(filled, tmp_path, rows, "--delimiter=,")

    written = tmp_path / "people.rejected.csv"
    with filled.client() as client:
        [[batch]] = filled.installed.query("SELECT id FROM batches")
        of_service = client.get(f"/api/v1/batches/{batch}/rejected-rows.csv").content
    assert (code, output) == (
        4,
        f"employees: 5 received: 0 inserted, 0 unchanged, 5 rejected, 0 not attempted. (batch {batch})\n",
    )
    assert written.read_bytes() == b"\xef\xbb\xbf" + of_service
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert f"They are in {written.name}: correct it and push it." in errors


def test_rejected_rows_of_json_lines_are_the_services_own_file(
    filled: Served,
    tmp_path: Path,
) -> None:
    lines = [
        '{"id": 1e400, "name": "\\u0000", "datetime": 7, "department_id": "x", "job_id": [1]}',
        '{"id": 3, "name": "\\ud800", "datetime": null}',
        "no JSON",
        '{"id": 4, "id": 5}',
    ]
    path = tmp_path / "people.jsonl"
    path.write_text("\n".join(lines))

    filled.run("push", "employees", path, "--rejected=mine.csv", home=tmp_path)

    with filled.client() as client:
        [[batch]] = filled.installed.query("SELECT id FROM batches")
        of_service = client.get(f"/api/v1/batches/{batch}/rejected-rows.csv").content
    assert (tmp_path / "mine.csv").read_bytes() == b"\xef\xbb\xbf" + of_service


def test_a_corrected_file_is_pushed_back(filled: Served, tmp_path: Path) -> None:
    push(filled, tmp_path, GOOD + BAD + f"3,Zoë,{WHEN},99,1\n")
    path = tmp_path / "people.rejected.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][-4:] == NOTES
    rows[1][1], rows[1][3] = "Grace", "2"

    path.write_text(csv_text(rows, delimiter=";"))
    done = filled.run("push", "employees", path, home=tmp_path)

    assert done.code == 3
    assert "2 received: 1 inserted, 0 unchanged, 1 rejected" in done.output
    statuses = "SELECT row_id, status FROM rejected_rows ORDER BY id"
    assert filled.installed.query(statuses) == [(2, "resolved"), (3, "superseded"), (3, "open")]
    # The file that was corrected stays as it is.
    assert (tmp_path / "people.rejected.rejected.csv").exists()


def test_a_file_of_rejected_rows_is_not_written_over(filled: Served, tmp_path: Path) -> None:
    (tmp_path / "people.rejected.csv").write_text("half corrected")

    _, _, errors = push(filled, tmp_path, BAD)

    assert "They are in people.rejected-2.csv" in errors
    assert (tmp_path / "people.rejected.csv").read_text() == "half corrected"


@pytest.mark.parametrize("name", ["people.csv", "./people.csv", "link.csv"])
def test_rejected_rows_do_not_take_the_place_of_the_file(
    filled: Served, tmp_path: Path, name: str
) -> None:
    (tmp_path / "link.csv").symlink_to("people.csv")

    code, output, errors = push(filled, tmp_path, GOOD + BAD, "--rejected", name)

    assert (code, output) == (2, "")
    assert "is the file itself" in errors
    assert (tmp_path / "people.csv").read_text() == GOOD + BAD


def test_a_dry_run_keeps_nothing(filled: Served, tmp_path: Path) -> None:
    code, output, _ = push(filled, tmp_path, GOOD + BAD, "--dry-run")

    assert (code, output) == (
        3,
        "employees: 2 received: 1 inserted, 0 unchanged, 1 rejected, 0 not attempted."
        " Nothing was kept: this was a dry run.\n",
    )
    for table in ("employees", "batches", "rejected_rows", "kept_answers"):
        assert filled.number_of(table) == 0
    assert state_of(tmp_path) == []
    assert (tmp_path / "people.rejected.csv").exists()


def test_a_file_pushed_again_is_answered_as_before(filled: Served, tmp_path: Path) -> None:
    text = csv_text(people(1500))
    code, output, _ = push(filled, tmp_path, text)

    again = push(filled, tmp_path, text)

    assert again[:2] == (code, output)
    assert "nothing was done again. To have its rows judged anew: --again." in again[2]
    assert filled.number_of("batches") == 2


def test_again_has_rows_judged_anew(filled: Served, tmp_path: Path) -> None:
    push(filled, tmp_path, GOOD)
    with filled.installed.connection() as cursor:
        cursor.execute("DELETE FROM employees")

    code, output, errors = push(filled, tmp_path, GOOD, "--again")

    assert (code, errors) == (0, "")
    assert "1 inserted, 0 unchanged" in output
    assert filled.number_of("employees") == 1
    assert state_of(tmp_path) == []


def test_after_the_keys_have_ended_rows_are_unchanged(filled: Served, tmp_path: Path) -> None:
    push(filled, tmp_path, GOOD)
    with filled.installed.connection() as cursor:
        cursor.execute("DELETE FROM kept_answers")

    code, output, errors = push(filled, tmp_path, GOOD)

    assert (code, errors) == (0, "")
    assert "0 inserted, 1 unchanged" in output


def test_what_was_answered_is_not_sent_again(filled: Served, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(csv_text(people(3500)))
    stopped = problem(403, "permission_denied")
    with filled.client() as client:
        schema = Said(body=client.get("/api/v1/schema/", format="json").content)
        answers = [
            {
                "batch": batch,
                "received": received,
                "inserted": received - 1,
                "rejected": 1,
                "rejected_rows": [
                    {
                        "index": 0,
                        "line": batch * 1000 + 1,
                        "rejected_row": 7,
                        "errors": [
                            {"field": "name", "code": "required", "message": "No.", "value": ""}
                        ],
                    }
                ],
            }
            for batch, received in enumerate([1000, 1000, 1000, 500])
        ]
    said = [Said(201, json.dumps(answer).encode()) for answer in answers]
    with answering(schema, said[0], said[1], stopped, schema, said[2], said[3]) as server:
        first = filled.run("push", "employees", path, home=tmp_path, HRAPI_ADDRESS=server.address)
        [journal] = state_of(tmp_path)
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
        second = filled.run("push", "employees", path, home=tmp_path, HRAPI_ADDRESS=server.address)

    assert (first.code, first.output) == (1, "")
    posts = [asked for asked in server.asked if asked.method == "POST"]
    assert len(posts) == 5
    keys = [asked.headers["Idempotency-Key"] for asked in posts]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 4
    assert [asked.path.partition("first_line=")[2] for asked in posts] == [
        *("1", "1001", "2001", "2001", "3001"),
    ]
    assert "3,500 received: 3,496 inserted, 0 unchanged, 4 rejected" in second.output
    assert "(4 batches, 0 to 3)" in second.output
    assert "line 1: name: required" in second.errors
    assert state_of(tmp_path) == []


def test_a_service_that_counts_other_rows_ends_the_push(filled: Served, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(csv_text(people(1500)))
    with filled.client() as client:
        schema = Said(body=client.get("/api/v1/schema/", format="json").content)
    counted = {"batch": 7, "received": 999, "inserted": 999, "rejected_rows": []}
    with answering(schema, Said(201, json.dumps(counted).encode())) as server:
        done = filled.run("push", "employees", path, home=tmp_path, HRAPI_ADDRESS=server.address)

    assert (done.code, done.output) == (1, "")
    assert (
        "From line 1 on 1,000 rows were sent, and the service counts 999 (batch 7)." in done.errors
    )
    assert len([asked for asked in server.asked if asked.method == "POST"]) == 1


def test_what_a_terminal_would_obey_does_not_reach_it(filled: Served, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(GOOD)
    said = Said(
        403,
        json.dumps({"code": "no\x1b[2J", "detail": "\x1b]0;Mine\x07 no\nerror: yes"}).encode(),
        {"Content-Type": "application/problem+json"},
    )
    with answering(said) as server:
        done = filled.run("push", "employees", path, home=tmp_path, HRAPI_ADDRESS=server.address)

    assert done.code == 1
    assert len(done.errors.splitlines()) == 1
    assert done.errors.removesuffix("\n").isprintable()


def test_a_changed_file_is_another_one(filled: Served, tmp_path: Path) -> None:
    push(filled, tmp_path, GOOD, "--retry-for=1")

    code, output, _ = push(filled, tmp_path, GOOD + f"3,Zoë,{WHEN},1,1\n")

    assert code == 0
    assert "2 received: 1 inserted, 1 unchanged" in output


def test_a_service_that_stays_away_ends_the_push_with_what_to_do(
    filled: Served,
    tmp_path: Path,
) -> None:
    with filled.client() as client:
        schema = Said(body=client.get("/api/v1/schema/", format="json").content)
    path = tmp_path / "people.csv"
    path.write_text(GOOD)
    with answering(schema, problem(503, "service_unavailable")) as server:
        done = filled.run(
            *("push", "employees", path, "--retry-for=1"),
            home=tmp_path,
            HRAPI_ADDRESS=server.address,
        )

    assert (done.code, done.output) == (1, "")
    assert "503 service_unavailable" in done.errors
    assert done.errors.endswith("Run the same command again: it goes on where this one ended.\n")
    assert len({asked.headers.get("Idempotency-Key") for asked in server.asked[1:]}) == 1


def test_batches_get_smaller_where_the_service_takes_less(tmp_path: Path) -> None:
    from tests.client.serving import LIMITS
    from tests.faults.installed import fill, token

    with installation(**LIMITS, MAX_BODY_BYTES="20000") as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        fill(installed, 0)
        secret = token(installed)
        with installed.serving() as port:
            small = Served(installed, port, secret)
            rows = people(1000)
            code, output, errors = push(small, tmp_path, csv_text(rows))
            stored = small.number_of("employees")
            code_of_long, _, told = push(small, tmp_path, f"1,{'x' * 30000},{WHEN},1,1\n")

    assert (code, errors.count("Traceback")) == (3, 0)
    assert "1,000 received" in output
    assert f" {stored} inserted" in output
    assert code_of_long == 1
    assert "The row in line 1 alone is larger than the service takes" in told


@pytest.mark.parametrize("content", [b"no database" * 99, b"SQLite format 3\x00" + b"\xff" * 9000])
def test_a_damaged_journal_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "push.sqlite"
    path.write_bytes(content)

    with pytest.raises(ClientError, match=r"push\.sqlite.*remove it"), journal_at(path) as journal:
        journal.run_id(is_new=False)


def test_a_file_that_changes_while_it_is_pushed_is_an_error(
    filled: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(GOOD)
    monkeypatch.setenv("HRAPI_ADDRESS", filled.address)
    monkeypatch.setenv("HRAPI_TOKEN", filled.secret)
    send_all = Sending.send_all

    def send_and_change(self: Sending, *arguments: Any) -> None:
        send_all(self, *arguments)
        path.write_text(BAD)

    monkeypatch.setattr(Sending, "send_all", send_and_change)
    state = str(tmp_path / "state")

    code = main(["push", "employees", str(path), "--state-dir", state])

    assert code == 1
    assert "changed while it was pushed" in capsys.readouterr().err


def test_ctrl_c_is_exit_code_130(filled: Served, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(csv_text(people(20_000)))
    process = filled.start("push", "employees", path, home=tmp_path, stdout=subprocess.DEVNULL)
    wait_until(lambda: filled.number_of("batches") > 0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()

    assert process.returncode == 130
    assert errors == b"error: Interrupted. Run the same command again.\n"
    done = filled.run("push", "employees", path, home=tmp_path)
    assert (done.code, filled.number_of("batches")) == (3, 20)


def test_standard_input_is_a_file_too(filled: Served, tmp_path: Path) -> None:
    done = filled.run("push", "employees", "-", home=tmp_path, stdin=(GOOD + BAD).encode())

    assert done.code == 3
    assert "line 2: name: required; department_id: unknown_department" in done.errors
    assert (tmp_path / "employees.rejected.csv").exists()


def test_nothing_that_is_printed_but_lines_and_codes_tells_of_rows(
    filled: Served,
    tmp_path: Path,
) -> None:
    _, output, errors = push(filled, tmp_path, "1,Canary Name,yesterday,99,1\n")

    assert "Canary" not in output + errors
