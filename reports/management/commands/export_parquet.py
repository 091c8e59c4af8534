from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from hrapi.backups.commands import EXIT_WRONG_USAGE, BackupCommand, progress_bar
from reports.datasets.definition import Dataset
from reports.datasets.registry import all_datasets
from reports.lake.places import lake_of
from reports.lake.services import export, in_words

ALL_DATASETS = ", ".join(dataset.name for dataset in all_datasets())


class Command(BackupCommand):
    help = (
        "Exports all datasets, or those that are named, as Parquet files, all as they are at one moment, and "
        "prints a line for each. What was exported to the same place on the same day is replaced, nothing else. "
        "Exit codes: 0 all are published and were read back, 1 none is, 2 wrong usage, 75 another run is at work "
        "on exports."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("datasets", metavar="DATASET", nargs="*", help=f"Of {ALL_DATASETS}.")
        parser.add_argument(
            "--to",
            metavar="PLACE",
            help="A directory or s3://bucket/prefix (default: EXPORT_PLACE).",
        )
        parser.add_argument(
            "--since",
            choices=["last"],
            help="Export of the tables, and of rejected rows, only what has changed since the last export there. "
            "All rows are exported where there is none yet, where its columns were others, and of other datasets.",
        )
        parser.add_argument(
            "--with-names", action="store_true", help="Export the names of people too."
        )

    def work(
        self,
        *args: Any,
        datasets: list[str],
        to: str | None,
        since: str | None,
        with_names: bool,
        **options: Any,
    ) -> None:
        chosen = _datasets_named(datasets)
        lake = lake_of(settings.EXPORT_PLACE if to is None else to)
        with progress_bar("Exporting") as on_progress:
            exports = export(
                lake,
                chosen,
                incremental=since is not None,
                with_names=with_names,
                on_progress=on_progress,
            )
        for made in exports:
            self.stdout.write(in_words(made))
        self.stderr.write(
            f"{sum(made.rows for made in exports):,} rows of {len(exports)} datasets in {lake}"
        )


def _datasets_named(names: Sequence[str]) -> list[Dataset]:
    """The datasets of these names, all without names. Raises CommandError for another name."""
    for name in names:
        if name not in {dataset.name for dataset in all_datasets()}:
            raise CommandError(
                f"{name[:60]!a} is none of the datasets {ALL_DATASETS}.",
                returncode=EXIT_WRONG_USAGE,
            )
    return [dataset for dataset in all_datasets() if not names or dataset.name in names]
