"""Deleted charts and dashboards, and links that are made and revoked, are recorded."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_ids_of_accounts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="action",
            field=models.CharField(
                choices=[
                    ("login", "Login"),
                    ("login_failed", "Login Failed"),
                    ("denied", "Denied"),
                    ("token_issued", "Token Issued"),
                    ("token_ended", "Token Ended"),
                    ("client_registered", "Client Registered"),
                    ("client_ended", "Client Ended"),
                    ("role_changed", "Role Changed"),
                    ("renamed", "Renamed"),
                    ("password_changed", "Password Changed"),
                    ("names_exported", "Names Exported"),
                    ("row_deleted", "Row Deleted"),
                    ("batch_undone", "Batch Undone"),
                    ("rejected_rows_discarded", "Rejected Rows Discarded"),
                    ("reopened", "Reopened"),
                    ("erased", "Erased"),
                    ("visualization_deleted", "Visualization Deleted"),
                    ("dashboard_deleted", "Dashboard Deleted"),
                    ("share_made", "Share Made"),
                    ("share_revoked", "Share Revoked"),
                    ("backup", "Backup"),
                    ("restore", "Restore"),
                    ("prune", "Prune"),
                ],
                max_length=32,
            ),
        ),
    ]
