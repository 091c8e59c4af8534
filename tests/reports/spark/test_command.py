"""The command before Spark starts: what it needs, and says where it is missing. No test here needs Java."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded_postgres.harness import PROJECT
from tests.installation import free_port

MODULE = ("-m", "reports.spark")
COMMAND = ("manage.py", "spark_reports")
PLACES = ("--from", "/nowhere", "--to", "/nowhere")
IMPORTS = (
    "import importlib, json, pkgutil, sys\n"
    "import reports.spark as package\n"
    "for module in pkgutil.iter_modules(package.__path__):\n"
    "    importlib.import_module(f'reports.spark.{module.name}')\n"
    "print(json.dumps(sorted(sys.modules)))"
)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=known | environment,
        capture_output=True,
        text=True,
    )


def java(directory: Path, version: str) -> str:
    """A directory for PATH with a Java that says it is of this version and does nothing."""
    program = directory / "java"
    program.write_text(f"""#!/bin/sh\necho 'openjdk version "{version}" 2025-04-15' >&2\n""")
    program.chmod(0o755)
    return str(directory)


@pytest.mark.parametrize("program", [MODULE, COMMAND])
def test_without_java_it_says_what_to_install(tmp_path: Path, program: tuple[str, ...]) -> None:
    done = run(*program, *PLACES, PATH=str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.rstrip("\n").splitlines()[-1:] == [
        f"{'CommandError: ' if program == COMMAND else ''}Spark needs Java 17 or newer, and there is none on the"
        " PATH: install one (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to it."
    ]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "version, found", [("1.8.0_392", "8"), ("11.0.24", "11"), ("16.0.2", "16")]
)
def test_an_older_java_is_refused(tmp_path: Path, version: str, found: str) -> None:
    done = run(*MODULE, *PLACES, PATH=java(tmp_path, version))

    assert done.returncode == 1
    assert f"and this is {found} on the PATH" in done.stderr


def test_what_java_says_need_not_be_utf_8(tmp_path: Path) -> None:
    path = java(tmp_path, "11.0.24")
    with (tmp_path / "java").open("ab") as program:
        program.write(b"echo '\xfcber' >&2\n")

    done = run(*MODULE, *PLACES, PATH=path)

    assert done.returncode == 1
    assert "and this is 11 on the PATH" in done.stderr


def test_java_home_comes_first(tmp_path: Path) -> None:
    done = run(*MODULE, *PLACES, PATH=java(tmp_path, "17.0.15"), JAVA_HOME=str(tmp_path))

    assert done.returncode == 1
    assert f"there is none in JAVA_HOME ({tmp_path})" in done.stderr


@pytest.mark.parametrize("version", ["17.0.15", "21", "25-ea"])
def test_without_spark_it_says_what_to_install(tmp_path: Path, version: str) -> None:
    (tmp_path / "pyspark.py").write_text("raise ImportError")

    done = run(*MODULE, *PLACES, PATH=java(tmp_path, version), PYTHONPATH=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Starting Spark ...",
        "Spark is not installed: pip install -r requirements-spark.txt",
    ]


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    masters = f"spark://127.0.0.1:{free_port()},127.0.0.1:{free_port()}"

    done = run(*MODULE, *PLACES, "--master", masters, PATH=java(tmp_path, "17.0.15"))

    assert done.returncode == 1
    assert f"No master of Spark is reached at {masters}" in done.stderr


def test_yarn_without_its_configuration_is_said(tmp_path: Path) -> None:
    done = run(*MODULE, *PLACES, "--master", "yarn", PATH=java(tmp_path, "17.0.15"))

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Set HADOOP_CONF_DIR")


@pytest.mark.parametrize("master", ["", "127.0.0.1:7077", "localhost", "spark:/host", "local[2"])
def test_what_is_no_master_is_wrong_usage(master: str) -> None:
    done = run(*MODULE, *PLACES, "--master", master)

    assert done.returncode == 2
    assert "send spark://host:port" in done.stderr


def test_it_imports_nothing_of_the_service() -> None:
    done = run("-c", IMPORTS)

    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    assert "reports.spark.hires" in imported
    assert not {"django", "hrapi", "employees", "pyarrow"} & {
        name.split(".")[0] for name in imported
    }
    assert {name for name in imported if name.startswith("reports")} <= {
        "reports",
        *(name for name in imported if name.startswith("reports.spark")),
    }
