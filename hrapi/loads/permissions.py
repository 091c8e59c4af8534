from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from hrapi.api.permissions import ModelPermissions
from hrapi.tables import Table, all_tables


class LoadPermissions(ModelPermissions):
    """Loads are seen by whoever sees batches, and sent by whoever may add rows to some table."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method != "POST":
            return super().has_permission(request, view)
        return any(may_add_rows(request.user, table) for table in all_tables())


def may_add_rows(user: Any, table: Table) -> bool:
    names = table.model._meta
    return bool(user.has_perm(f"{names.app_label}.add_{names.model_name}"))
