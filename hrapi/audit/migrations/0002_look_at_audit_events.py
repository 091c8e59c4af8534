"""Administrators may look at audit events."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("api", "0001_groups")]

    operations = [granting({"administrators": ["audit.view_auditevent"]})]
