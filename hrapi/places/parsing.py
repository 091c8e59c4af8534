"""What an option or a setting calls a place."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from hrapi.embedded_postgres.cluster import CLUSTER


def parse_place(text: str) -> Path | tuple[str, str]:
    """A directory, or a bucket and a prefix of `s3://bucket/prefix`.

    Raises ValueError, with a sentence, for anything else, and for the directory of the private PostgreSQL.
    """
    scheme, separator, rest = text.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return bucket, prefix.strip("/")
    # With a slash too few it is a slip, not a directory.
    if separator or not text or text.startswith("s3:"):
        raise ValueError(f"{text!r} is not a place: name a directory or s3://bucket/prefix.")
    path = Path(text).absolute()
    # Unlike resolve() it goes through links that lead in a circle.
    if Path(os.path.realpath(path)).is_relative_to((settings.DATA_DIR / CLUSTER).resolve()):
        raise ValueError(f"{path} belongs to the private PostgreSQL: name another directory.")
    return path
