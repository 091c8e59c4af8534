"""A standalone cluster of Spark on 127.0.0.1: a master and two workers, each a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

from tests.embedded_postgres.harness import PATIENCE, wait_until

WORKERS = 2
_SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_ENVIRONMENT = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_DAEMON_MEMORY": "256m",
    # It lives for minutes: what it would learn by compiling well comes too late.
    "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
}


@contextmanager
def cluster(home: Path, *, cores: int = 1, memory: str = "1g") -> Iterator[str]:
    """Its address, once both workers are there. `home` gets the logs and the workers' directories.

    `cores` and `memory` are those of each worker.
    """
    with ExitStack() as running:
        log = running.enter_context(_running(home, "master", "Master", "--port", "0"))
        [master] = _found(log, r"Starting Spark master at (spark://\S+)", 1)
        for number in range(WORKERS):
            name = f"worker-{number}"
            options = ("--cores", str(cores), "--memory", memory, "--work-dir", str(home / name))
            running.enter_context(_running(home, name, "Worker", *options, master))
        _found(log, r"Registering worker (\S+)", WORKERS)
        yield master


@contextmanager
def _running(home: Path, name: str, kind: str, *arguments: str) -> Iterator[Path]:
    """The log of a process of the cluster, which ends with the block."""
    log = home / f"{name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [
                *(str(_SPARK_CLASS), f"org.apache.spark.deploy.{kind.lower()}.{kind}"),
                *("--host", "127.0.0.1", "--webui-port", "0", *arguments),
            ],
            env=os.environ | _ENVIRONMENT,
            stdout=stream,
            stderr=stream,
        )
        try:
            yield log
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _found(log: Path, pattern: str, times: int) -> list[str]:
    wait_until(lambda: len(re.findall(pattern, log.read_text())) >= times)
    return re.findall(pattern, log.read_text())
