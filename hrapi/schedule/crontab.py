"""The user's crontab. django-crontab writes it; what is here keeps it from losing lines and hiding failures."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import environ
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.module_loading import import_string
from django_crontab.crontab import Crontab

# Cron has none of the variables of the shell in which the crontab is made: these must stand in .env.
NEEDED_VARIABLES = (
    "DATABASE_URL", "SECRET_KEY", "HRAPI_DATA_DIR", "BACKUP_PLACE", "EXPORT_PLACE", "DROPS_DIRECTORY",
)  # fmt: skip
NEEDED_FOR_S3 = (
    "S3_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE", "AWS_DEFAULT_REGION",
)  # fmt: skip
_LOCALTIME = Path("/etc/localtime")


class SafeCrontab(Crontab):
    """django-crontab's, but for how it reads and writes the crontab, and how it runs a job.

    The lines of other installations and of the user stay as they are, whatever happens.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.settings.PYTHON_EXECUTABLE = _quoted(self.settings.PYTHON_EXECUTABLE)
        self.settings.DJANGO_MANAGE_PATH = _quoted(self.settings.DJANGO_MANAGE_PATH)

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        if kind is None:
            super().__exit__(kind, value, traceback)

    def read(self) -> None:
        """Raises CommandError when the crontab cannot be read: then it must not be written either."""
        code, output, errors = self._call("-l")
        if code and "no crontab for" not in errors:
            raise CommandError(
                f"The crontab cannot be read: {errors.strip() or 'crontab -l failed'}."
            )
        text = "" if code else output
        self.crontab_lines = [f"{line}\n" for line in text.removesuffix("\n").split("\n") if text]

    def write(self) -> None:
        """Raises CommandError when the crontab is not what it should be afterwards."""
        wanted = self.crontab_lines
        code, _, errors = self._call("-", "".join(wanted))
        self.read()
        if code or self.crontab_lines != wanted:
            raise CommandError(f"The crontab could not be written: {errors.strip()}.")

    def remove_jobs(self) -> None:
        """Also those that the settings no longer know."""
        ours = self.installed()
        self.crontab_lines = [line for line in self.crontab_lines if line not in ours]

    def installed(self) -> list[str]:
        """The lines of this installation, as they stand in the crontab."""
        end = f"# {self.settings.CRONTAB_COMMENT}"
        return [
            line
            for line in self.crontab_lines
            if line.rstrip().endswith(end) and not line.lstrip().startswith("#")
        ]

    def wanted(self) -> list[str]:
        """The lines that the settings ask for."""
        empty = SafeCrontab(verbosity=0)
        empty.add_jobs()
        lines: list[str] = empty.crontab_lines
        return lines

    def run_job(self, job_hash: str) -> None:
        """Runs a job of the settings. What it raises is the failure of the process: exit code and all."""
        try:
            _, function, *arguments = self._Crontab__get_job_by_hash(job_hash)
        except RuntimeError:
            raise CommandError(
                "The settings know no such job. Bring the crontab up to date: manage.py crontab add."
            ) from None
        import_string(function)(*(arguments[0] if arguments else ()))

    def _call(self, argument: str, text: str = "") -> tuple[int, str, str]:
        """Exit code, output and errors of `crontab`. The text is any bytes, as cron takes them."""
        executable = self.settings.CRONTAB_EXECUTABLE
        try:
            done = subprocess.run(  # noqa: S603 # The command is that of the settings.
                [executable, argument],
                input=os.fsencode(text),
                capture_output=True,
                env=os.environ | {"LC_ALL": "C"},
                check=False,
            )
        except OSError as error:
            raise CommandError(
                f"{executable}: {error.strerror}. Install cron, or schedule the commands without it:"
                " docs/backups.md."
            ) from error
        return done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr)


def missing_in_cron() -> list[str]:
    """The variables of this process that a job of cron would not have, or not like this."""

    class File(environ.Env):
        ENVIRON: dict[str, str] = {}

    File.read_env(settings.BASE_DIR / ".env")
    places = settings.BACKUP_PLACE, settings.EXPORT_PLACE
    is_s3 = any(place.startswith("s3://") for place in places)
    names = NEEDED_VARIABLES + (NEEDED_FOR_S3 if is_s3 else ())
    return [name for name in names if os.environ.get(name, "") != File.ENVIRON.get(name, "")]


def clock_of_cron() -> str:
    """The time zone that cron goes by where that is not UTC, else ""."""
    # Django has set this process to the service's own zone, UTC.
    try:
        with _LOCALTIME.open("rb") as file:
            zone = ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return ""
    names = {moment.tzname() for moment in _summer_and_winter(zone) if moment.utcoffset()}
    return "/".join(sorted(name for name in names if name))


def _summer_and_winter(zone: ZoneInfo) -> Iterator[datetime]:
    year = datetime.now(UTC).year
    yield from (datetime(year, month, 1, tzinfo=zone) for month in (1, 7))


def _quoted(path: str) -> str:
    """For the shell, and for cron, to which an unmarked % is the end of the line."""
    return shlex.quote(path).replace("%", r"\%")
