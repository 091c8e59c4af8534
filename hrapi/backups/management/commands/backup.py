from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from hrapi.backups.avro_files import CODECS
from hrapi.backups.commands import (
    ALL_TABLES,
    BackupCommand,
    add_trigger,
    progress_bar,
    tables_named,
)
from hrapi.backups.errors import BackupError
from hrapi.backups.manifest import Trigger
from hrapi.backups.places import place_of
from hrapi.backups.services import make_backup


class Command(BackupCommand):
    help = (
        "Writes one backup of all tables, or of those that are named, as they are at one moment, and prints its "
        "name. Readers and writers go on meanwhile. Exit codes: 0 the backup is there and was read back, 1 it "
        "could not be made, 75 another run is at work on backups."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tables", metavar="TABLE", nargs="*", help=f"Of {ALL_TABLES}.")
        parser.add_argument(
            "--to",
            metavar="PLACE",
            help="A directory or s3://bucket/prefix (default: BACKUP_PLACE).",
        )
        parser.add_argument(
            "--codec",
            choices=CODECS,
            default=CODECS[0],
            help="How the files are compressed (default: %(default)s, which every reader of Avro knows).",
        )
        add_trigger(parser)

    def work(
        self,
        *args: Any,
        tables: list[str],
        to: str | None,
        codec: str,
        trigger: Trigger,
        **options: Any,
    ) -> None:
        chosen = tables_named(tables)
        place = place_of(settings.BACKUP_PLACE if to is None else to)
        with progress_bar("Backing up") as on_progress:
            manifest = make_backup(
                place, chosen, codec=codec, trigger=trigger, on_progress=on_progress
            )
        try:
            self.stdout.write(manifest.id)
            self.stdout.flush()
        except OSError as error:
            raise BackupError(
                f"{manifest.id} is made, but its name could not be printed: {error.strerror}"
            ) from error
        self.stderr.write(
            f"{manifest.rows:,} rows of {len(manifest.tables)} tables in {place}/{manifest.id}"
        )
