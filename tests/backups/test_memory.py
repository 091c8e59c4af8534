"""Memory does not grow with what is in the tables, nor with how long their values are."""

from __future__ import annotations

import pytest

from tests.benchmarks.measuring import command
from tests.faults.installed import service

LIMIT_MIB = 150


LONG_LOG = """
from hrapi.ingestion.models import Batch, RejectedRow
batch = Batch.objects.create(
    table="employees", source="command", mode="partial", received=8000, rejected=8000
)
for start in range(0, 8000, 500):
    RejectedRow.objects.bulk_create(
        RejectedRow(
            batch=batch, table="employees", index=n, raw=f"{n:016}" * 1024, raw_length=16384,
            errors=[], codes=["invalid"], content_hash=str(n),
        )
        for n in range(start, start + 500)
    )
"""


@pytest.mark.slow
def test_a_log_of_long_rows_takes_no_more_memory() -> None:
    with service(employees=1) as installed:
        assert installed.manage("shell", "-c", LONG_LOG).code == 0

        def peak(*arguments: str) -> float:
            return command(*arguments, environment=installed.environment).peak

        assert peak("backup") < LIMIT_MIB
        assert peak("verify_backup", "latest", "--deep") < LIMIT_MIB
        with installed.connection() as cursor:
            cursor.execute("TRUNCATE rejected_rows")
        assert peak("restore", "--from", "latest", "--no-input") < LIMIT_MIB
        assert installed.query("SELECT count(*) FROM rejected_rows") == [(8000,)]
