from __future__ import annotations

import hashlib
from functools import cache

from django.conf import settings


@cache
def source_digest() -> str:
    """Short for the source of the service: with another one the same rows may be answered otherwise.

    Read once, and at the start by the web server: later another source may lie where this one was.
    """
    packages = {
        settings.BASE_DIR / "hrapi",
        *(path.parent for path in settings.BASE_DIR.glob("*/apps.py")),
    }
    digest = hashlib.sha256()
    for package in sorted(packages):
        for path in sorted(package.rglob("*.py")):
            digest.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return digest.hexdigest()
