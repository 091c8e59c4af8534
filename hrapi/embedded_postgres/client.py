"""`manage.py dbshell` with the psql of the wheel."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from hrapi.embedded_postgres import binaries
from hrapi.embedded_postgres.connection import connection_parameters


class DatabaseClient(PostgresClient):
    """Opens psql on the private server, starting the server if needed."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Return psql's command line; nothing of it is a secret."""
        found = connection_parameters(settings_dict)
        known = {"HOST": found["host"], "PORT": found["port"], "USER": found["user"]}
        arguments, environment = super().settings_to_cmd_args_env(
            {**settings_dict, **known}, list(parameters)
        )
        psql = os.fspath(binaries.binaries_dir() / "psql")
        return [psql, *arguments[1:]], environment
