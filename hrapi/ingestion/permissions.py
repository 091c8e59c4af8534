from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from hrapi.ingestion.undoing import may_undo
from hrapi.tables import all_tables


class UndoPermission(BasePermission):
    """Whoever may undo what was stored in some table; of which one is seen when the batch is found."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in view.allowed_methods:
            return bool(request.user.is_authenticated)
        return any(may_undo(table, request.user) for table in all_tables())
