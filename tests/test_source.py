from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import hrapi.wsgi
from hrapi.source import source_digest


def test_another_source_has_another_digest(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    for name in ("hrapi/api/names.py", "reports/apps.py", "reports/views.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    digest_now = source_digest.__wrapped__
    digests = [digest_now()]

    for name in ("hrapi/api/names.py", "reports/views.py"):
        (tmp_path / name).write_text("two")
        digests.append(digest_now())
    (tmp_path / "hrapi/api/names.py").rename(tmp_path / "hrapi/names.py")
    digests.append(digest_now())
    # What is no part of the service may come and go.
    (tmp_path / "tests.py").write_text("one")

    assert len(set(digests)) == 4
    assert digest_now() == digests[-1]


def test_the_web_server_reads_it_when_it_starts() -> None:
    source_digest.cache_clear()

    importlib.reload(hrapi.wsgi)

    assert source_digest.cache_info().misses == 1
