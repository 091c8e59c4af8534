"""What can go wrong with an export. Every message is one line for a person."""

from __future__ import annotations

from hrapi.backups.errors import BackupError


class ExportError(BackupError):
    """An export could not be made, and nothing was published, unless the message says otherwise."""


class MissingError(ExportError):
    """Something that an export left is not there any more."""


def is_no_export(directory: object) -> ExportError:
    return ExportError(
        f"{directory} is there and is no export: remove it, or give exports a place of their own."
    )
