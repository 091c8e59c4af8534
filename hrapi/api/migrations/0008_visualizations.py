"""Every group looks at charts and makes its own; administrators remove those of others too."""

from __future__ import annotations

from django.db import migrations

from hrapi.api.groups import granting

OWN = [
    *(f"visualizations.{verb}_visualization" for verb in ("view", "add", "change")),
    *(f"visualizations.{verb}_dashboard" for verb in ("view", "add", "change")),
    *(f"visualizations.{verb}_share" for verb in ("view", "add")),
]
OF_OTHERS = [f"visualizations.delete_{name}" for name in ("visualization", "dashboard", "share")]


class Migration(migrations.Migration):
    dependencies = [("api", "0007_look_at_erasures"), ("visualizations", "0001_initial")]

    operations = [
        granting(
            {
                **dict.fromkeys(("readers", "name_readers", "loaders", "stewards"), OWN),
                "administrators": OWN + OF_OTHERS,
            }
        )
    ]
