"""Spark, started so that a report is the same everywhere: UTC, ANSI SQL, and quiet."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reports.spark.errors import SparkReportsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
_ON_THIS_MACHINE = re.compile(r"local\b|spark://(localhost|127\.[\d.]+):")
_STANDALONE = re.compile(r"([^:,/]+):(\d+)(?:,|$)")
_PATIENCE = 10
"""In seconds: for how long a master may take to be reached."""
_LOG = Path(__file__).with_name("log4j2.properties")


def check_java() -> None:
    """Raises SparkReportsError where there is no Java that Spark can run on."""
    home = os.environ.get("JAVA_HOME")
    program = f"{home}/bin/java" if home else "java"
    try:
        done = subprocess.run([program, "-version"], capture_output=True)  # noqa: S603
        said = done.stderr.decode(errors="replace")
    except OSError:
        said = ""
    # Java 8 calls itself 1.8.
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version is None or int(version[1]) < JAVA:
        found = f"this is {version[1]}" if version else "there is none"
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise SparkReportsError(
            f"Spark needs Java {JAVA} or newer, and {found} {where}:"
            f" install one (Debian: apt-get install openjdk-{JAVA}-jre-headless), or set JAVA_HOME to it."
        )


@contextmanager
def session(master: str | None) -> Iterator[SparkSession]:
    """A session on the cluster `master`. What Spark fails at, in the block too, is a SparkReportsError."""
    # No frame of pandas is made here, whichever is installed.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkReportsError(
            "Spark is not installed: pip install -r requirements-spark.txt"
        ) from error
    _check_master(master or "")
    builder = SparkSession.builder.appName("spark_reports")
    if master:
        builder = builder.master(master)
    if _ON_THIS_MACHINE.match(master or ""):
        # Whatever the machine calls itself, and open to nobody else.
        builder = builder.config("spark.driver.host", "127.0.0.1")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
    builder = (
        builder.config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", str(sys.stderr.isatty()).lower())
        .config("spark.driver.defaultJavaOptions", f"-Dlog4j2.configurationFile={_LOG.as_uri()}")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.ansi.enabled", "true")
        # Exports have checksums of their pages.
        .config("spark.hadoop.parquet.page.verify-checksum.enabled", "true")
        # Whatever a cluster is used to: what cannot be read is no figure, and a year is one file.
        .config("spark.sql.files.ignoreCorruptFiles", "false")
        .config("spark.sql.files.ignoreMissingFiles", "false")
        .config("spark.sql.files.maxRecordsPerFile", "0")
    )
    try:
        spark = builder.getOrCreate()
        try:
            yield spark
        finally:
            spark.stop()
    except (PySparkException, Py4JError) as error:
        raise SparkReportsError(_reason(error)) from error


def _check_master(master: str) -> None:
    """Raises SparkReportsError where a standalone cluster is not reached: Spark would try for a minute.

    And where it is not said where YARN is, of which Spark says several lines.
    """
    if master == "yarn" and not {"HADOOP_CONF_DIR", "YARN_CONF_DIR"} & set(os.environ):
        raise SparkReportsError("Set HADOOP_CONF_DIR to the configuration of the cluster of YARN.")
    if not master.startswith("spark://"):
        return
    for host, port in _STANDALONE.findall(master.removeprefix("spark://")):
        try:
            socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
        except OSError:
            continue
        return
    raise SparkReportsError(
        f"No master of Spark is reached at {master}: start it, or correct --master."
    )


def _reason(error: Exception) -> str:
    """The first line that says something, of what was first to go wrong."""
    java = getattr(error, "java_exception", None)
    while java is not None and java.getCause() is not None:
        java = java.getCause()
    text = str(error if java is None else java.getMessage())
    return f"Spark failed: {next(filter(None, text.splitlines()), type(error).__name__)[:300]}"
