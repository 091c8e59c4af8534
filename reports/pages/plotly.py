"""Plotly's own script, served from its package, which is never imported for that."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage, Storage

_NAME = "plotly.min.js"
# The version is in the address, so that browsers may keep the file for good.
_PREFIX = f"plotly/{version('plotly')}"
SCRIPT = f"{_PREFIX}/{_NAME}"


def _package_data() -> Path:
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise LookupError("plotly is not installed.")
    return Path(spec.origin).parent / "package_data"


class _PlotlyStorage(FileSystemStorage):
    prefix = _PREFIX


class PlotlyFinder(BaseStorageFinder):
    """Finds that one file among those of the package."""

    storage = _PlotlyStorage(_package_data())

    def find(self, path: str, *arguments: Any, **options: Any) -> Any:
        return super().find(_NAME, *arguments, **options) if path == SCRIPT else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, Storage]]:
        return [(_NAME, self.storage)]
