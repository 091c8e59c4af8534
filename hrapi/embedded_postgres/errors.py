"""The error of a private server that cannot be started or reached."""

from __future__ import annotations

from django.db.utils import OperationalError


class EmbeddedServerError(OperationalError):
    """The private server does not run; the text says what was tried and what to do."""
