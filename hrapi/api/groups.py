"""What migrations give to the groups after the first one, which makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps as installed_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations


def granting(permissions: Mapping[str, Sequence[str]]) -> migrations.RunPython:
    """An operation that gives each group permissions like `backups.view_backuprun`; reversed, it takes them."""

    def each(apps: Any, what: str) -> None:
        for group, names in permissions.items():
            found = apps.get_model("auth", "Group").objects.filter(name=group).first()
            for label, codename in (name.split(".") for name in names):
                permission = apps.get_model("auth", "Permission").objects.get(
                    content_type__app_label=label, codename=codename
                )
                # Somebody may have removed the group since.
                if found is not None:
                    getattr(found.permissions, what)(permission)

    def grant(apps: Any, schema_editor: Any) -> None:
        # Django makes permissions after the last migration; the groups need them here.
        for label in {name.split(".")[0] for names in permissions.values() for name in names}:
            create_permissions(
                installed_apps.get_app_config(label),
                verbosity=0,
                apps=apps,
                using=schema_editor.connection.alias,
            )
        each(apps, "add")

    def take(apps: Any, schema_editor: Any) -> None:
        each(apps, "remove")

    return migrations.RunPython(grant, take)
