"""From Django's settings of a database to the private server behind them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from hrapi.embedded_postgres import postmaster
from hrapi.embedded_postgres.cluster import SUPERUSER
from hrapi.embedded_postgres.server import server_of

OWN_OPTIONS = ("data_dir", "fsync")


def connection_parameters(settings_dict: dict[str, Any], *, check: bool = False) -> dict[str, str]:
    """Return host, port and user of the private server, starting the server if needed."""
    options = settings_dict["OPTIONS"]
    if not options.get("data_dir"):
        raise ImproperlyConfigured(
            'The engine hrapi.embedded_postgres needs OPTIONS["data_dir"],'
            " the directory in which the private server keeps its data."
        )
    server = server_of(options["data_dir"])
    socket_dir = server.ensure_running(fsync=options.get("fsync", True), check=check)
    return {"host": str(socket_dir), "port": str(postmaster.PORT), "user": SUPERUSER}
