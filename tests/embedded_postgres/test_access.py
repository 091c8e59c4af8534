"""Who can reach the private server, where its socket lies and what Django does with it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from tests.embedded_postgres.harness import Place, place


def test_nobody_else_on_the_machine_can_reach_the_server_or_its_files(home: Place) -> None:
    home.user().query("SELECT 1")
    owner = home.cluster.stat().st_uid
    for path, mode in [
        (home.cluster, 0o700),
        (home.socket_dir, 0o700),
        (home.socket_dir / ".s.PGSQL.5432", 0o700),
        (home.log, 0o600),
    ]:
        assert (path, stat.S_IMODE(path.stat().st_mode)) == (path, mode)
        assert path.stat().st_uid == owner
    assert owner != 0
    assert stat.S_IMODE(home.data_dir.stat().st_mode) & ~stat.S_IXOTH == 0o700
    for name in ("users", "start", "server"):
        assert stat.S_IMODE((home.data_dir / f"postgres.{name}").stat().st_mode) == 0o600


def test_no_tcp_port_is_opened(home: Place) -> None:
    user = home.user()
    assert user.query("SHOW listen_addresses") == [[""]]
    descriptors = Path(f"/proc/{home.server_pid()}/fd").iterdir()
    sockets = {str(path.readlink()) for path in descriptors if path.is_symlink()}
    internet = [
        f"socket:[{line.split()[9]}]"
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        if Path(table).exists()
        for line in Path(table).read_text().splitlines()[1:]
    ]
    assert any(name.startswith("socket:") for name in sockets)
    assert not sockets.intersection(internet)


def test_a_socket_directory_that_others_may_enter_is_not_trusted(home: Place) -> None:
    first, second = home.user(), home.user()
    first.query("SELECT 1")
    home.socket_dir.chmod(0o755)
    second.send(sql="SELECT 1")
    assert "DATABASE_URL" in second.error()
    home.socket_dir.chmod(0o700)
    assert second.query("SELECT 1") == [[1]]


def test_a_long_data_directory_gets_a_short_private_socket_directory_for_a_while() -> None:
    with place(below="long-name-" * 12 + "/data") as home:
        user = home.user()
        user.query("SELECT 1")
        socket_dir = home.server_socket_dir()
        assert not socket_dir.is_relative_to(home.data_dir)
        assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        following = home.user()
        assert following.query("SELECT 2") == [[2]]
        os.kill(home.server_pid(), signal.SIGKILL)
        user.ask(close=True)
        assert user.query("SELECT 3") == [[3]]
        assert not socket_dir.exists()
        socket_dir = home.server_socket_dir()
        user.leave()
        following.leave()
        assert not socket_dir.exists()


def test_a_data_directory_with_odd_characters_works() -> None:
    with place(below='it\'s "odd", $HOME `x` \\ and wide') as home:
        assert home.user().query("SHOW data_directory") == [[str(home.cluster)]]


def test_the_log_holds_no_names_from_failed_statements(home: Place) -> None:
    user = home.user()
    user.query("CREATE TABLE person (name text UNIQUE, age integer)")
    user.query("INSERT INTO person VALUES ('Lovelace', 36)")
    for sql in (
        "INSERT INTO person VALUES ('Lovelace', 36)",
        "INSERT INTO person VALUES ('Ada', 'Lovelace')",
    ):
        user.send(sql=sql)
        assert "Lovelace" in user.error()
    user.leave()
    assert "Lovelace" not in home.log.read_text()


def test_variables_of_libpq_in_the_environment_do_not_lead_elsewhere(home: Place) -> None:
    user = home.user(
        environment={
            "PGHOST": "nowhere.invalid",
            "PGPORT": "1",
            "PGUSER": "nobody",
            "PGDATABASE": "none",
            "PGDATA": "/nonexistent",
            "LC_ALL": "xx_YY.UTF-8",
        }
    )
    assert user.query("SHOW data_directory") == [[str(home.cluster)]]


def test_a_test_database_can_be_created_first_and_the_usual_one_is_there_too(home: Place) -> None:
    user = home.user()
    assert user.ask(test_database=True) == "test_hrapi"
    assert user.query("SELECT current_database()") == [["hrapi"]]


def test_dbshell_opens_psql_of_the_wheel_and_starts_the_server(home: Place) -> None:
    script = (
        "import sys, django; from django.conf import settings;"
        "settings.configure(DATABASES={'default': {'ENGINE': 'hrapi.embedded_postgres',"
        " 'NAME': 'hrapi', 'OPTIONS': {'data_dir': sys.argv[1]}}}); django.setup();"
        "from django.core.management import call_command;"
        "call_command('dbshell', '--', '-X', '-A', '-t', '-c', 'SELECT current_database()')"
    )
    completed = subprocess.run(
        [sys.executable, "-c", script, str(home.data_dir)],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PATH": "/nonexistent"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert completed.stdout == "hrapi\n"
    assert not home.is_running()
