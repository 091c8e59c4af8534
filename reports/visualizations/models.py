from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Visualization(models.Model):
    """A chart that somebody has saved: its specification, never rows. Others see it where it is for the team."""

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    specification = models.JSONField(help_text="As `Chart.as_json` gives it.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_team = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "visualizations"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"visualization {self.pk}"


class Dashboard(models.Model):
    """Charts that somebody looks at together."""

    id = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=255)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_team = models.BooleanField(default=False)
    charts = models.JSONField(
        default=list, help_text="In order: ids of visualizations, names of standard charts."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "dashboards"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"dashboard {self.pk}"


class Share(models.Model):
    """A link by which anybody looks at a visualization without a login, until it ends.

    Of its token only the hash is kept. A frozen one keeps what it shows.
    """

    class Format(models.TextChoices):
        HTML = "html"
        PNG = "png"
        CSV = "csv"
        JSON = "json"

    id = models.BigAutoField(primary_key=True)
    # Without a constraint: restoring charts must not wait for links, which no backup holds.
    visualization = models.ForeignKey(
        Visualization, on_delete=models.CASCADE, db_constraint=False, related_name="shares"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    formats = ArrayField(models.CharField(max_length=8, choices=Format.choices))
    frozen = models.JSONField(
        null=True, help_text="What it shows, as `sharing` keeps it; null for a live one."
    )
    embed_on = ArrayField(
        models.CharField(max_length=255),
        default=list,
        help_text="Origins whose pages may show it in a frame.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shares"
        ordering = ["id"]
        default_permissions = ("add", "delete", "view")

    def __str__(self) -> str:
        return f"share {self.pk} of visualization {self.visualization_id}"

    @property
    def has_ended(self) -> bool:
        return self.revoked_at is not None or self.expires_at <= timezone.now()
