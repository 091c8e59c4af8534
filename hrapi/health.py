"""Whether the service lives and whether it can work: open to everybody, telling nothing else."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


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
    """200 when the database answers and every migration is applied, else 503 with what is missing."""

    def get(self, request: Request) -> Response:
        status, answer = readiness()
        return Response(answer, status=status)


def readiness() -> tuple[int, dict[str, str]]:
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return 503, {"status": "unavailable", "database": "unreachable"}
    if is_behind:
        return 503, {"status": "unavailable", "migrations": "missing"}
    return 200, {"status": "ok", "database": "reachable", "migrations": "applied"}
