"""A PostgreSQL of one's own, reached over TCP with a password, instead of the private one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from hrapi.embedded_postgres import binaries
from hrapi.embedded_postgres.account import Account, make_reachable, server_account
from tests.embedded_postgres.harness import wait_until
from tests.installation import Finished, Installation, free_port

SUPERUSER, SUPERUSER_PASSWORD = "boss", "boss's password"
PASSWORD, QUOTED_PASSWORD = "p@ss/w%rd", "p%40ss%2Fw%25rd"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that knows nothing of the service, and a database of the service in it."""

    port: int

    @property
    def url(self) -> str:
        return f"postgresql://hr:{QUOTED_PASSWORD}@127.0.0.1:{self.port}/people"

    def execute(self, sql: str, database: str = "people") -> list[tuple[Any, ...]]:
        client = psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=SUPERUSER_PASSWORD,
            dbname=database,
        )
        client.autocommit = True
        try:
            with client.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            client.close()

    def answers(self) -> bool:
        try:
            self.execute("SELECT 1", "postgres")
        except psycopg2.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    base = Path(tempfile.mkdtemp(prefix="hrapi-test-"))
    try:
        account = server_account(base)
        if account:
            make_reachable(
                account=account,
                directories=[base / "data"],
                trees=binaries.installed_trees(),
            )
        with running_server(base, account) as found:
            wait_until(found.answers)
            found.execute(f"CREATE ROLE hr LOGIN PASSWORD '{PASSWORD}'", "postgres")
            found.execute(
                "CREATE DATABASE people OWNER hr ENCODING 'UTF8' TEMPLATE template0", "postgres"
            )
            yield found
    finally:
        shutil.rmtree(base)


@contextmanager
def running_server(base: Path, account: Account | None) -> Iterator[Server]:
    """initdb and postgres of the wheel, listening on 127.0.0.1 and asking everybody for a password."""
    data, password_file = base / "data", base / "password"
    data.mkdir(mode=0o700)
    password_file.write_text(SUPERUSER_PASSWORD)
    if account:
        for path in (data, password_file):
            os.chown(path, account.uid, account.gid)
    with (base / "log").open("wb") as log:
        status = binaries.run(
            "initdb",
            arguments=[
                *("-D", str(data), "--no-sync", "--encoding=UTF8", "--locale=C"),
                *(f"--username={SUPERUSER}", f"--pwfile={password_file}", "--auth=scram-sha-256"),
            ],
            cluster=data,
            account=account,
            output=log,
        )
        assert status == 0, (base / "log").read_text()
        found = Server(free_port())
        process = subprocess.Popen(
            [
                *(str(binaries.binaries_dir() / "postgres"), "-D", str(data)),
                *("-c", "listen_addresses=127.0.0.1", "-c", f"port={found.port}"),
                *("-c", "unix_socket_directories=", "-c", "fsync=off"),
            ],
            cwd="/",
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
        try:
            yield found
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def test_migrations_the_first_user_and_files_go_to_the_database_that_is_named(
    server: Server, tmp_path: Path
) -> None:
    service = Installation(tmp_path / "data", DATABASE_URL=server.url, SECRET_KEY="of the test")
    file = tmp_path / "departments.csv"
    file.write_text("id,department\n1,Küche\n2,\n3,Stores\n")

    migrated = service.manage("migrate", "--verbosity", "0")
    prepared = service.manage("quickstart", "--prepare-only")
    tables_after_quickstart = server.execute(
        "SELECT (SELECT count(*) FROM departments), (SELECT count(*) FROM jobs),"
        " (SELECT count(*) FROM employees), (SELECT count(*) FROM batches)"
    )
    loaded = service.manage("load", "departments", str(file))

    assert migrated == Finished(0, "", "")
    assert (prepared.code, prepared.errors) == (0, "")
    assert re.fullmatch(
        r"  User      admin\n"
        r"  Password  [\w-]{16}    \(shown this once\)\n"
        r"  Token     [0-9a-f]{64}    \(shown this once\)\n",
        prepared.output,
    )
    # No made-up people among real ones.
    assert tables_after_quickstart == [(0, 0, 0, 0)]
    assert loaded == Finished(
        3,
        "departments: 3 received: 2 inserted, 0 unchanged, 1 rejected, 0 not attempted. (batch 1)\n",
        "line 3: department: required\n"
        "They are kept in the reject log: /api/v1/rejected-rows/?batch=1\n",
    )
    assert server.execute("SELECT id, department, batch_id FROM departments ORDER BY id") == [
        (1, "Küche", 1),
        (3, "Stores", 1),
    ]
    assert server.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'departments'") == [
        ("hr",)
    ]
    assert not service.data_dir.exists()


def assert_one_line(finished: Finished) -> str:
    """The command failed, and said so in one line without a traceback."""
    assert (finished.code, finished.output) == (1, "")
    assert finished.errors.count("\n") == 1, finished.errors
    return finished.errors


COMMANDS = pytest.mark.parametrize(
    "command",
    [
        ["load", "departments", "-"],
        ["quickstart", "--prepare-only"],
        ["issue_token", "admin"],
    ],
    ids=["load", "quickstart", "issue_token"],
)


@pytest.mark.parametrize(
    "command", [["load", "departments", "-"], ["migrate"]], ids=["load", "migrate"]
)
def test_without_a_secret_key_one_line_says_what_to_set(tmp_path: Path, command: list[str]) -> None:
    url = f"postgresql://hr:{QUOTED_PASSWORD}@127.0.0.1:{free_port()}/people"
    service = Installation(tmp_path / "data", DATABASE_URL=url)

    line = assert_one_line(service.manage(*command, stdin=b"1,Sales\n"))

    assert line.endswith(
        "Set SECRET_KEY: it is required with DATABASE_URL. To make one: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'\n"
    )
    assert not service.data_dir.exists()


@pytest.mark.parametrize(
    "url", ["mysql://hr:s3cret@127.0.0.1/people", "sqlite:////tmp/people.sqlite3"]
)
def test_another_kind_of_database_is_refused_in_one_line(tmp_path: Path, url: str) -> None:
    service = Installation(tmp_path / "data", DATABASE_URL=url, SECRET_KEY="of the test")

    line = assert_one_line(service.manage("load", "departments", "-", stdin=b"1,Sales\n"))

    assert line.endswith(
        "DATABASE_URL must name a PostgreSQL: postgresql://user:password@host:5432/name\n"
    )
    assert "s3cret" not in line
    assert not service.data_dir.exists()


@COMMANDS
def test_a_database_that_does_not_answer_is_one_line(tmp_path: Path, command: list[str]) -> None:
    port = free_port()
    url = f"postgresql://hr:{QUOTED_PASSWORD}@127.0.0.1:{port}/people"
    service = Installation(tmp_path / "data", DATABASE_URL=url, SECRET_KEY="of the test")

    line = assert_one_line(service.manage(*command, stdin=b"1,Sales\n"))

    assert f'"127.0.0.1", port {port} failed: Connection refused' in line
    assert PASSWORD not in line


def test_a_wrong_password_is_one_line(server: Server, tmp_path: Path) -> None:
    service = Installation(
        tmp_path / "data",
        DATABASE_URL=server.url.replace(QUOTED_PASSWORD, "wrong"),
        SECRET_KEY="of the test",
    )

    line = assert_one_line(service.manage("load", "departments", "-", stdin=b"1,Sales\n"))

    assert 'password authentication failed for user "hr"' in line
    assert not service.data_dir.exists()
