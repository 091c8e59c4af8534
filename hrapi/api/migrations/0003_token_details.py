"""What a token is for, what it may do and when it was used: also of the tokens that there are."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


def keep_details(apps, schema_editor):
    details = apps.get_model("api", "TokenDetails")
    tokens = apps.get_model("knox", "AuthToken").objects.values_list("pk", flat=True)
    details.objects.bulk_create(details(token_id=pk) for pk in tokens.iterator())


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_look_at_backup_runs"),
        ("knox", "0009_extend_authtoken_field"),
    ]

    operations = [
        migrations.CreateModel(
            name="TokenDetails",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="What the token is for.", max_length=255
                    ),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ingest", "ingest"),
                                ("read", "read"),
                                ("reports", "reports"),
                                ("stewardship", "stewardship"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        help_text="What the token may do of what its user may; all of that when there are none.",
                        size=None,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the token was used last, to five minutes.",
                        null=True,
                    ),
                ),
                (
                    "token",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="details",
                        to="knox.authtoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "token",
                "db_table": "token_details",
                "default_permissions": (),
            },
        ),
        migrations.RunPython(keep_details, migrations.RunPython.noop),
    ]
