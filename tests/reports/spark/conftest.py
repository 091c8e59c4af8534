"""One cluster for all tests of Spark, which stand in one module: pytest-xdist gives a module to one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reports.spark.errors import SparkReportsError
from reports.spark.session import check_java
from tests.reports.spark.cluster import cluster

ELSEWHERE = "Pacific/Auckland"
"""The time zone of the machines: its days and quarters are not those of UTC."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    of_spark = [item for item in items if "master" in getattr(item, "fixturenames", ())]
    for item in of_spark:
        item.add_marker(pytest.mark.spark)
    if of_spark:
        try:
            check_java()
        except SparkReportsError as error:
            for item in of_spark:
                item.add_marker(pytest.mark.skip(reason=str(error)))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cluster has its logs, and in `events` what its drivers tell of each task."""
    place = tmp_path_factory.mktemp("spark")
    (place / "events").mkdir()
    (place / "spark-defaults.conf").write_text(
        "spark.executor.memory 512m\n"
        "spark.executor.cores 1\n"
        "spark.cores.max 2\n"
        "spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n"
        "spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n"
        "spark.sql.shuffle.partitions 4\n"
        # What careless clusters have.
        "spark.sql.files.ignoreCorruptFiles true\n"
        "spark.sql.files.ignoreMissingFiles true\n"
        "spark.sql.files.maxRecordsPerFile 7\n"
        f"spark.executorEnv.TZ {ELSEWHERE}\n"
        "spark.eventLog.enabled true\n"
        "spark.eventLog.compress false\n"
        "spark.eventLog.rolling.enabled false\n"
        f"spark.eventLog.dir {(place / 'events').as_uri()}\n"
    )
    return place


@pytest.fixture(scope="session")
def master(home: Path) -> Iterator[str]:
    # For two programs at once, each on both workers.
    with cluster(home, cores=2) as address:
        yield address


@pytest.fixture(scope="session")
def spark(master: str, home: Path) -> Iterator[Any]:
    """A session as the command has it, on the cluster."""
    from pyspark import SparkContext

    from reports.spark.session import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(home))
        patch.setenv("TZ", ELSEWHERE)
        with session(master) as spark:
            yield spark
    gateway: Any = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()
    SparkContext._gateway = SparkContext._jvm = None
