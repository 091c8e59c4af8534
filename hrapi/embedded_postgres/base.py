"""A PostgreSQL backend whose server starts with the first connection."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base

from hrapi.embedded_postgres.client import DatabaseClient
from hrapi.embedded_postgres.connection import OWN_OPTIONS, connection_parameters


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL backend on the private server of OPTIONS["data_dir"].

    OPTIONS["fsync"] = False trades the safety of the data for speed; it is meant for tests.
    """

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, without those that only this backend knows."""
        parameters: dict[str, Any] = super().get_connection_params()
        return {name: value for name, value in parameters.items() if name not in OWN_OPTIONS}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; a server that has died since the last connection is started again."""
        found = connection_parameters(self.settings_dict)
        try:
            with self.wrap_database_errors:
                return super().get_new_connection({**conn_params, **found})
        except OperationalError:
            found = connection_parameters(self.settings_dict, check=True)
            return super().get_new_connection({**conn_params, **found})
