"""Production: https behind a proxy, and a role of the database that can do no more than the service does."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from tests.embedded_postgres.harness import PATIENCE
from tests.faults.installed import token
from tests.installation import Installation, installation
from tests.readme import ROOT
from tests.test_docs import documented_variables

DEPLOY = ROOT / "deploy"
ROLE = "hrapi_service"
PRODUCTION = {
    "DATABASE_URL": "postgresql://hrapi@db.example.com/hrapi",
    "SECRET_KEY": "a-key-that-is-long-enough-and-made-for-this-test-alone",
    "HTTPS": "1",
    "NUM_PROXIES": "1",
    "ALLOWED_HOSTS": "hr.example.com",
}


@pytest.fixture(scope="module")
def installed() -> Iterator[Installation]:
    """A service whose database knows a role that may only use it."""
    with installation() as made:
        made.hold()
        assert made.manage("migrate", "--verbosity=0").code == 0
        with made.connection() as cursor:
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
            grants = made.manage("print_grants", ROLE)
            assert (grants.code, grants.errors) == (0, "")
            cursor.execute(grants.output)
        yield made


@pytest.fixture(scope="module")
def as_role(installed: Installation) -> Installation:
    """The same database, used as that role."""
    lines = (installed.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()
    url = f"postgresql://{ROLE}@/hrapi?host={lines[4]}&port={lines[3]}"
    return Installation(installed.data_dir, DATABASE_URL=url, SECRET_KEY="x" * 60)


def ask(
    port: int, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    data = None if body is None else json.dumps(body).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        client.request(method, path, data, sent)
        response = client.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        client.close()


def test_the_settings_of_production_pass_the_checks_of_django(installed: Installation) -> None:
    done = installed.manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (done.code, done.output) == (0, "System check identified no issues (2 silenced).\n")


@pytest.mark.parametrize(
    "changed, warning",
    [
        ({"NUM_PROXIES": ""}, "(hrapi.W001) HTTPS=1 without NUM_PROXIES"),
        ({"ALLOWED_HOSTS": "hr.example.com,*"}, "(hrapi.W002) ALLOWED_HOSTS=*"),
    ],
)
def test_what_is_seldom_meant_is_warned_of(
    installed: Installation, changed: dict[str, str], warning: str
) -> None:
    done = installed.manage(
        "check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | changed)
    )

    assert done.code == 1
    assert warning in done.errors
    assert "identified 1 issue (2 silenced)" in done.errors


def test_browsers_are_led_to_https_and_kept_there() -> None:
    with installation(HTTPS="1", NUM_PROXIES="1") as behind_a_proxy:
        behind_a_proxy.hold()
        assert behind_a_proxy.manage("migrate", "--verbosity=0").code == 0
        with behind_a_proxy.serving() as port:
            plain = ask(port, "GET", "/accounts/login/")
            secure = ask(port, "GET", "/accounts/login/", X_Forwarded_Proto="https")
            health = ask(port, "GET", "/healthz")

    assert (plain[0], plain[1]["Location"]) == (301, f"https://127.0.0.1:{port}/accounts/login/")
    assert secure[0] == 200
    assert secure[1]["Strict-Transport-Security"] == "max-age=2592000"
    assert "; Secure" in secure[1]["Set-Cookie"]
    assert health[0] == 200


@pytest.mark.slow
def test_the_service_works_with_a_role_that_may_only_use_it(
    installed: Installation, as_role: Installation, tmp_path: Path
) -> None:
    secret = token(installed)
    signed = {"Authorization": f"Token {secret}", "Content_Type": "application/json"}
    with as_role.serving(workers=2) as port:
        for path in ("departments", "jobs"):
            row = {"id": 1, path.removesuffix("s"): "Law"}
            assert ask(port, "POST", f"/api/v1/{path}/", [row], **signed)[0] == 201
        employee = {
            "id": 1, "name": "X", "datetime": "2021-07-27T16:02:08Z", "department_id": 1, "job_id": 1,
        }  # fmt: skip
        rows = [employee, employee | {"id": 2, "department_id": 9}]
        status, _, body = ask(
            port, "POST", "/api/v1/employees/", rows, Idempotency_Key="k", **signed
        )
        assert (status, json.loads(body)["rejected"]) == (207, 1)
        with_department = [{"id": 9, "department": "Sales"}]
        assert ask(port, "POST", "/api/v1/departments/", with_department, **signed)[0] == 201
        status, _, body = ask(port, "GET", "/api/v1/employees/2/", **signed)
        assert (status, json.loads(body)["department_id"]) == (200, 9)
        report = "/api/v1/reports/quarterly-hires/?year=2021&format=csv"
        assert ask(port, "GET", report, **signed)[0] == 200
        assert ask(port, "GET", "/api/v1/employees/?format=csv", **signed)[0] == 200
        assert ask(port, "GET", "/metrics", **signed)[0] == 200
        assert ask(port, "GET", "/readyz")[0] == 200
        assert ask(port, "DELETE", "/api/v1/employees/1/", **signed)[0] == 403
        assert ask(port, "POST", "/api/v1/auth/logout/", **signed)[0] == 204

    export = ["export_parquet", "--to", str(installed.data_dir / "lake")]
    for command in (
        ["run_worker", "--once"], ["backup"], ["verify_backup", "latest"], ["purge"], export,
    ):  # fmt: skip
        done = as_role.manage(*command)
        assert done.code == 0, done.errors
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "20240131_jobs.csv").write_bytes(b"77,Cook\n")
    done = as_role.manage("take_drops", str(tmp_path / "drops"), "--settle", "0")
    assert done.code == 0, done.errors
    recorded = "SELECT action FROM audit_events ORDER BY id DESC LIMIT 4"
    assert installed.query(recorded) == [
        *(("backup",), ("token_ended",), ("denied",), ("names_exported",))
    ]


def test_the_jobs_of_systemd_and_of_compose_are_those_of_cron(settings: Any) -> None:
    jobs = sorted(" ".join(arguments) for _, _, arguments in settings.CRONJOBS)
    systemd = []
    for timer in sorted((DEPLOY / "systemd").glob("*.timer")):
        service = timer.with_suffix(".service").read_text()
        [command] = re.findall(r"^ExecStart=\S+ manage.py (.*)$", service, re.MULTILINE)
        systemd.append(command)
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    in_containers = [
        " ".join(found["command"][2:]) for found in compose if "jobs" in found.get("profiles", [])
    ]

    assert sorted(systemd) == jobs
    assert sorted(in_containers) == jobs


def test_the_files_for_deployment_set_only_variables_that_there_are() -> None:
    known = set(documented_variables())
    example = (DEPLOY / "env.example").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["web"]

    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) - known == set()
    assert compose["environment"].keys() - known == set()
    assert (compose["read_only"], compose["cap_drop"]) == (True, ["ALL"])


def test_an_image_holds_what_is_listed_and_no_secrets() -> None:
    listed = (ROOT / ".dockerignore").read_text().split()
    dockerfile = (DEPLOY / "Dockerfile").read_text()

    assert listed[listed.index("*") + 1 :] == [
        *("!hrapi", "!departments", "!jobs", "!employees", "!reports"),
        *("!manage.py", "!gunicorn.conf.py", "!requirements.txt"),
        *("!requirements-client.txt", "**/__pycache__"),
    ]
    assert "\nUSER hrapi\n" in dockerfile
    assert re.findall("SECRET|PASSWORD|TOKEN|DATABASE_URL", dockerfile) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id integer)",
        "DROP TABLE employees",
        "ALTER TABLE employees ADD COLUMN more integer",
        "TRUNCATE employees",
        "DELETE FROM row_changes",
        "UPDATE row_changes SET before = '{}'",
        "UPDATE audit_events SET at = now()",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP FUNCTION refuse_to_change_audit_events() CASCADE",
        "DELETE FROM erasures",
        "UPDATE erasures SET row_id = 1",
        "DELETE FROM data_versions",
        "UPDATE data_versions SET mark = gen_random_uuid()",
        "INSERT INTO data_versions (\"table\", mark) VALUES ('jobs', gen_random_uuid())",
        "ALTER TABLE jobs DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
        "INSERT INTO auth_permission (name, content_type_id, codename) VALUES ('x', 1, 'x')",
        "SELECT setval('batches_id_seq', 1)",
    ],
)
def test_the_role_can_do_nothing_else(installed: Installation, statement: str) -> None:
    with installed.connection() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)


def test_what_was_granted_before_and_is_not_printed_is_taken_away(installed: Installation) -> None:
    with installed.connection() as cursor:
        cursor.execute(f"GRANT DELETE ON row_changes TO {ROLE}")
        cursor.execute(installed.manage("print_grants", ROLE).output)
        cursor.execute("SELECT has_table_privilege(%s, 'row_changes', 'DELETE')", [ROLE])
        assert cursor.fetchone() == (False,)


def test_the_name_of_a_role_is_quoted(installed: Installation) -> None:
    printed = installed.manage("print_grants", 'a"; DROP TABLE x').output

    assert printed.count('"a""; DROP TABLE x"') == len(printed.splitlines()) - 1
