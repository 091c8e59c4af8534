"""Events are recorded: in the table, with the deed or not at all, and then as lines of the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import Error, transaction

from hrapi.audit.models import AuditEvent
from hrapi.audit.origin import account_of, current_origin

LOGGER = "hrapi.audit"

logger = logging.getLogger(LOGGER)

Action = AuditEvent.Action


def record(
    action: AuditEvent.Action, what: Mapping[str, Any] | None = None, *, user: User | None = None
) -> None:
    """Records what is being done, in the transaction that does it: neither is there without the other.

    `what` holds ids, counts, names of tables and of accounts: no names of people, no passwords, tokens or
    queries. `user` is who does it, where that is another than whoever is logged in. Raises what the database
    raises.
    """
    origin = vars(current_origin())
    if user is not None:
        origin |= account_of(user)
    event = AuditEvent(action=action, what=dict(what or {}), **origin)
    event.save(force_insert=True)
    transaction.on_commit(partial(_tell, event))


def record_refusal(action: AuditEvent.Action, what: Mapping[str, Any]) -> None:
    """Records that somebody was not let in, or not allowed. When that cannot be recorded, they still are not."""
    try:
        with transaction.atomic():
            record(action, what)
    except Error as error:
        logger.warning(
            "%s could not be recorded (%s): %s",
            action.value,
            type(error).__name__,
            json.dumps(what),
        )


def _tell(event: AuditEvent) -> None:
    """A line of the log. Ids of requests and names of commands are in every line."""
    members = {
        "action": str(event.action),
        "user": event.user,
        "user_id": event.user_id,
        "address": event.address,
        "what": event.what,
    }
    text = " ".join(f"{name}={json.dumps(value)}" for name, value in members.items())
    logger.info("Audit: %s", text, extra={"measured": {"event": event.pk, **members}})
