from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def as_often_as_one_likes(settings: Any) -> None:
    """These tests ask more than a person would."""
    settings.REPORTS_PER_MINUTE = 100_000
