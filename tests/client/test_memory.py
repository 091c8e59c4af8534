"""What is pulled is not held: memory does not grow with the rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.client.serving import Served
from tests.embedded_postgres.harness import PROJECT

pytestmark = pytest.mark.slow

MORE_MIB = 20
FEW, MANY = 100_000, 400_000


def peak(service: Served, home: Path, written_as: str) -> float:
    """MiB of a `pull` of all employees."""
    program = (
        "import resource, sys; from hrapi.client.__main__ import main; code = main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024); sys.exit(code)"
    )
    environment = service.installed.environment | {
        "HRAPI_ADDRESS": service.address,
        "HRAPI_TOKEN": service.secret,
        "PYTHONPATH": str(PROJECT),
    }
    arguments = ("pull", "employees", "--format", written_as, "--out", str(home / "employees"))
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        capture_output=True,
        env=environment,
    )
    return float(done.stdout.split()[-1])


@pytest.mark.parametrize("written_as", ["csv", "jsonl", "parquet"])
def test_four_times_the_rows_take_no_more_memory(
    filled: Served, tmp_path: Path, written_as: str
) -> None:
    def fill(first: int, last: int) -> None:
        with filled.installed.connection() as cursor:
            cursor.execute(
                "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                " SELECT n, md5(n::text), now(), 1, 1 FROM generate_series(%s, %s) n",
                [first, last],
            )

    fill(1, FEW)
    few = peak(filled, tmp_path, written_as)
    fill(FEW + 1, MANY)

    assert peak(filled, tmp_path, written_as) < few + MORE_MIB
