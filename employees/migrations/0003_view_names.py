"""A permission for who may see names."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("employees", "0002_trace")]

    operations = [
        migrations.AlterModelOptions(
            name="employee",
            options={"permissions": [("view_names", "Can see the names of employees")]},
        ),
    ]
