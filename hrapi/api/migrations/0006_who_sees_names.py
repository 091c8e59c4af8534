"""Who sees names: all groups but the readers, who get a group beside them that does."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting

SEE_NAMES = ["employees.view_names"]
READ = [
    "departments.view_department",
    "jobs.view_job",
    "employees.view_employee",
    "reports.view_report",
]


def create_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.get_or_create(name="name_readers")


def delete_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name="name_readers").delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0005_end_oauth_clients"), ("employees", "0003_view_names")]

    operations = [
        migrations.RunPython(create_group, delete_group),
        granting(
            {
                "name_readers": [*READ, *SEE_NAMES],
                "loaders": SEE_NAMES,
                "stewards": SEE_NAMES,
                "administrators": SEE_NAMES,
            }
        ),
    ]
