"""How often in the past days: what the document says is asked as it says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.drops.dropping import DEPARTMENTS, JOBS, Folder
from tests.readme import ROOT


@pytest.fixture
def addresses() -> list[str]:
    section = (ROOT / "docs" / "drops.md").read_text().split("## How often in the past days")[1]
    return re.findall(r"^    GET (\S+)$", section, re.MULTILINE)


def test_hires_and_files_of_the_past_days(folder: Folder, api: Any, addresses: list[str]) -> None:
    hires, files = addresses
    now = datetime.now(UTC)
    ages = {number: now - timedelta(days=number) for number in (0, 1, 5, 30)}
    rows = "".join(
        f"{n},Ann,{at:%Y-%m-%dT00:00:00Z},1,1\n" for n, at in enumerate(ages.values(), 1)
    )
    folder.drop("20240124_departments.csv", DEPARTMENTS)
    folder.drop("20240124_jobs.csv", JOBS)
    folder.drop("20240124_employees.csv", b"9,Ben,2020-01-01T00:00:00Z,1,1\n")
    folder.drop("20240131_employees.csv", rows.encode())
    assert folder.take().code == 0

    counted = json.loads(b"".join(api.get(hires).streaming_content))
    assert sum(row["hires"] for row in counted) == 3
    [load] = api.get(files).json()["results"]
    assert (load["date"], load["inserted"]) == ("2024-01-31", 4)
