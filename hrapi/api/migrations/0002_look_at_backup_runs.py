"""Administrators may look at the runs of backups."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting


class Migration(migrations.Migration):
    dependencies = [("api", "0001_groups"), ("backups", "0001_initial")]

    operations = [granting({"administrators": ["backups.view_backuprun"]})]
