"""The crontab of the user: our jobs get into it and out of it, and nothing else in it changes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings

from hrapi.schedule import crontab as module
from hrapi.schedule.crontab import SafeCrontab
from tests.backups.running import run
from tests.schedule.conftest import FakeCrontab

OTHERS = b"MAILTO=ops\n# nightly\r\n5 3 * * * /bin/other  \t\xff\x0b%x\n"


def test_the_jobs_are_the_weekly_backup_a_daily_verification_and_the_clearing_up() -> None:
    jobs = {job[2][0]: job[0] for job in project_settings.CRONJOBS}

    assert jobs == {
        "backup": "0 0 * * 6",
        "purge": "30 3 * * *",
        "verify_backup": "0 4 * * *",
        "prune_backups": "0 5 * * 6",
    }


def test_add_show_check_remove(crontab: FakeCrontab) -> None:
    added = run("crontab", "add")

    assert (added.code, added.errors) == (0, "")
    assert [line[:9] for line in crontab.lines] == [
        "0 0 * * 6",
        "30 3 * * ",
        "0 4 * * *",
        "0 5 * * 6",
    ]
    assert run("crontab", "show").output == crontab.text.decode() == added.output
    assert run("crontab", "check").code == 0
    assert run("crontab", "remove").output == "4 jobs removed.\n"
    assert crontab.text == b""
    assert "crontab add" in run("crontab", "show").errors


def test_a_user_without_a_crontab_gets_one(crontab: FakeCrontab) -> None:
    assert run("crontab", "show").code == 0
    assert run("crontab", "add").code == 0
    assert len(crontab.lines) == 4


def test_adding_twice_changes_nothing(crontab: FakeCrontab) -> None:
    run("crontab", "add")
    once = crontab.text

    run("crontab", "add")

    assert crontab.text == once


def test_the_lines_of_others_stay_to_the_byte(crontab: FakeCrontab) -> None:
    crontab.text = OTHERS
    run("crontab", "add")
    assert crontab.text.startswith(OTHERS)
    assert len(crontab.text) > len(OTHERS)

    run("crontab", "remove")

    assert crontab.text == OTHERS


def test_a_comment_of_the_user_stays(crontab: FakeCrontab, settings: Any) -> None:
    """Though it ends like a line of ours: a heading, or a job that is switched off."""
    ours = f"# {settings.CRONTAB_COMMENT}\n"
    comments = f"{ours}#0 0 * * 6 /bin/python manage.py crontab run 1 {ours}".encode()
    crontab.text = comments

    run("crontab", "add")
    assert len(crontab.lines) == 6
    run("crontab", "remove")

    assert crontab.text == comments


def test_an_installation_elsewhere_keeps_its_lines(crontab: FakeCrontab, settings: Any) -> None:
    settings.CRONTAB_COMMENT = "hrapi in /srv/first"
    run("crontab", "add")
    first = crontab.lines
    settings.CRONTAB_COMMENT = "hrapi in /srv/first/second"
    run("crontab", "add")
    assert len(crontab.lines) == 8

    run("crontab", "remove")

    assert crontab.lines == first


def test_a_crontab_that_cannot_be_read_is_not_written(crontab: FakeCrontab) -> None:
    crontab.text = OTHERS
    crontab.fail("-l")

    for what in ("add", "remove", "show", "check"):
        finished = run("crontab", what)
        assert (finished.code, finished.output) == (1, "")
        assert "cannot be read: no space left on device" in finished.errors

    assert crontab.text == OTHERS


def test_a_crontab_that_cannot_be_written_is_a_failure(crontab: FakeCrontab) -> None:
    crontab.fail("-")

    finished = run("crontab", "add")

    assert finished.code == 1
    assert "could not be written: no space left on device" in finished.errors


def test_without_cron_one_line_says_what_to_do(settings: Any) -> None:
    settings.CRONTAB_EXECUTABLE = "/nowhere/crontab"

    finished = run("crontab", "add")

    assert finished.code == 1
    assert finished.errors.startswith("CommandError: /nowhere/crontab: No such file or directory.")
    assert "docs/backups.md" in finished.errors


def test_a_schedule_that_was_edited_is_noticed_and_replaced(
    crontab: FakeCrontab, settings: Any
) -> None:
    run("crontab", "add")
    old = crontab.lines
    settings.CRONJOBS = [("30 1 * * *", *settings.CRONJOBS[0][1:]), *settings.CRONJOBS[1:]]

    checked = run("crontab", "check")

    assert checked.code == 1
    assert "crontab add" in checked.errors
    missing, not_ours = checked.output.splitlines()
    assert missing.startswith("missing: 30 1 * * * ")
    assert not_ours == f"not of the settings: {old[0]}"

    assert run("crontab", "add").code == 0
    assert run("crontab", "check").code == 0
    assert len(crontab.lines) == 4


def test_a_line_that_stands_twice_is_noticed(crontab: FakeCrontab) -> None:
    run("crontab", "add")
    crontab.text += crontab.text.splitlines(keepends=True)[0]

    checked = run("crontab", "check")

    assert (checked.code, checked.output[:7]) == (1, "twice: ")


@pytest.mark.parametrize("name", ["DATABASE_URL", "BACKUP_PLACE", "EXPORT_PLACE", "SECRET_KEY"])
def test_variables_that_cron_would_not_have_are_refused_by_name(
    crontab: FakeCrontab, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    run("crontab", "add")
    before = crontab.text
    monkeypatch.setenv(name, "s3cret")

    for what in ("add", "check"):
        finished = run("crontab", what)
        assert finished.code == 1
        assert f"put {name} into .env" in finished.errors
        assert "s3cret" not in finished.errors

    assert crontab.text == before


@pytest.mark.parametrize("name", ["BACKUP_PLACE", "EXPORT_PLACE"])
def test_credentials_of_s3_matter_where_backups_or_exports_are_in_s3(
    crontab: FakeCrontab, monkeypatch: pytest.MonkeyPatch, settings: Any, name: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    assert run("crontab", "add").code == 0
    setattr(settings, name, "s3://bucket/prefix")

    assert "put AWS_SECRET_ACCESS_KEY into .env" in run("crontab", "add").errors


def test_variables_that_stand_in_the_file_are_those_of_cron(
    crontab: FakeCrontab, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    (settings.BASE_DIR / ".env").write_text('SECRET_KEY=x\nDATABASE_URL="postgresql://h/d"\n')
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/d")
    assert run("crontab", "add").code == 0

    monkeypatch.setenv("DATABASE_URL", "postgresql://other/d")

    assert "DATABASE_URL" in run("crontab", "add").errors
    assert os.environ["DATABASE_URL"] == "postgresql://other/d"


@pytest.mark.parametrize(
    "zone, said", [("Europe/Berlin", "(CEST/CET)"), ("Europe/London", "(BST)"), ("UTC", "")]
)
def test_another_clock_than_utc_is_told(
    crontab: FakeCrontab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, zone: str, said: str
) -> None:
    data = _zone_file(zone)
    (tmp_path / "localtime").write_bytes(data)
    monkeypatch.setattr(module, "_LOCALTIME", tmp_path / "localtime")

    finished = run("crontab", "add")

    assert finished.code == 0
    assert said in finished.errors
    assert bool(finished.errors) is bool(said)


def _zone_file(zone: str) -> bytes:
    return (resources.files("tzdata.zoneinfo") / zone).read_bytes()


def test_a_path_with_spaces_and_signs_reaches_the_program(
    crontab: FakeCrontab, settings: Any, tmp_path: Path
) -> None:
    home = tmp_path / "it's 100% ours"
    home.mkdir()
    (home / "manage.py").write_text("import sys; print(sys.argv[1:3])")
    settings.CRONTAB_DJANGO_MANAGE_PATH = str(home / "manage.py")

    assert run("crontab", "add").code == 0

    command = crontab.lines[0].removeprefix("0 0 * * 6 ").replace(r"\%", "%")
    assert "%" in shlex.split(command)[1]
    # As cron does it: /bin/sh, a bare environment, another directory.
    done = subprocess.run(["/bin/sh", "-c", command], env={}, cwd="/", capture_output=True)
    assert done.stdout == b"['crontab', 'run']\n", done.stderr
    assert run("crontab", "check").code == 0


def test_the_line_calls_this_python_and_this_project(crontab: FakeCrontab) -> None:
    crontab_lines = SafeCrontab(verbosity=0).wanted()

    assert all(f" {sys.executable} " in line for line in crontab_lines)
    assert all(f" {Path.cwd() / 'manage.py'} crontab run " in line for line in crontab_lines)
