from __future__ import annotations

from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """Who did something that matters, when, and from where. A trigger refuses to change or delete one."""

    # `print_grants` lets the service add to it, and nothing else.
    append_only = True

    class Action(models.TextChoices):
        LOGIN = "login"
        LOGIN_FAILED = "login_failed"
        UNLOCKED = "unlocked"
        DENIED = "denied"
        TOKEN_ISSUED = "token_issued"  # noqa: S105 - no password
        TOKEN_ENDED = "token_ended"  # noqa: S105 - no password
        CLIENT_REGISTERED = "client_registered"
        CLIENT_ENDED = "client_ended"
        ROLE_CHANGED = "role_changed"
        RENAMED = "renamed"
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
        NAMES_EXPORTED = "names_exported"
        ROW_DELETED = "row_deleted"
        BATCH_UNDONE = "batch_undone"
        REJECTED_ROWS_DISCARDED = "rejected_rows_discarded"
        REOPENED = "reopened"
        ERASED = "erased"
        VISUALIZATION_DELETED = "visualization_deleted"
        DASHBOARD_DELETED = "dashboard_deleted"
        SHARE_MADE = "share_made"
        SHARE_REVOKED = "share_revoked"
        BACKUP = "backup"
        RESTORE = "restore"
        PRUNE = "prune"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=32, choices=Action.choices)
    # Null is nobody, whom no name means.
    user = models.TextField(  # noqa: DJ001
        null=True,
        help_text="Name of the account; of a command, that of the operating system. Null for nobody.",
    )
    user_id = models.BigIntegerField(
        null=True,
        help_text="Id of the account, which no other account ever has. Null for nobody and for commands.",
    )
    address = models.TextField(  # noqa: DJ001
        null=True, help_text="Where the request came from; of IPv6 the network."
    )
    request_id = models.TextField(null=True, help_text="The `X-Request-ID` of the answer.")  # noqa: DJ001
    command = models.TextField(null=True, help_text="The command of `manage.py`.")  # noqa: DJ001
    what = models.JSONField(default=dict, help_text="Ids, counts, names of tables and accounts.")

    class Meta:
        db_table = "audit_events"
        verbose_name = "audit event"
        default_permissions = ("view",)
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
