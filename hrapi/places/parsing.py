"""What an option or a setting calls a place."""

from __future__ import annotations

from pathlib import Path


def parse_place(text: str) -> Path | tuple[str, str]:
    """A directory, or a bucket and a prefix of `s3://bucket/prefix`. Raises ValueError for anything else."""
    scheme, separator, rest = text.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme == "s3" and bucket:
        return bucket, prefix.strip("/")
    # With a slash too few it is a slip, not a directory.
    if separator or not text or text.startswith("s3:"):
        raise ValueError(text)
    return Path(text).absolute()
