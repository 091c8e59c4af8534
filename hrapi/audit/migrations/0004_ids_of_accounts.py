"""Events keep the id of the account, as names can change. Those from before have none."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_more_actions")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="user_id",
            field=models.BigIntegerField(
                null=True,
                help_text="Id of the account, which no other account ever has."
                " Null for nobody and for commands.",
            ),
        ),
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
                    ("backup", "Backup"),
                    ("restore", "Restore"),
                    ("prune", "Prune"),
                ],
                max_length=32,
            ),
        ),
    ]
