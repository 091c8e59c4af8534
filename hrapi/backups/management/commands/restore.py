from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from hrapi.backups import services
from hrapi.backups.commands import ALL_TABLES, BackupCommand, progress_bar, tables_named
from hrapi.backups.errors import BackupError
from hrapi.backups.manifest import Manifest
from hrapi.backups.places import find_backup, place_of
from hrapi.backups.staging import Plan, RestoreMode
from hrapi.backups.stored import StoredTable, stored_tables


class Command(BackupCommand):
    help = (
        "Restores all tables of a backup, or those that are named, all or none. Where rows would change or go it "
        "shows what would happen, asks, and makes a backup of what is there first. "
        "Exit codes: 0 restored, 1 it could not be done, 3 the backup is damaged, 75 another run is at work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tables", metavar="TABLE", nargs="*", help=f"Of {ALL_TABLES}.")
        parser.add_argument(
            "--from",
            dest="backup",
            metavar="BACKUP",
            required=True,
            help="A name, latest, or the path of a backup elsewhere.",
        )
        parser.add_argument(
            "--mode",
            choices=[mode.value for mode in RestoreMode],
            default=RestoreMode.REPLACE.value,
            help="replace: the tables become exactly the backup; merge: its rows win, others stay "
            "(default: %(default)s).",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Shows what would happen and changes nothing."
        )
        parser.add_argument(
            "--no-input", action="store_true", help="Asks nothing: the answer is yes."
        )

    def work(
        self,
        *args: Any,
        tables: list[str],
        backup: str,
        mode: str,
        dry_run: bool,
        no_input: bool,
        **options: Any,
    ) -> None:
        place, name = find_backup(backup, settings.BACKUP_PLACE)
        restore_mode, default_place = RestoreMode(mode), place_of(settings.BACKUP_PLACE)
        named = tables_named(tables)

        def choose(manifest: Manifest) -> Sequence[StoredTable]:
            has = [entry.table for entry in manifest.tables]
            lacks = [table.name for table in named if table.name not in has]
            if tables and lacks:
                raise BackupError(
                    f"The backup {manifest.id} has no table {lacks[0]!r}, only {', '.join(has)}."
                )
            return [table for table in named if table.name in has]

        with progress_bar("Reading") as on_progress:
            if dry_run or not no_input:
                plan = services.plan(
                    place,
                    name,
                    choose,
                    restore_mode,
                    safety_place=default_place,
                    on_progress=on_progress,
                )
        if dry_run or not no_input:
            # Whatever is the latest by now.
            name = plan.backup
            self._show(plan, mode, named)
        if dry_run:
            self.stdout.write("Nothing was changed: this was a dry run.")
            return
        if not no_input and plan.destroys and not self._confirmed():
            raise BackupError("Nothing was changed.")
        with progress_bar("Restoring") as on_progress:
            done = services.restore(
                place,
                name,
                choose,
                restore_mode,
                may_destroy=no_input or plan.destroys,
                safety_place=default_place,
                safety_tables=stored_tables(),
                on_progress=on_progress,
                on_safety_backup=lambda manifest: self.stderr.write(
                    f"What was there before is the backup {manifest.id}."
                ),
            )
        if no_input:
            self._show(done, mode, named)
        self.stdout.write(f"Restored from {done.backup}.")

    def _show(self, plan: Plan, mode: str, named: Sequence[StoredTable]) -> None:
        has = {table.table for table in plan.tables}
        if lacks := [table.name for table in named if table.name not in has]:
            self.stderr.write(
                f"The backup {plan.backup} has no {', '.join(lacks)}: what is there stays as it is."
            )
        self.stdout.write(f"{mode} from {plan.backup}:")
        head = ("table", "rows now", "in backup", "insert", "update", "delete")
        self.stdout.write(f"{head[0]:<16}" + "".join(f"{cell:>12}" for cell in head[1:]))
        for table in plan.tables:
            counts = (table.now, table.in_backup, table.insert, table.update, table.delete)
            self.stdout.write(f"{table.table:<16}" + "".join(f"{count:>12,}" for count in counts))
        if erased := [f"{t.table} {t.erased:,}" for t in plan.tables if t.erased]:
            self.stdout.write(f"Erased since the backup, and left out: {', '.join(erased)}.")

    def _confirmed(self) -> bool:
        self.stderr.write(
            "Rows would change or go. A backup of what is there is made first. Restore? [y/N] ",
            ending="",
        )
        self.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")
