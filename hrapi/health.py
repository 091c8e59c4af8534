"""Whether the service lives and whether it can work: open to everybody, telling nothing else."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.migrations.executor import MigrationExecutor
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hrapi.api.problems import ProblemCode, ProblemError


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
        connection = connections[DEFAULT_DB_ALIAS]
        try:
            executor = MigrationExecutor(connection)
            is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        except (DatabaseError, InterfaceError):
            raise ProblemError(
                ProblemCode.SERVICE_UNAVAILABLE, "The database cannot be reached."
            ) from None
        if is_behind:
            raise ProblemError(
                ProblemCode.SERVICE_UNAVAILABLE, "A migration is missing: manage.py migrate."
            )
        return Response({"status": "ok", "database": "reachable", "migrations": "applied"})
