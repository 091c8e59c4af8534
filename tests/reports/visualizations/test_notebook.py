"""The script of docs/charts.md, run as somebody would run it, against a service that is served."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.installed import fill, token
from tests.installation import PROJECT, installation

SCRIPT = re.compile(r"^<!-- notebook -->\n```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def script() -> str:
    [found] = SCRIPT.findall((PROJECT / "docs" / "charts.md").read_text())
    return str(found)


def test_it_has_ten_lines() -> None:
    assert len([line for line in script().splitlines() if line]) == 10


@pytest.mark.slow
def test_it_draws_the_chart(tmp_path: Path) -> None:
    with installation() as installed:
        installed.hold()
        assert installed.manage("migrate", "--verbosity=0").code == 0
        fill(installed, employees=100)
        with installed.serving() as port:
            done = subprocess.run(
                [sys.executable, "-c", f"{script()}\nprint(figure.to_json())"],
                cwd=tmp_path,
                env=os.environ
                | {"HIRING_TOKEN": token(installed), "HIRING_URL": f"http://127.0.0.1:{port}"},
                capture_output=True,
                text=True,
                check=False,
            )

    assert (done.returncode, done.stderr) == (0, "")
    [bars] = json.loads(done.stdout)["data"]
    assert bars["type"] == "bar"
    assert bars["y"] == [2] * 50
    assert sorted(bars["x"]) == sorted(f"Name {number}" for number in range(1, 51))
    assert "Plotly.newPlot" in (tmp_path / "hires.html").read_text()
