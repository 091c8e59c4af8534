"""Memory does not grow with the rows, nor with the years they are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.measuring import command
from tests.faults.installed import service

MORE_MIB = 150
ROWS = 300_000


@pytest.mark.slow
def test_many_rows_of_many_years_take_little_more_memory(tmp_path: Path) -> None:
    with service(employees=1) as installed:

        def peak(*arguments: str) -> float:
            place = str(tmp_path / "lake")
            arguments = ("export_parquet", "employees", "--to", place, *arguments)
            return command(*arguments, environment=installed.environment).peak

        little = peak("--with-names")
        with installed.connection() as cursor:
            cursor.execute(
                "INSERT INTO employees (id, name, datetime, department_id, job_id)"
                " SELECT n, repeat(md5(n::text), 4), '1901-01-01Z'::timestamptz + n %% 199 * interval '1 year',"
                "  1 + n %% 50, 1 + n %% 50 FROM generate_series(2, %s) n",
                [ROWS],
            )
        # Of the rows alone, names of so many characters take some 70 MiB as Python has them.
        assert peak("--with-names", "--since", "last") < little + MORE_MIB
        assert peak("--with-names") < little + MORE_MIB
