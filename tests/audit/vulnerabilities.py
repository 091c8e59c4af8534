"""What pip-audit found, less what is known and has a dated reason in pyproject.toml."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class KnownVulnerability:
    """One that does no harm here, why, and until when that holds."""

    id: str
    reason: str
    until: date


@dataclass(frozen=True)
class Verdict:
    """What is to be printed, and the exit code: 1 when something was found."""

    lines: list[str]
    code: int


def known_vulnerabilities(pyproject: Path) -> list[KnownVulnerability]:
    """`[[tool.hrapi.audit.known]]`: `id`, `reason` and `until`, a date. Raises TypeError for anything else."""
    tables = tomllib.loads(pyproject.read_text()).get("tool", {}).get("hrapi", {}).get("audit", {})
    known = [KnownVulnerability(**table) for table in tables.get("known", [])]
    for entry in known:
        if not entry.reason.strip() or type(entry.until) is not date:
            raise TypeError(f"{entry.id} needs a reason, and a date until which it holds.")
    return known


def judge(report: str, known: Collection[KnownVulnerability], *, today: date) -> Verdict:
    """Of the JSON that pip-audit wrote; of anything else, that nothing was checked."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return Verdict([_not_checked("pip-audit could not reach the database")], 0)
    lines = []
    reasons = {entry.id: entry for entry in known}
    found = 0
    for package in packages:
        for vulnerability in package.get("vulns", []):
            ids = [vulnerability["id"], *vulnerability.get("aliases", [])]
            what = f"{package['name']} {package['version']}: {', '.join(ids)}"
            entry = next((reasons[name] for name in ids if name in reasons), None)
            if entry and today <= entry.until:
                lines.append(f"known until {entry.until}: {what}: {entry.reason}")
            else:
                found += 1
                mended = ", ".join(vulnerability.get("fix_versions", [])) or "no version yet"
                lines.append(f"VULNERABLE: {what} (mended in {mended})")
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if unknown:
        whole = f"{len(unknown)} of {len(packages)} packages are not in the database"
        lines.append(_not_checked(f"{whole}, {unknown[0]} first"))
    else:
        lines.append(f"{len(packages)} packages checked, {found} vulnerabilities")
    return Verdict(lines, 1 if found else 0)


def _not_checked(why: str) -> str:
    return f"WARNING: NOT CHECKED FOR KNOWN VULNERABILITIES: {why}"
