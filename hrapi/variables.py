"""Variables of the environment as settings need them. An empty one is like a missing one."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured


def variable(name: str) -> str:
    """The text of a variable, taken as it is but for spaces around it."""
    return os.environ.get(name, "").strip()


def listed(name: str) -> list[str]:
    """The parts of a comma-separated variable."""
    return [part.strip() for part in variable(name).split(",") if part.strip()]


def number(name: str, *, default: int, maximum: int) -> int:
    """A whole number from 1 to `maximum`. Raises ImproperlyConfigured for anything else."""
    text = variable(name)
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= maximum:
        return int(text)
    raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {maximum}, not {text!r}.")


def switch(name: str, *, default: bool = False) -> bool:
    """1 is on, 0 is off. Raises ImproperlyConfigured for anything else."""
    text = variable(name) or str(int(default))
    if text not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} must be 1 (on) or 0 (off), not {text!r}.")
    return text == "1"


def choice(name: str, *, among: tuple[str, ...]) -> str:
    """One of these texts; the first when none is set. Raises ImproperlyConfigured for any other."""
    text = variable(name) or among[0]
    if text not in among:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(among)}, not {text!r}.")
    return text
