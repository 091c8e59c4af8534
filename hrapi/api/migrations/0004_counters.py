"""Counters of logins that failed, and of requests, shared by all workers."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0003_token_details")]

    operations = [
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("hits", models.IntegerField()),
                ("started_at", models.DateTimeField()),
            ],
            options={"db_table": "counters", "default_permissions": ()},
        ),
        # Counting must not wait for the disk, and half-filled pages let a row be changed in its place.
        migrations.RunSQL(
            "ALTER TABLE counters SET UNLOGGED; ALTER TABLE counters SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
    ]
