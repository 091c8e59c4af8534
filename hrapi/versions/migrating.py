from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connections

from hrapi.versions.models import DataVersion


def renew_all(*, using: str, plan: Sequence[Any] = (), **signal: Any) -> None:
    """After migrations, which may change what rows hold by ALTER TABLE, where there is no trigger."""
    connection = connections[using]
    table = DataVersion._meta.db_table
    # They may have led back to before this app.
    if plan and table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE data_versions SET mark = gen_random_uuid()")
