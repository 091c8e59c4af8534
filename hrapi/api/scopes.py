"""What a token may do of what its user may. The one place where permissions become scopes."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from hrapi.tables import all_tables


class Scope(StrEnum):
    INGEST = "ingest"
    """Post rows and send files."""
    READ = "read"
    """Read tables, batches, loads, the reject log and metrics."""
    REPORTS = "reports"
    """Read reports, and look at visualizations."""
    STEWARDSHIP = "stewardship"
    """Change and delete rows, undo batches, work on the reject log."""


_SCOPE_OF_ACTION = {
    "add": Scope.INGEST,
    "view": Scope.READ,
    "change": Scope.STEWARDSHIP,
    "delete": Scope.STEWARDSHIP,
}
_OF_REPORTS = {
    "reports.view_report",
    "visualizations.view_visualization",
    "visualizations.view_dashboard",
}
_APPS_OF_ALL_TABLES = {"ingestion", "loads", "reports"}


def scope_of(permission: str) -> Scope | None:
    """The scope that a permission like `jobs.add_job` needs. None when none gives it: users and tokens, say."""
    if permission in _OF_REPORTS:
        return Scope.REPORTS
    app, _, codename = permission.partition(".")
    if app not in _APPS_OF_ALL_TABLES | {table.model._meta.app_label for table in all_tables()}:
        return None
    return _SCOPE_OF_ACTION.get(codename.partition("_")[0])


def limit_user(user: Any, scopes: Collection[str]) -> None:
    """From here on this object of the user has only the permissions that the scopes give, a superuser's too.

    Whoever asks `has_perm` is answered accordingly, so that no view has to remember scopes. Why the last answer
    was no is in `user.missing_scope`, where it was for the scopes alone.
    """
    may = user.has_perm

    def has_perm(permission: str, obj: Any = None) -> bool:
        scope = scope_of(permission)
        is_in_scope = scope in scopes
        is_allowed = bool(may(permission, obj))
        user.missing_scope = "" if is_in_scope or not is_allowed else scope_missing(scope)
        return is_in_scope and is_allowed

    user.has_perm = has_perm
    user.is_limited = True


def scope_missing(scope: Scope | None) -> str:
    if scope is None:
        return "A token with scopes may not do this, whatever they are."
    return f"The token lacks the scope {scope.value!r}, which this needs."
