"""What can go wrong with backups. Every message is one line for a person."""

from __future__ import annotations


class BackupError(Exception):
    """The work could not be done, and nothing was changed, unless the message says otherwise."""


class BadBackupError(BackupError):
    """A backup is not what was written: damaged, incomplete, changed, or of a newer version."""


class UnreadableError(BackupError):
    """A backup may be whole, but this user may not read it."""


class BusyError(BackupError):
    """Another run is at the same work on this database."""
