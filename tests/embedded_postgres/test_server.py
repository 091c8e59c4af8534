"""The life of the private server: who starts it and who stops it."""

from __future__ import annotations

import os
import signal

from tests.embedded_postgres.harness import Place, has_ended, wait_until


def test_the_first_connection_starts_the_server_and_reading_the_settings_does_not(
    home: Place,
) -> None:
    user = home.user()
    assert not home.data_dir.exists()
    assert user.query("SELECT current_database(), current_user") == [["hrapi", "hrapi"]]
    assert home.is_running()


def test_the_end_of_the_only_user_stops_the_server_without_a_word(home: Place) -> None:
    user = home.user()
    user.query("SELECT 1")
    pid = home.server_pid()
    output, errors = user.leave()
    assert output == ""
    assert "Traceback" not in errors
    assert has_ended(pid)
    assert not (home.cluster / "postmaster.pid").exists()


def test_data_survive_a_restart(home: Place) -> None:
    first = home.user(fsync=True)
    assert first.query("SHOW fsync") == [["on"]]
    assert first.query("SHOW data_checksums") == [["on"]]
    first.query("CREATE TABLE person AS SELECT 'müller' AS name")
    first.leave()
    assert home.user().query("SELECT upper(name) FROM person") == [["MÜLLER"]]


def test_the_last_user_stops_the_server_and_not_the_first(home: Place) -> None:
    first, second = home.user(), home.user()
    first.query("SELECT 1")
    second.query("SELECT 1")
    first.leave()
    assert second.query("SELECT 2") == [[2]]
    assert home.is_running()
    second.leave()
    assert not home.is_running()


def test_a_killed_user_leaves_the_server_to_the_next_one_who_stops_it(home: Place) -> None:
    killed = home.user()
    killed.query("SELECT 1")
    pid = home.server_pid()
    killed.kill()
    assert killed.process.stdout is not None
    assert killed.process.stdout.read() == b""
    assert home.is_running()
    following = home.user()
    following.query("SELECT 1")
    assert home.server_pid() == pid
    following.leave()
    assert has_ended(pid)


def test_ctrl_c_in_the_terminal_of_a_user_does_not_reach_the_server(home: Place) -> None:
    first, second = home.user(), home.user()
    first.query("SELECT 1")
    second.query("SELECT 1")
    pid = home.server_pid()
    os.killpg(first.process.pid, signal.SIGINT)
    first.process.wait()
    assert second.query("SELECT 2") == [[2]]
    assert home.server_pid() == pid


def test_four_processes_that_start_at_once_share_one_server(home: Place) -> None:
    users = [home.user() for _ in range(4)]
    for user in users:
        user.send(sql="SELECT pg_postmaster_start_time()::text")
    assert len({str(user.answer()) for user in users}) == 1
    for user in users:
        assert home.is_running()
        user.leave()
    assert not home.is_running()


def test_four_processes_that_come_and_go_never_meet_a_stopped_server(home: Place) -> None:
    for _ in range(3):
        users = [home.user() for _ in range(4)]
        for user in users:
            user.send(sql="SELECT 1")
            assert user.process.stdin is not None
            user.process.stdin.close()
        for user in users:
            assert user.answer() == [[1]]
            assert user.process.wait() == 0
    assert not home.is_running()


def test_the_end_of_a_forked_child_does_not_stop_the_server_of_its_parent(home: Place) -> None:
    user = home.user()
    user.query("SELECT 1")
    for statements in ([], ["SELECT 1"]):
        child = user.ask(fork=statements)
        assert user.ask(wait=child) == 0
        assert user.query("SELECT 2") == [[2]]


def test_a_forked_child_counts_as_a_user_of_its_own(home: Place) -> None:
    user = home.user()
    user.query("CREATE TABLE mark (number integer)")
    child = user.ask(fork=["SELECT pg_sleep(1)", "INSERT INTO mark VALUES (5)"])
    following = home.user()
    wait_until(
        lambda: (
            following.query("SELECT 1 FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'")
            == [[1]]
        )
    )
    following.leave()
    user.kill()
    wait_until(lambda: has_ended(child))
    wait_until(lambda: not home.is_running())
    assert home.user().query("SELECT number FROM mark") == [[5]]
