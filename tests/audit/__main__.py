"""`make audit`: whether a package that is installed here has a known vulnerability.

Exits with 1 when one has. Where the database cannot be reached it says so loudly and exits with 0.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

from tests.audit.vulnerabilities import judge, known_vulnerabilities
from tests.readme import ROOT

COMMAND = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off"]


def main(command: list[str]) -> int:
    report = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    known = known_vulnerabilities(ROOT / "pyproject.toml")
    verdict = judge(report.stdout.decode(), known, today=datetime.now(UTC).date())
    print("\n".join(verdict.lines), file=sys.stderr)
    return verdict.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or COMMAND))
