"""Who may see the names of people. The one place that decides it: what shows rows, or what was sent, asks here."""

from __future__ import annotations

from typing import Any

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.tables import Table, all_tables

SEES_SENT = "sees_sent"
"""In the context of serializers: `may_see_sent` of the user who asks. Where it is not there, nobody does."""


def may_see_names(user: Any, table: Table) -> bool:
    """Whether the user may see the personal fields of the table's rows."""
    return not table.personal_fields or bool(user.has_perm(table.names_permission))


def hidden_fields(user: Any, table: Table) -> tuple[str, ...]:
    """The fields of the table's rows that the user does not see."""
    return () if may_see_names(user, table) else table.personal_fields


def may_see_sent(user: Any) -> bool:
    """Whether the user may see what was sent and not taken.

    It takes the right to see the names of every table: whatever stands in a wrong column, or was sent to the wrong
    table, may be a name.
    """
    return all(may_see_names(user, table) for table in all_tables())


def refuse_without_names(user: Any, what: str, *tables: Table) -> None:
    """Raises ProblemError unless the user may see the names of the tables; of every table when none is given."""
    for table in tables or all_tables():
        if not may_see_names(user, table):
            raise ProblemError(
                ProblemCode.PERMISSION_DENIED,
                f"{what} may show names of people: this needs the right {table.names_permission!r}.",
            )
