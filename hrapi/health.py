"""Whether the service lives and whether it can work: open to everybody, telling nothing else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hrapi.api.problems import ProblemCode, ProblemError

# For how long the database may say nothing.
READY_SECONDS = 3.0


class OpenView(APIView):
    """A view that nobody needs to log in for."""

    authentication_classes = []
    permission_classes = []
    renderer_classes = [JSONRenderer]
    schema = None


class HealthView(OpenView):
    """200 while the process answers at all."""

    def get(self, request: Request) -> Response:
        return Response({"status": "ok"})


class ReadinessView(OpenView):
    """200 when the database answers, can be written to and has every migration, else 503 with what is missing."""

    def get(self, request: Request) -> Response:
        try:
            missing = _in_time(_missing)
        except (DatabaseError, InterfaceError):
            raise ProblemError(
                ProblemCode.SERVICE_UNAVAILABLE, "The database cannot be reached."
            ) from None
        except TimeoutError:
            raise ProblemError(
                ProblemCode.SERVICE_UNAVAILABLE, "The database does not answer."
            ) from None
        if missing:
            raise ProblemError(ProblemCode.SERVICE_UNAVAILABLE, missing)
        return Response({"status": "ok", "database": "reachable", "migrations": "applied"})


def _missing() -> str:
    """What the database lacks, "" when it is as it should be."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        if cursor.fetchone() == ("on",):
            return "The database is read-only."
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "A migration is missing: manage.py migrate."
    return ""


def _in_time(ask: Callable[[], str]) -> str:
    """What `ask` gives, over this thread's connection. Raises TimeoutError when nothing comes.

    Then the connection is left to whatever comes of it, and the thread gets another one.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    answer: Future[str] = Future()

    def run() -> None:
        connections[DEFAULT_DB_ALIAS] = connection
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 # It is raised where the answer is waited for.
            answer.set_exception(error)

    connection.inc_thread_sharing()
    Thread(target=run, daemon=True).start()
    try:
        found = answer.result(READY_SECONDS)
    except TimeoutError:
        del connections[DEFAULT_DB_ALIAS]
        raise
    finally:
        connection.dec_thread_sharing()
    return found
