"""The table of audit events, which only grows."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models

# For each statement, whatever rows it meets. Owners and superusers are refused as well, until they drop the trigger.
REFUSE = """
CREATE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events only grows: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_events_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_audit_events();
"""
ALLOW = """
DROP TRIGGER audit_events_only_grow ON audit_events;
DROP FUNCTION refuse_to_change_audit_events();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("login", "Login"),
                            ("login_failed", "Login Failed"),
                            ("denied", "Denied"),
                            ("token_issued", "Token Issued"),
                            ("token_ended", "Token Ended"),
                            ("role_changed", "Role Changed"),
                            ("password_changed", "Password Changed"),
                            ("names_exported", "Names Exported"),
                            ("row_deleted", "Row Deleted"),
                            ("batch_undone", "Batch Undone"),
                            ("rejected_rows_discarded", "Rejected Rows Discarded"),
                            ("reopened", "Reopened"),
                            ("backup", "Backup"),
                            ("restore", "Restore"),
                            ("prune", "Prune"),
                        ],
                        max_length=32,
                    ),
                ),
                (
                    "user",
                    models.TextField(
                        help_text="Name of the account; of a command, that of the operating system."
                        " Null for nobody.",
                        null=True,
                    ),
                ),
                (
                    "address",
                    models.TextField(
                        help_text="Where the request came from; of IPv6 the network.", null=True
                    ),
                ),
                (
                    "request_id",
                    models.TextField(help_text="The `X-Request-ID` of the answer.", null=True),
                ),
                (
                    "command",
                    models.TextField(help_text="The command of `manage.py`.", null=True),
                ),
                (
                    "what",
                    models.JSONField(
                        default=dict, help_text="Ids, counts, names of tables and accounts."
                    ),
                ),
            ],
            options={
                "verbose_name": "audit event",
                "db_table": "audit_events",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
