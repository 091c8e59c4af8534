"""A job as cron runs it: what it did is in the log and in the database, and a failure is one."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from hrapi.backups.locking import one_run_at_a_time
from hrapi.backups.models import BackupRun
from hrapi.loads.running import Outcome
from hrapi.schedule.crontab import SafeCrontab
from tests.backups.running import backup, run


@pytest.fixture(autouse=True)
def db(committed_db: None, settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_PLACE = str(tmp_path / "backups")
    settings.DATA_DIR = tmp_path


def run_job(command: str) -> Any:
    number = [job[2][0] for job in settings.CRONJOBS].index(command)
    line = SafeCrontab(verbosity=0).wanted()[number]
    found = re.search(r"crontab run ([0-9a-f]+)", line)
    assert found
    return run("crontab", "run", found[1])


def run_often(settings_: Any, *command: str) -> Any:
    settings_.CRONJOBS = [("* * * * *", "hrapi.schedule.jobs.run_often", list(command))]
    [line] = SafeCrontab(verbosity=0).wanted()
    return run("crontab", "run", re.findall(r"crontab run ([0-9a-f]+)", line)[0])


def log(tmp_path: Path) -> list[str]:
    """The lines of the log, without their time."""
    lines = (tmp_path / "cron.log").read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    return [line[21:] for line in lines]


def test_every_job_works(tmp_path: Path) -> None:
    for command in ("backup", "verify_backup", "prune_backups", "purge"):
        finished = run_job(command)
        assert (finished.code, finished.output, finished.errors) == (0, "", "")

    runs = BackupRun.objects.order_by("id").values_list("kind", "trigger", "outcome")
    assert list(runs) == [(kind, "cron", "done") for kind in ("backup", "verify", "prune")]
    assert [re.split("[ :]", line)[0] for line in log(tmp_path)] == [
        "backup",
        "verify_backup",
        "prune_backups",
        "purge",
    ]
    assert all(": done." in line for line in log(tmp_path))
    assert stat.S_IMODE((tmp_path / "cron.log").stat().st_mode) == 0o600
    assert run("backup_status").code == 0


def test_a_job_that_fails_ends_with_its_exit_code(tmp_path: Path) -> None:
    name = backup()
    (tmp_path / "backups" / name / "jobs.avro").write_bytes(b"")

    finished = run_job("verify_backup")

    assert finished.code == 3
    assert "jobs.avro" in finished.errors
    [line] = log(tmp_path)
    assert "exit code 3: jobs.avro" in line


def test_a_job_of_each_minute_is_logged_when_it_did_something(
    tmp_path: Path, settings: Any
) -> None:
    folder = tmp_path / "drops"
    folder.mkdir()
    take = ("take_drops", str(folder), "--settle=0")

    for names in ([], ["20240131_jobs.csv"], [], ["Ann Smith.csv"], [], ["Ann Smith.csv"]):
        for name in names:
            (folder / name).write_bytes(b"1,Cook\n")
        code = run_often(settings, *take).code
        assert code == (1 if "Ann Smith.csv" in names else 0)

    done, *failed = log(tmp_path)
    said = " ".join(take)
    assert done == f"{said}: done. 1 to done/, 0 to failed/."
    assert (
        failed
        == [
            f"{said}: exit code 1: 1 file failed: the results in failed/ say why. 0 to done/, 1 to failed/."
        ]
        * 2
    )


def test_a_job_of_each_minute_that_goes_on_to_fail_is_logged_and_mailed_once(
    tmp_path: Path, settings: Any
) -> None:
    folder = tmp_path / "drops"
    take = ("take_drops", str(folder), "--settle=0")

    first, *later = [run_often(settings, *take) for _ in range(3)]

    assert (first.code, "No such file or directory" in first.errors) == (1, True)
    assert [(each.code, each.errors) for each in later] == [(1, "")] * 2
    assert log(tmp_path) == [
        f"{' '.join(take)}: exit code 1: {folder}: No such file or directory (nothing was done)"
    ]
    # Then it works, and fails again: that is news.
    folder.mkdir()
    (folder / "20240131_jobs.csv").write_bytes(b"1,Cook\n")
    assert run_often(settings, *take).code == 0
    folder.rename(tmp_path / "elsewhere")
    assert run_often(settings, *take).errors != ""
    assert len(log(tmp_path)) == 3


def test_a_job_of_each_minute_that_fails_a_second_time_is_mailed_again(
    tmp_path: Path, settings: Any
) -> None:
    """Though it had nothing to do meanwhile."""
    folder = tmp_path / "drops"
    for _ in range(2):
        assert run_often(settings, "take_drops", str(folder)).errors != ""
        folder.mkdir()
        assert [run_often(settings, "take_drops", str(folder)).code for _ in range(2)] == [0, 0]
        folder.rmdir()

    said = [line.partition(": ")[2].partition(":")[0] for line in log(tmp_path)]
    assert said == ["exit code 1", "done."] * 2


def test_a_job_of_each_minute_that_is_cut_short_says_how_far_it_came_without_names(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Ann Smith.csv").touch()
    (tmp_path / "20240131_jobs.csv").write_bytes(b"1,Cook\n")
    monkeypatch.setattr("hrapi.drops.services.run_load", lambda *_: Outcome.INTERRUPTED)

    assert run_often(settings, "take_drops", str(tmp_path), "--settle=0").code == 1

    [line] = log(tmp_path)
    assert line.endswith(
        "exit code 1: The database was gone or busy. Run it again: it goes on where it was."
        " 0 to done/, 1 to failed/."
    )


def test_our_own_fault_in_a_job_of_each_minute_is_loud(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hrapi.drops.management.commands.take_drops.drop_directory", fail)

    with pytest.raises(ZeroDivisionError):
        run_often(settings, "take_drops", str(tmp_path))

    assert log(tmp_path)[0].endswith("failed: ZeroDivisionError")


def test_two_at_once_do_no_harm(tmp_path: Path) -> None:
    with one_run_at_a_time("backup"):
        finished = run_job("backup")

    assert finished.code == 75
    assert "exit code 75" in log(tmp_path)[0]
    assert BackupRun.objects.get().outcome == "failed"


def test_our_own_fault_is_loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("hrapi.backups.management.commands.backup.make_backup", fail)

    with pytest.raises(ZeroDivisionError):
        run_job("backup")

    assert log(tmp_path)[0].endswith("failed: ZeroDivisionError")


def test_a_job_of_an_older_schedule_says_what_to_do() -> None:
    finished = run("crontab", "run", "0" * 32)

    assert finished.code == 1
    assert "manage.py crontab add" in finished.errors


def test_the_log_is_there_though_the_data_directory_was_not(tmp_path: Path, settings: Any) -> None:
    """Of a database and a place for backups that are elsewhere."""
    settings.DATA_DIR = tmp_path / "a" / "b"

    assert run_job("backup").code == 0

    assert log(tmp_path / "a" / "b")[0].startswith("backup --trigger cron: done.")
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_the_log_follows_no_link_and_stops_no_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").touch()
    (tmp_path / "cron.log").symlink_to(tmp_path / "elsewhere")

    assert run_job("backup").code == 0

    assert (tmp_path / "elsewhere").read_text() == ""
    assert "cron.log" in capsys.readouterr().err


def test_nothing_is_locked_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)

    assert run_job("backup").code == 0

    assert list((tmp_path / "tmp").iterdir()) == []
