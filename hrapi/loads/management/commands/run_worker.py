from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from hrapi.loads.stopping import stopped_by_signals
from hrapi.loads.worker import work


class Command(BaseCommand):
    help = (
        "Loads the files that were sent to the API, until SIGTERM or Ctrl-C. It stops after the transaction it is "
        "in; a load that was interrupted, however that was, goes on when a worker runs again. Several may run."
    )
    # They would import every view; `manage.py check` runs them.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="Ends when no file waits to be loaded."
        )
        parser.add_argument(
            "--with-parent",
            type=int,
            metavar="PID",
            help="Ends when the process that started it, of this id, has ended, too.",
        )

    def handle(self, *args: Any, once: bool, with_parent: int | None, **options: Any) -> None:
        with stopped_by_signals(parent=with_parent):
            work(once=once)
