"""The commands of README.md, run as a reader would paste them, against a service on a port of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hrapi.backups.manifest import NAME

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
ADDRESS = "127.0.0.1:8000"
# In place of the name of any backup.
A_BACKUP = "20261128T000000.123456Z-9f31c2"
MARK = "--- next command ---"
# They install and start what is running already.
NOT_PASTED = ("make ",)


@dataclass(frozen=True)
class Example:
    """One command and the output that the README shows under it."""

    command: str
    shown: str


def examples(text: str) -> list[Example]:
    """Each command of the console blocks: `$ ` begins it, `> ` goes on with it, the rest is its output."""
    found: list[Example] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines(keepends=True)
            ends = next(
                (n for n, line in enumerate(lines[1:], 1) if not line.startswith("> ")), None
            )
            command = lines[:ends]
            shown = lines[ends:] if ends else []
            text_of_command = "".join(line.removeprefix("> ") for line in command).strip()
            found.append(Example(text_of_command, "".join(shown)))
    return [example for example in found if not example.command.startswith(NOT_PASTED)]


def outputs(commands: list[str], directory: Path) -> list[str]:
    """What each command prints, in one shell, started on a fresh service with its data in `directory`."""
    with _service(directory) as (port, environment):
        script = [f"cd {directory}"]
        for command in commands:
            script += [command, f"echo '{MARK}'"]
        text = "\n".join(script).replace(ADDRESS, f"127.0.0.1:{port}")
        text = text.replace(".venv/bin/python manage.py", f"{sys.executable} {ROOT}/manage.py")
        text = text.replace(".venv/bin/python -m", f"{sys.executable} -m")
        finished = subprocess.run(
            ["/bin/sh"],
            input=text,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
    printed = finished.stdout.replace(f"127.0.0.1:{port}", ADDRESS)
    printed = NAME.sub(A_BACKUP, printed)
    return [part.lstrip("\n") for part in printed.split(f"{MARK}\n")[:-1]]


@contextmanager
def _service(directory: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (directory / "curl").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/tests/curl.py "$@"\n')
    (directory / "curl").chmod(0o755)
    environment = os.environ | {
        "HRAPI_DATA_DIR": str(directory / "data"),
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "HOME": str(directory),
        "PATH": f"{directory}:{os.environ['PATH']}",
    }
    service = subprocess.Popen(
        [sys.executable, "manage.py", "quickstart"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        for line in service.stdout:
            if line.startswith("Hiring data is running"):
                break
        yield port, environment
    finally:
        service.terminate()
        service.communicate(timeout=60)


def main() -> None:
    """Writes the outputs into the README: `python -m tests.readme`."""
    import tempfile

    text = README.read_text()
    with tempfile.TemporaryDirectory() as directory:
        found = examples(text)
        for example, printed in zip(
            found, outputs([e.command for e in found], Path(directory)), strict=True
        ):
            command = example.command.replace("\n", "\n> ")
            text = text.replace(f"$ {command}\n{example.shown}", f"$ {command}\n{printed}", 1)
    README.write_text(text)


if __name__ == "__main__":
    main()
