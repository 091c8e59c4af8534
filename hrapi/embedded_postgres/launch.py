"""Starting the server process of a cluster and asking it to stop."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from hrapi.embedded_postgres import binaries, postmaster
from hrapi.embedded_postgres.account import make_reachable
from hrapi.embedded_postgres.cluster import Cluster
from hrapi.embedded_postgres.errors import EmbeddedServerError

LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
TEMPORARY_PREFIX = "hrapi-postgres-"
SETTINGS = {
    "listen_addresses": "",
    "port": str(postmaster.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # A million employees with their indexes; it is taken as it is used.
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and error texts hold people's names; the client gets them, the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def launch(cluster: Cluster) -> None:
    """Start the server of a cluster, creating it if needed, without waiting until it is ready."""
    if cluster.account:
        status = cluster.data_dir.stat()
        if status.st_uid != cluster.account.uid:
            cluster.data_dir.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
        make_reachable(
            account=cluster.account,
            directories=[cluster.directory],
            trees=binaries.installed_trees(),
        )
    cluster.rotate_log()
    cluster.create_if_missing()
    cluster.claim()
    _forget_killed_server(cluster)
    options = ["-D", os.fspath(cluster.directory)]
    settings = SETTINGS if cluster.fsync else SETTINGS | UNSAFE_SETTINGS
    quoted = os.fspath(_prepare_socket_dir(cluster)).replace('"', '""')
    for name, value in (settings | {"unix_socket_directories": f'"{quoted}"'}).items():
        options += ["-c", f"{name}={value}"]
    with cluster.server_lock() as descriptor:
        cluster.run(
            "pg_ctl", "start", "-s", "-W", "-o", shlex.join(options), keep_open=[descriptor]
        )


def request_stop(cluster: Cluster) -> None:
    """Ask the server to end its sessions and stop, without waiting until it has."""
    cluster.run("pg_ctl", "stop", "-s", "-W", "-m", "fast")


def remove_temporary_socket_dir(socket_dir: Path, *, cluster: Cluster) -> None:
    """Remove a socket directory of a stopped server, if it is one outside the data directory."""
    if socket_dir.name.startswith(TEMPORARY_PREFIX) and cluster.owns_privately(socket_dir):
        shutil.rmtree(socket_dir)


def _prepare_socket_dir(cluster: Cluster) -> Path:
    socket_dir = cluster.data_dir / "postgres-socket"
    # libpq reads a comma as the end of one host in a list.
    if _is_too_long(socket_dir) or "," in str(socket_dir):
        return _temporary_socket_dir(cluster)
    # The process id in an old socket lock file may meanwhile belong to another program.
    if socket_dir.is_symlink():
        socket_dir.unlink()
    elif socket_dir.exists():
        shutil.rmtree(socket_dir)
    socket_dir.mkdir(mode=0o700)
    cluster.give_to_account(socket_dir)
    return socket_dir


def _temporary_socket_dir(cluster: Cluster) -> Path:
    socket_dir = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX))
    if _is_too_long(socket_dir):
        socket_dir.rmdir()
        raise EmbeddedServerError(
            f"The paths {cluster.data_dir} and {tempfile.gettempdir()} are both too long for a"
            f" Unix socket. Choose a shorter data directory, or set DATABASE_URL."
        )
    cluster.give_to_account(socket_dir)
    if cluster.account:
        make_reachable(account=cluster.account, directories=[socket_dir], trees=[])
    return socket_dir


def _is_too_long(socket_dir: Path) -> bool:
    return len(os.fsencode(socket_dir / postmaster.SOCKET_NAME)) > LONGEST_SOCKET_PATH


def _forget_killed_server(cluster: Cluster) -> None:
    """Remove what a killed server left, where PostgreSQL itself would not dare to."""
    old = postmaster.read_postmaster(cluster.directory)
    if old is not None:
        remove_temporary_socket_dir(old.socket_dir, cluster=cluster)
    pid = postmaster.recorded_pid(cluster.directory)
    if pid is None or not postmaster.process_exists(pid):
        return
    if postmaster.is_postmaster(pid, cluster=cluster.directory) is False:
        (cluster.directory / "postmaster.pid").unlink()
