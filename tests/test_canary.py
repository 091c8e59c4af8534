"""Marked data go through requests, errors, loads and backups, and come out in no line that the service writes."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.embedded_postgres.harness import PATIENCE
from tests.faults.installed import fill, token
from tests.installation import Installation, free_port, installation

NAME, PASSWORD, SECRET = "Canary Yellowbird", "canary-password-7319", "canary-key-2204"
DSN = "postgresql://canary_user:canary-password-7319@127.0.0.1:{port}/canary_base"


@dataclass(frozen=True)
class Watched:
    """A service, whose every output is kept."""

    installed: Installation
    port: int
    token: str
    log: Path

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        sent = {"Authorization": f"Token {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            client.request(method, path, body, sent)
            response = client.getresponse()
            return response.status, response.read()
        finally:
            client.close()

    def run(self, *arguments: str, **environment: str) -> int:
        """Runs a command; its progress and errors go to the log."""
        done = self.installed.manage(*arguments, **environment)
        with self.log.open("a") as log:
            log.write(done.errors)
        return done.code

    def lines(self) -> list[dict[str, Any]]:
        found = self.log.read_text().splitlines()
        return [json.loads(line) for line in found if line.startswith("{")]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with installation(LOG_FORMAT="json", LOG_REQUESTS="1", SECRET_KEY=SECRET) as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        fill(installed, employees=0)
        log = tmp_path / "log"
        with log.open("ab") as file, installed.serving(workers=2, log=file) as port:
            yield Watched(installed, port, token(installed), log)


def employee(row_id: int, **members: Any) -> dict[str, Any]:
    return {
        "id": row_id, "name": NAME, "datetime": "2021-07-27T16:02:08Z", "department_id": 1, "job_id": 1,
    } | members  # fmt: skip


def go_through(watched: Watched) -> None:
    rows = [employee(1), employee(2, department_id=99), employee(3, datetime=NAME)]
    posted = json.dumps(rows).encode()
    as_json = {"Content_Type": "application/json"}
    query = NAME.replace(" ", "%20")
    employees = "/api/v1/employees/"

    assert watched.send("POST", employees, posted, **as_json, Idempotency_Key=NAME[:6])[0] == 207
    assert watched.send("POST", employees, posted[:-9], **as_json)[0] == 400
    assert watched.send("GET", f"{employees}?name={query}")[0] == 200
    assert watched.send("GET", f"{employees}?{query}={query}")[0] == 400
    assert watched.send("GET", f"{employees}{query}/")[0] == 404
    assert watched.send("GET", f"/{query}")[0] == 404
    assert watched.send("GET", f"{employees}?format=csv")[0] == 200
    assert watched.send(query, employees)[0] == 400
    assert watched.send("DELETE", employees)[0] == 405
    assert watched.send("GET", employees, X_Request_ID=NAME)[0] == 200
    wrong = base64.b64encode(f"canary:{PASSWORD}".encode()).decode()
    assert watched.send("GET", employees, Authorization=f"Basic {wrong}")[0] == 401
    assert watched.send("GET", employees, Authorization=f"Token {PASSWORD}")[0] == 401

    login = f"username=canary&password={PASSWORD}".encode()
    kind = "application/x-www-form-urlencoded"
    assert watched.send("POST", "/accounts/login/", login, Content_Type=kind)[0] == 403


def form(fields: dict[str, str], *, file: tuple[str, str]) -> bytes:
    """A form with a file in it, whose parts `--` separates."""
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append(f'name="file"; filename="{file[0]}"\r\n\r\n{file[1]}')
    head = "--x\r\nContent-Disposition: form-data; "
    return "".join([*(f"{head}{part}\r\n" for part in parts), "--x--\r\n"]).encode()


def load_and_back_up(watched: Watched, tmp_path: Path) -> None:
    text = (
        "id,name,datetime,department_id,job_id\n"
        f"11,{NAME},2021-07-27T16:02:08Z,1,1\n12,{NAME},{NAME},1,1\n"
    )
    file = tmp_path / "people.csv"
    file.write_text(text)
    sent = form({"table": "employees"}, file=(f"{NAME}.csv", text))
    kind = "multipart/form-data; boundary=x"
    assert watched.send("POST", "/api/v1/loads/", sent, Content_Type=kind)[0] == 202
    assert watched.run("run_worker", "--once") == 0
    assert watched.run("load", "employees", str(file)) == 3
    assert watched.run("backup") == 0
    assert watched.run("verify_backup", "latest", "--deep") == 0
    assert watched.run("restore", "--from", "latest", "--no-input") == 0


def share_a_chart(watched: Watched) -> str:
    """The token of a link that was looked at, could not be answered, and was revoked."""
    as_json = {"Content_Type": "application/json"}
    charts = "/api/v1/visualizations/"
    hires = {"dataset": "hires", "type": "bar", "x": "department", "y": "hires"}
    saved = json.dumps({"title": NAME, "specification": hires}).encode()
    chart = json.loads(watched.send("POST", charts, saved, **as_json)[1])["id"]
    status, answer = watched.send("POST", f"{charts}{chart}/shares/", b"{}", **as_json)
    assert status == 201
    share = json.loads(answer)
    link = f"/shared/{share['token']}/"
    for form in ("", "image.png", "data.csv", "figure.json"):
        assert watched.send("GET", link + form)[0] == 200
        assert watched.send("POST", link + form)[0] == 405
    assert watched.send("GET", link.removesuffix("/"))[0] == 301
    assert watched.send("GET", f"{link}nothing")[0] == 404
    watched.installed.query("UPDATE shares SET frozen = '{}' RETURNING id")
    assert watched.send("GET", link)[0] == 500
    assert watched.send("DELETE", f"/api/v1/shares/{share['id']}/")[0] == 204
    assert watched.send("GET", link)[0] == 404
    return str(share["token"])


def fail(watched: Watched) -> None:
    """The database refuses a row, goes away in the middle of an answer, and cannot be reached."""
    with watched.installed.connection() as cursor:
        cursor.execute("ALTER TABLE employees ADD CONSTRAINT refused CHECK (id <> 21)")
        cursor.execute(
            "INSERT INTO employees (id, name, datetime, department_id, job_id)"
            " SELECT n, %s, now(), 1, 1 FROM generate_series(100000, 400000) n",
            [NAME],
        )
    posted = json.dumps([employee(21)]).encode()
    status, _ = watched.send("POST", "/api/v1/employees/", posted, Content_Type="application/json")
    assert status == 500

    client = http.client.HTTPConnection("127.0.0.1", watched.port, timeout=PATIENCE)
    address = "/api/v1/datasets/employees/?format=json"
    client.request("GET", address, headers={"Authorization": f"Token {watched.token}"})
    response = client.getresponse()
    assert response.status == 200
    response.read(10)
    watched.installed.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    with pytest.raises((http.client.HTTPException, OSError)):
        response.read()
    response.close()
    client.close()

    unreachable = DSN.format(port=free_port())
    for command in (["migrate"], ["backup"], ["purge"]):
        assert watched.run(*command, DATABASE_URL=unreachable) == 1
    assert watched.run("migrate", DATABASE_URL=f"{unreachable}/{PASSWORD}@x:y") == 1


@pytest.mark.slow
def test_no_name_and_no_secret_is_in_any_line(watched: Watched, tmp_path: Path) -> None:
    go_through(watched)
    share_token = share_a_chart(watched)
    load_and_back_up(watched, tmp_path)
    fail(watched)

    written = watched.log.read_text()
    # What went through is told of, and of what failed where it did.
    assert {line["status"] for line in watched.lines() if "status" in line} >= {
        200, 202, 207, 400, 401, 403, 404, 405, 500,
    }  # fmt: skip
    assert "SQLSTATE 23514" in written
    audited = [line["action"] for line in watched.lines() if line["logger"] == "hrapi.audit"]
    assert {"login_failed", "denied", "names_exported", "backup", "restore"} <= set(audited)
    assert {"share_made", "share_revoked"} <= set(audited)
    assert "shared/<str:token>/" in written
    [(recorded,)] = watched.installed.query("SELECT string_agg(e::text, ' ') FROM audit_events e")
    written += recorded
    assert "Error handling request" in written
    for text in (NAME, *NAME.split(), PASSWORD, SECRET, watched.token, share_token, "canary"):
        assert text.lower() not in written.lower()
