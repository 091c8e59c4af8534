from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hrapi.schedule.crontab import SafeCrontab, clock_of_cron, missing_in_cron


class Command(BaseCommand):
    """In place of django-crontab's command of the same name."""

    help = (
        "Puts the scheduled jobs of the settings into your crontab (add), shows or removes those that are "
        "there, or says whether they are as the settings say (check: exit code 1 when not). run is what cron "
        "calls."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("subcommand", choices=["add", "show", "remove", "check", "run"])
        parser.add_argument("job", nargs="?", help="Which job to run; cron knows.")

    def handle(self, *args: Any, subcommand: str, job: str | None, **options: Any) -> None:
        getattr(self, f"_{subcommand}")(job or "")

    def _add(self, _: str) -> None:
        _refuse_missing_variables()
        with SafeCrontab(verbosity=0) as crontab:
            crontab.remove_jobs()
            crontab.add_jobs()
        self._show("")
        self._warn_of_the_clock()

    def _show(self, _: str) -> None:
        crontab = _read()
        self.stdout.write("".join(crontab.installed()), ending="")
        if not crontab.installed():
            self.stderr.write("No job of this installation is in the crontab: crontab add.")

    def _remove(self, _: str) -> None:
        with SafeCrontab(verbosity=0) as crontab:
            number = len(crontab.installed())
            crontab.remove_jobs()
        self.stdout.write(f"{number} jobs removed.")

    def _check(self, _: str) -> None:
        crontab = _read()
        installed, wanted = crontab.installed(), crontab.wanted()
        wrong = [f"missing: {line}" for line in wanted if line not in installed]
        wrong += [f"not of the settings: {line}" for line in installed if line not in wanted]
        wrong += [f"twice: {line}" for line in wanted if installed.count(line) > 1]
        self.stdout.write("".join(wrong), ending="")
        _refuse_missing_variables()
        if wrong:
            raise CommandError("The crontab is not as the settings say: crontab add.")
        self.stdout.write(f"The crontab is as the settings say: {len(wanted)} jobs.")
        self._warn_of_the_clock()

    def _run(self, job: str) -> None:
        SafeCrontab().run_job(job)

    def _warn_of_the_clock(self) -> None:
        zone = clock_of_cron()
        if zone:
            self.stderr.write(
                f"Cron goes by the clock of this machine ({zone}), not by UTC: so do these times."
            )


def _read() -> SafeCrontab:
    crontab = SafeCrontab(verbosity=0)
    crontab.read()
    return crontab


def _refuse_missing_variables() -> None:
    missing = missing_in_cron()
    if missing:
        raise CommandError(
            f"Cron does not know the variables of this shell: put {', '.join(missing)} into .env as they are here."
        )
