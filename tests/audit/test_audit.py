"""`make audit` with a pip-audit that says what it is told to say."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.audit.vulnerabilities import KnownVulnerability, judge, known_vulnerabilities
from tests.readme import ROOT

TODAY = date(2026, 1, 31)
CLEAN = {"name": "gunicorn", "version": "27.0.1", "vulns": []}
UNKNOWN = {"name": "django", "skip_reason": "Dependency not found on PyPI"}
BAD = {
    "name": "rich",
    "version": "14.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["14.1"]}],
}


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def audit(said: str, code: int) -> subprocess.CompletedProcess[str]:
    """The program itself, with another program in the place of pip-audit."""
    fake = f"import sys; sys.stdout.write({said!r}); sys.exit({code})"
    return subprocess.run(
        [sys.executable, "-m", "tests.audit", sys.executable, "-c", fake],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_nothing_found_passes() -> None:
    done = audit(report(CLEAN), 0)

    assert (done.returncode, done.stderr) == (0, "1 packages checked, 0 vulnerabilities\n")


def test_a_vulnerability_fails() -> None:
    done = audit(report(CLEAN, BAD), 1)

    assert done.returncode == 1
    assert "VULNERABLE: rich 14.0: PYSEC-1, CVE-1 (mended in 14.1)\n" in done.stderr


@pytest.mark.parametrize("said", ["", "<html>", "{}", "[]x"])
def test_where_the_database_cannot_be_reached_that_is_said_and_passes(said: str) -> None:
    done = audit(said, 1)

    assert done.returncode == 0
    assert done.stderr.startswith("WARNING: NOT CHECKED FOR KNOWN VULNERABILITIES: ")


def test_packages_that_the_database_does_not_know_are_not_taken_for_sound() -> None:
    verdict = judge(report(CLEAN, UNKNOWN, UNKNOWN), [], today=TODAY)

    assert verdict.code == 0
    assert verdict.lines == [
        "WARNING: NOT CHECKED FOR KNOWN VULNERABILITIES: 2 of 3 packages are not in the database, django first"
    ]
    assert judge(report(UNKNOWN, BAD), [], today=TODAY).code == 1


@pytest.mark.parametrize("known_id", ["PYSEC-1", "CVE-1"])
@pytest.mark.parametrize("until, code", [(TODAY, 0), (date(2026, 1, 30), 1)])
def test_a_known_one_passes_until_its_date(known_id: str, until: date, code: int) -> None:
    known = KnownVulnerability(known_id, "Only its demo is concerned.", until)

    verdict = judge(report(BAD), [known], today=TODAY)

    assert verdict.code == code
    assert ("Only its demo is concerned." in verdict.lines[0]) is (code == 0)


def test_a_known_one_needs_a_reason_and_a_date(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    entry = '[[tool.hrapi.audit.known]]\nid = "CVE-1"\n'

    file.write_text(entry + 'reason = "None."\nuntil = 2026-03-01\n')
    assert known_vulnerabilities(file) == [KnownVulnerability("CVE-1", "None.", date(2026, 3, 1))]
    for rest in ('reason = ""\nuntil = 2026-03-01', 'reason = "x"\nuntil = "soon"', 'reason = "x"'):
        file.write_text(entry + rest)
        with pytest.raises(TypeError):
            known_vulnerabilities(file)


def test_the_exceptions_of_this_project_can_be_read() -> None:
    assert isinstance(known_vulnerabilities(ROOT / "pyproject.toml"), list)
