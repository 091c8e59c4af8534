"""Versions of the tables that reports and lists are made of."""

from __future__ import annotations

import uuid

from django.db import migrations, models

from hrapi.versions.triggers import DROP_FUNCTION, FUNCTION, versioned


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("departments", "0001_initial"),
        ("jobs", "0001_initial"),
        ("employees", "0001_initial"),
        ("ingestion", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataVersion",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=63)),
                ("mark", models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                "db_table": "data_versions",
                "default_permissions": (),
                "indexes": [models.Index(fields=["table", "id"], name="data_versions_of_table")],
            },
        ),
        migrations.RunSQL(FUNCTION, DROP_FUNCTION),
        *map(versioned, ("departments", "jobs", "employees", "rejected_rows")),
    ]
