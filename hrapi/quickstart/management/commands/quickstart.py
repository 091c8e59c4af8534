from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from hrapi import sample_data
from hrapi.api.tokens import make_token
from hrapi.ingestion.batches import MAX_BATCH_ROWS, Origin
from hrapi.ingestion.models import Batch
from hrapi.ingestion.parsing.json_rows import read_json
from hrapi.ingestion.services import ingest_batch
from hrapi.tables import get_table

USERNAME = "admin"
SAMPLE_EMPLOYEES = 900
START_SECONDS = 60
LOOK_SECONDS = 1.0
STOP_SECONDS = 10.0

_BANNER = """
Hiring data is running at {address}

{credentials}

Try, in another terminal:
  export TOKEN={token}
  curl -H "Authorization: Token $TOKEN" '{address}api/v1/reports/departments-above-mean/?year=2025'
  curl -H "Authorization: Token $TOKEN" '{address}api/v1/rejected-rows/?page_size=2'
  curl -H "Authorization: Token $TOKEN" -H 'Content-Type: text/csv' \\
       --data-binary $'id,department\\n13,Logistics\\n14,\\n' {address}api/v1/departments/

README.md goes on from here. Ctrl-C stops the service; the data stay.
"""


class Command(BaseCommand):
    help = (
        "Starts the service for a newcomer: applies the migrations, makes sample data and a first user where "
        "there are none, and runs the web server and the worker until Ctrl-C. With DATABASE_URL no sample data "
        "are made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare-only",
            action="store_true",
            help="Does everything but run the web server and the worker.",
        )

    def handle(self, *args: Any, prepare_only: bool, **options: Any) -> None:
        if not prepare_only:
            _check_port_is_free(settings.PORT)
        call_command("migrate", verbosity=0)
        if not settings.DATABASE_URL:
            _make_sample_data()
        password, token = _make_first_user()
        connections.close_all()
        if password:
            credentials = (
                f"  User      {USERNAME}\n"
                f"  Password  {password}    (shown this once)\n"
                f"  Token     {token}    (shown this once)"
            )
        else:
            credentials = (
                "  The user is there already, and its token was shown once. For new ones:\n"
                f"  .venv/bin/python manage.py changepassword {USERNAME}\n"
                f"  .venv/bin/python manage.py issue_token {USERNAME}"
            )
        banner = _BANNER.format(
            address=f"http://127.0.0.1:{settings.PORT}/",
            credentials=credentials,
            token=token or f"$(.venv/bin/python manage.py issue_token {USERNAME})",
        )
        if prepare_only:
            self.stdout.write(credentials)
        else:
            self._serve(banner)

    def _serve(self, banner: str) -> None:
        # A process of its own: this one stays, and stops the private database after the last worker.
        server = subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{settings.PORT}"],
            cwd=settings.BASE_DIR,
            # Away from the terminal: of a Ctrl-C it hears once, from here, and not twice.
            process_group=0,
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: server.terminate())
        worker = _start_worker()
        try:
            if _wait_until_it_answers(server):
                self.stdout.write(banner)
                self.stdout.flush()
            while (returncode := server.poll()) is None:
                if worker.poll() is not None:
                    worker = _start_worker()
                with suppress(subprocess.TimeoutExpired):
                    server.wait(timeout=LOOK_SECONDS)
        finally:
            _stop_worker(worker)
        if returncode not in (0, -signal.SIGTERM):
            raise CommandError(f"The web server ended with code {returncode}.")


def _start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 # The command is our own.
        [sys.executable, "manage.py", "run_worker", "--with-parent", str(os.getpid())],
        cwd=settings.BASE_DIR,
        process_group=0,
    )


def _stop_worker(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # It waits for the database, say. A load that is killed goes on with the next worker.
        worker.kill()
        worker.wait()


def _check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} of 127.0.0.1 cannot be used ({error.strerror}). "
                f"Choose another one: make run PORT={port + 1}"
            ) from error


def _wait_until_it_answers(server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    address = f"http://127.0.0.1:{settings.PORT}/healthz"
    while server.poll() is None and time.monotonic() < deadline:
        try:
            # An address of our own, of http.
            with urllib.request.urlopen(address, timeout=5):  # nosec B310
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _make_sample_data() -> None:
    if Batch.objects.exists():
        return
    employees = [
        *sample_data.employee_rows(SAMPLE_EMPLOYEES),
        *sample_data.bad_employee_rows(first_id=SAMPLE_EMPLOYEES + 1),
    ]
    for name, rows in (
        ("departments", sample_data.department_rows()),
        ("jobs", sample_data.job_rows()),
        ("employees", employees),
    ):
        body = read_json(json.dumps(rows).encode(), max_rows=MAX_BATCH_ROWS)
        origin = Origin(source=Batch.Source.COMMAND, file_name="sample data")
        ingest_batch(get_table(name), body.rows, origin)


def _make_first_user() -> tuple[str, str]:
    """The password and a token of the first user; empty when there is a user already."""
    users = get_user_model()
    if users.objects.exists():
        return "", ""
    password = secrets.token_urlsafe(12)
    user = users.objects.create_superuser(USERNAME, password=password)
    user.groups.add(Group.objects.get(name="administrators"))
    _, token = make_token(user, name="quickstart")
    return password, token
