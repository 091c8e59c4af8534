from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from hrapi.backups.commands import BackupCommand
from hrapi.backups.errors import BackupError, UnreadableError
from hrapi.backups.places import place_of


class Command(BackupCommand):
    help = (
        "Lists the backups, oldest first, with what their manifests say. It does not verify them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--place", help="A directory or s3://bucket/prefix (default: BACKUP_PLACE)."
        )

    def work(self, *args: Any, place: str | None, **options: Any) -> None:
        found = place_of(settings.BACKUP_PLACE if place is None else place)
        names = found.names()
        for name in names:
            try:
                manifest = found.manifest(name)
            except BackupError as error:
                what = "UNREADABLE" if isinstance(error, UnreadableError) else "BAD"
                self.stdout.write(f"{name}  {what}: {error}")
            else:
                tables = ", ".join(f"{entry.table} {entry.rows:,}" for entry in manifest.tables)
                self.stdout.write(f"{name}  {manifest.trigger}  {manifest.bytes:,} bytes  {tables}")
        if not names:
            self.stderr.write(f"There is no backup in {found}.")
