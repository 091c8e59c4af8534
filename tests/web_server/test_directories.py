"""Directories that killed processes have left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hrapi.web_server.directories import remove_abandoned
from tests.embedded_postgres.harness import PROJECT

PREFIX = "hrapi-test-"
MAKE_ONE = (
    "import os, time; from hrapi.web_server.directories import directory_in_use;"
    f"made = directory_in_use(prefix={PREFIX!r}); os.fork() and print(made, flush=True);"
    "time.sleep(60)"
)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def test_what_a_killed_process_left_is_removed_and_what_is_used_stays(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(other)
    process = subprocess.Popen(
        [sys.executable, "-c", MAKE_ONE],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout
        used = Path(process.stdout.readline().decode().strip())
        # The fork lives on.
        process.kill()
        process.wait()
        remove_abandoned(prefix=PREFIX)
        assert used.is_dir()
    finally:
        os.killpg(process.pid, 9)
        process.stdout.read()
        process.stdout.close()

    remove_abandoned(prefix=PREFIX)

    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{PREFIX}link", "other"]
