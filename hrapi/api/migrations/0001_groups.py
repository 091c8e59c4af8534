"""The groups that people and programs belong to."""

from __future__ import annotations

from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

VIEW_TABLES = [
    "departments.view_department",
    "jobs.view_job",
    "employees.view_employee",
]
ADD_ROWS = [
    "departments.add_department",
    "jobs.add_job",
    "employees.add_employee",
]
CHANGE_ROWS = [
    "departments.change_department",
    "jobs.change_job",
    "employees.change_employee",
]
DELETE_ROWS = [
    "departments.delete_department",
    "jobs.delete_job",
    "employees.delete_employee",
]
VIEW_LOG = ["ingestion.view_batch", "ingestion.view_rejectedrow"]
MANAGE_USERS = [
    "auth.view_user",
    "auth.add_user",
    "auth.change_user",
    "auth.delete_user",
    "auth.view_group",
    "knox.view_authtoken",
    "knox.delete_authtoken",
]
REPORTS = ["reports.view_report"]

GROUPS = {
    "readers": [*VIEW_TABLES, *REPORTS],
    "loaders": [*VIEW_TABLES, *REPORTS, *ADD_ROWS, *VIEW_LOG],
    "stewards": [
        *VIEW_TABLES,
        *REPORTS,
        *ADD_ROWS,
        *CHANGE_ROWS,
        *VIEW_LOG,
        "ingestion.change_rejectedrow",
    ],
    "administrators": [
        *VIEW_TABLES,
        *REPORTS,
        *ADD_ROWS,
        *CHANGE_ROWS,
        *DELETE_ROWS,
        *VIEW_LOG,
        "ingestion.change_rejectedrow",
        *MANAGE_USERS,
    ],
}


def create_groups(apps, schema_editor):
    # Django makes permissions after the last migration; the groups need them here.
    for config in installed_apps.get_app_configs():
        create_permissions(config, verbosity=0, apps=apps, using=schema_editor.connection.alias)
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for name, permissions in GROUPS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        for permission in permissions:
            app_label, codename = permission.split(".")
            group.permissions.add(
                permission_model.objects.get(content_type__app_label=app_label, codename=codename)
            )


def delete_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("knox", "0009_extend_authtoken_field"),
        ("departments", "0001_initial"),
        ("jobs", "0001_initial"),
        ("employees", "0001_initial"),
        ("reports", "0001_initial"),
        ("ingestion", "0001_initial"),
    ]

    operations = [migrations.RunPython(create_groups, delete_groups)]
