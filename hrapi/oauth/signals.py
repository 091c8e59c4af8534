"""What becomes of clients, for the audit: registered by a command, ended there or in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from hrapi.audit.recording import Action, record
from hrapi.oauth.models import Client


def watch_clients() -> None:
    post_save.connect(_saved, Client)
    post_delete.connect(_ended, Client)


def _saved(*, instance: Client, created: bool, raw: bool, **signal: Any) -> None:
    if created and not raw:
        record(Action.CLIENT_REGISTERED, {**_told(instance), "scopes": instance.scopes})


def _ended(*, instance: Client, **signal: Any) -> None:
    record(Action.CLIENT_ENDED, _told(instance))


def _told(client: Client) -> dict[str, Any]:
    return {"client": client.client_id, "account": client.user.get_username()}
