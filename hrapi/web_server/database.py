"""How long web processes wait for the database. Commands and the worker of loads wait for as long as it takes."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

CONNECT_SECONDS = 5
# For how long a machine may be silent which the network no longer reaches.
SILENT_MILLISECONDS = 15_000


def limit_waits() -> None:
    """Of the connections that this process opens from here on.

    What DATABASE_URL says of it, or a variable of libpq, stays.
    """
    limits: dict[str, Any] = {
        "keepalives_idle": 5,
        "keepalives_interval": 5,
        "tcp_user_timeout": SILENT_MILLISECONDS,
    }
    if "PGCONNECT_TIMEOUT" not in os.environ:
        limits["connect_timeout"] = CONNECT_SECONDS
    if "PGOPTIONS" not in os.environ:
        limits["options"] = f"-c lock_timeout={settings.LOCK_WAIT_SECONDS}s"
    options = connections.settings[DEFAULT_DB_ALIAS]["OPTIONS"]
    options.update({name: limit for name, limit in limits.items() if name not in options})
