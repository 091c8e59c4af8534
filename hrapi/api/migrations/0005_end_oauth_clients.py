"""Administrators see and end the clients of OAuth, as they do tokens."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0004_counters"),
        ("oauth", "0001_initial"),
    ]

    operations = [granting({"administrators": ["oauth.view_client", "oauth.delete_client"]})]
