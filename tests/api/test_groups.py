"""The groups that migrations make, and their permissions."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

pytestmark = pytest.mark.django_db

READERS = {
    "departments.view_department",
    "employees.view_employee",
    "jobs.view_job",
    "reports.view_report",
    "visualizations.add_dashboard",
    "visualizations.add_share",
    "visualizations.add_visualization",
    "visualizations.change_dashboard",
    "visualizations.change_visualization",
    "visualizations.view_dashboard",
    "visualizations.view_share",
    "visualizations.view_visualization",
}


LOADERS = READERS | {
    "departments.add_department",
    "employees.add_employee",
    "employees.view_names",
    "ingestion.view_batch",
    "ingestion.view_rejectedrow",
    "jobs.add_job",
}


STEWARDS = LOADERS | {
    "departments.change_department",
    "employees.change_employee",
    "ingestion.change_rejectedrow",
    "jobs.change_job",
}


ADMINISTRATORS = STEWARDS | {
    "audit.view_auditevent",
    "backups.view_backuprun",
    "privacy.view_erasure",
    "auth.add_user",
    "auth.change_user",
    "auth.delete_user",
    "auth.view_group",
    "auth.view_user",
    "departments.delete_department",
    "employees.delete_employee",
    "jobs.delete_job",
    "knox.delete_authtoken",
    "knox.view_authtoken",
    "oauth.delete_client",
    "oauth.view_client",
    "visualizations.delete_dashboard",
    "visualizations.delete_share",
    "visualizations.delete_visualization",
}


def permissions_of_groups() -> dict[str, set[str]]:
    return {
        group.name: {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in group.permissions.select_related("content_type")
        }
        for group in Group.objects.all()
    }


def test_the_migrations_make_five_groups_with_exactly_these_permissions() -> None:
    assert permissions_of_groups() == {
        "readers": READERS,
        "name_readers": READERS | {"employees.view_names"},
        "loaders": LOADERS,
        "stewards": STEWARDS,
        "administrators": ADMINISTRATORS,
    }


def test_the_groups_can_be_taken_back_and_made_again() -> None:
    before = permissions_of_groups()
    Group.objects.create(name="our own")

    call_command("migrate", "api", "zero", verbosity=0)
    assert permissions_of_groups() == {"our own": set()}

    call_command("migrate", verbosity=0)
    assert permissions_of_groups() == before | {"our own": set()}


def test_an_installation_from_before_names_were_hidden_gets_the_right_to_see_them() -> None:
    after = permissions_of_groups()
    call_command("migrate", "api", "0004", verbosity=0)
    Permission.objects.get(codename="view_names").delete()
    Group.objects.get(name="stewards").delete()
    assert set(permissions_of_groups()) == {"readers", "loaders", "administrators"}

    call_command("migrate", "api", verbosity=0)

    del after["stewards"]
    assert permissions_of_groups() == after
