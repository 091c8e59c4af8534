"""Texts of JSON."""

from __future__ import annotations

from tests.ingestion.sending import (
    employee_text,
)

GOOD = employee_text()


def short(text: str) -> str:
    return text if len(text) < 30 else f"{text[:10]}…{len(text)} characters"
