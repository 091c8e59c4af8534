"""The tests' own PostgreSQL, a private server in a temporary directory, and clients for each kind of user."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import django
import pytest
from django.conf import settings

# Before Django reads its settings: were they named in pyproject.toml, or in the environment that the processes of
# pytest-xdist begin with, pytest-django would read them first.
# Each run has its own server, so that runs do not meet. It is stopped at exit, and as functions that were
# registered later run earlier, the directory goes after that.
_DATA_DIR = tempfile.mkdtemp(prefix="hrapi-tests-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "hrapi.settings",
    "HRAPI_DATA_DIR": _DATA_DIR,
    "DATABASE_URL": "",
    "SECRET_KEY": "tests-only",
    "DEBUG": "",
    "OAUTH": "",
    "EXPORT_PLACE": "",
}


# The tests' data need not survive a power cut, nor their passwords an attack.
settings.DATABASES["default"]["OPTIONS"]["fsync"] = False
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()
del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture
def client_of(db: None) -> Callable[[str], Any]:
    """`client_of("loaders")` is an API client logged in as a user of that group, `client_of("")` of none."""
    from django.contrib.auth.models import Group, User
    from rest_framework.test import APIClient

    def make(group: str) -> APIClient:
        user = User.objects.create_user(f"{group or 'nobody'}-user", password="a long password")
        if group:
            user.groups.add(Group.objects.get(name=group))
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def api(client_of: Callable[[str], Any]) -> Any:
    """A client that may do everything that the API offers."""
    return client_of("administrators")


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's `db`: transactions commit, and are visible to other connections.

    To be used by a fixture of the name `db`: by that name pytest-django knows that a database is needed.

    Emptied by hand: the flush of `transaction=True` would take the groups away, which migrations made.
    """
    from django.db import connections

    with django_db_blocker.unblock():
        _empty_tables()
        try:
            yield
        finally:
            _empty_tables()
            connections.close_all()


def _empty_tables() -> None:
    from django.apps import apps
    from django.db import connection

    for name in (
        "loads.Load", "django_tasks_database.DBTaskResult", "ingestion.RejectedRow",
        "ingestion.RowChange", "employees.Employee", "ingestion.Batch", "departments.Department",
        "jobs.Job", "sessions.Session", "auth.User", "backups.BackupRun", "api.Counter",
        "privacy.Erasure", "visualizations.Share", "visualizations.Visualization", "visualizations.Dashboard",
    ):  # fmt: skip
        apps.get_model(name)._default_manager.all().delete()
    with connection.cursor() as cursor:
        # What has just been done is recorded as well, in a table that lets nothing go.
        cursor.execute(
            "ALTER TABLE audit_events DISABLE TRIGGER audit_events_only_grow;"
            "DELETE FROM audit_events;"
            "ALTER TABLE audit_events ENABLE TRIGGER audit_events_only_grow"
        )
