"""`python -m hrapi.client analyze` against a real service: its figures are those of the database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hrapi.client import Client
from hrapi.client.__main__ import main
from hrapi.client.analysis.collecting import collect
from hrapi.client.analysis.figures import figures_of
from hrapi.client.analysis.page import disagreeing
from hrapi.sample_data import bad_employee_rows, department_rows, employee_rows, job_rows
from tests.client.analysis.made_up import collected, many
from tests.client.analysis.reading import ReadPage, number
from tests.client.answering import Said, answering
from tests.embedded_postgres.harness import PATIENCE
from tests.installation import PROJECT, Finished, Installation, installation

CANARY = "Zyxwa Canaryname"


@dataclass(frozen=True)
class Service:
    installed: Installation
    address: str
    tokens: dict[str, str]

    def analyze(self, directory: Path, *arguments: str, user: str = "stewards") -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "hrapi.client", "analyze", *arguments],
            cwd=directory,
            env=os.environ
            | {
                "PYTHONPATH": str(PROJECT),
                "HOME": str(directory),
                "HRAPI_ADDRESS": self.address,
                "HRAPI_TOKEN": self.tokens[user],
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def count(self, where: str = "TRUE") -> int:
        [(found,)] = self.installed.query(
            "SELECT count(*) FROM employees WHERE datetime >= '2025-01-01T00:00Z'"
            f" AND datetime < '2026-01-01T00:00Z' AND {where}"
        )
        return int(found)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    employees = [*employee_rows(400), *bad_employee_rows(first_id=9000)]
    employees[0]["name"] = employees[401]["name"] = CANARY
    tables = {"departments": department_rows(), "jobs": job_rows(), "employees": employees}
    with installation() as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        for table, rows in tables.items():
            lines = "".join(f"{json.dumps(row)}\n" for row in rows).encode()
            done = installed.manage("load", table, "-", "--format", "jsonl", stdin=lines)
            assert done.code in (0, 3), done.errors
        tokens = {}
        for group in ("readers", "stewards"):
            made = installed.manage(
                "shell",
                "-c",
                "from django.contrib.auth.models import Group, User\n"
                f"user = User.objects.create_user({group!r})\n"
                f"user.groups.add(Group.objects.get(name={group!r}))",
            )
            assert made.code == 0, made.errors
            tokens[group] = installed.manage(
                "issue_token", group, "--scope", "read", "--scope", "reports"
            ).output.strip()
        with installed.serving() as port:
            yield Service(installed, f"http://127.0.0.1:{port}", tokens)


def test_the_figures_are_those_of_the_database(service: Service, tmp_path: Path) -> None:
    done = service.analyze(tmp_path, "--year", "2025", "--out", "report.html")

    assert (done.code, done.output, done.errors) == (0, "report.html\n", "")
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    read = ReadPage(html)
    total = service.count()
    assert f"{total} employees were hired in 2025." in read.text
    months = read.tables["Hires by month"]
    assert [number(row[1]) for row in months[1:]] == [
        service.count(f"extract(month FROM datetime AT TIME ZONE 'UTC') = {month}")
        for month in range(1, 13)
    ]
    [departments] = [
        rows for name, rows in read.tables.items() if name.startswith("Hires of each department")
    ]
    assert {row[0]: number(row[2]) for row in departments[1:-1]} == {
        row["department"]: service.count(f"department_id = {row['id']}")
        for row in department_rows()
    }
    [left_out] = service.installed.query(
        "SELECT count(*) FROM rejected_rows WHERE \"table\" = 'employees' AND status = 'open'"
    )
    assert f"{left_out[0]} rejected rows are not counted." in read.text
    assert all(row[1] == "yes" for row in read.tables["Whether they agree with each other"][1:])
    for name in [CANARY, *CANARY.split()]:
        assert name not in html


def test_it_chooses_year_and_file_and_replaces_what_was_there(
    service: Service, tmp_path: Path
) -> None:
    (tmp_path / "hiring-2025.html").write_text("old")

    done = service.analyze(tmp_path)

    assert done.output == "hiring-2025.html\n"
    assert "Hiring in 2025" in (tmp_path / "hiring-2025.html").read_text()
    assert [each.name for each in tmp_path.iterdir()] == ["hiring-2025.html"]


def test_a_reader_gets_it_without_the_reasons(service: Service, tmp_path: Path) -> None:
    done = service.analyze(tmp_path, user="readers")

    assert done.code == 0, done.errors
    read = ReadPage((tmp_path / "hiring-2025.html").read_text())
    assert "may not read the reject log" in read.text
    assert "Why they were rejected" not in read.tables


def test_a_year_without_hires_is_a_page_that_says_so(service: Service, tmp_path: Path) -> None:
    done = service.analyze(tmp_path, "--year", "1999")

    assert done.code == 0
    assert "No hire of 1999 is stored." in (tmp_path / "hiring-1999.html").read_text()


@pytest.mark.parametrize("year", ["1899", "2101", "last", "２０２５", "20.25"])
def test_years_that_there_are_not_are_wrong_usage(
    service: Service, tmp_path: Path, year: str
) -> None:
    done = service.analyze(tmp_path, "--year", year)

    assert done.code == 2
    assert "give a year from 1900 to 2100" in done.errors
    assert list(tmp_path.iterdir()) == []


def test_a_hire_that_comes_while_it_is_read_is_in_all_figures_or_in_none(service: Service) -> None:
    before = service.count()

    class Meddling(Client):
        """Somebody stores an employee after the first reading."""

        has_meddled = False

        def request(self, *arguments: Any, **options: Any) -> httpx.Response:
            if not self.has_meddled and (options.get("headers") or {}).get("If-None-Match"):
                self.has_meddled = True
                service.installed.query(
                    "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                    " VALUES (77777, 'X', '2025-05-05T05:05Z', 1, 1) RETURNING id"
                )
            return super().request(*arguments, **options)

    with Meddling(service.address, service.tokens["readers"]) as client:
        found = collect(client, 2025)

    service.installed.query("DELETE FROM employees WHERE id = 77777 RETURNING id")
    assert found.is_one_state
    assert figures_of(found).total == before + 1
    assert disagreeing(found) == []


def test_figures_that_do_not_fit_are_a_page_with_a_warning_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = collected(many(3, 2025, 1))
    rows = [sent.departments, sent.jobs, sent.statistics, sent.hires, (), (), sent.of_year, ()]
    answers = [
        Said(body=json.dumps(each).encode(), headers={"ETag": 'W/"1"', "Rejected-Rows-Open": "0"})
        for each in rows
    ]
    out = tmp_path / "report.html"
    monkeypatch.setenv("HRAPI_TOKEN", "secret")
    monkeypatch.setenv("HOME", str(tmp_path))
    with answering(*answers, Said(304, b"")) as server:
        arguments = ["--year", "2025", "--out", str(out), "--address", server.address]
        code = main(["analyze", *arguments])

    assert code == 3
    printed = capsys.readouterr()
    assert printed.out == f"{out}\n"
    assert "warning: Hires by month and by quarter add up to the same: NOT SO" in printed.err
    assert "Do not rely on this page" in out.read_text()


def test_a_file_that_cannot_be_written_is_one_line(service: Service, tmp_path: Path) -> None:
    done = service.analyze(tmp_path, "--out", "nowhere/report.html")

    assert done.code == 1
    assert "nowhere" in done.errors
    assert done.errors.count("\n") == 1
    assert done.output == ""
