"""Administrators may look at the records of erasures."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting


class Migration(migrations.Migration):
    dependencies = [("api", "0006_who_sees_names"), ("privacy", "0001_initial")]

    operations = [granting({"administrators": ["privacy.view_erasure"]})]
