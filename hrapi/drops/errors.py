"""Why a file is not taken. Every message is a sentence for a person."""

from __future__ import annotations


class RefusedError(Exception):
    """It never will be as it is: it goes to `failed/`."""


class ChangedError(Exception):
    """Somebody has changed, replaced or removed it meanwhile: it stays where it is, and is looked at anew."""


class WaitsError(Exception):
    """It is another one's turn. It stays where it is."""


class InterruptedLoadError(Exception):
    """The database was gone or busy. The load goes on with the next run."""
