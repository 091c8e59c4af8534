"""The secret key of a service on its private PostgreSQL: generated once, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def generated_secret_key(data_dir: Path) -> str:
    """The key kept in `data_dir`, made at the first call. Two processes that start at once get the same one."""
    try:
        return _kept_or_made(data_dir)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data directory {data_dir} cannot be used ({error.strerror}). Set HRAPI_DATA_DIR to another one."
        ) from error


def _kept_or_made(data_dir: Path) -> str:
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = data_dir / f".secret_key.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
