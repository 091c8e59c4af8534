"""Lists of the admin are filtered by what they offer: nobody guesses what else is stored; no guess is logged."""

from __future__ import annotations

import logging
import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from hrapi.api.admin_site import StrictLookups
from hrapi.audit.recording import Action, record
from tests.factories import DepartmentFactory
from tests.ingestion.sending import EMPLOYEES, send

pytestmark = pytest.mark.django_db

SECRET = "Ada Lovelace"


@pytest.fixture
def root() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def seen(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def assert_refused(response: Any, log: pytest.LogCaptureFixture) -> None:
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_parameter"
    told = [logging.Formatter().format(line) for line in log.records]
    assert not any(SECRET in line or "Lovelace" in line for line in told)
    assert [line for line in log.records if line.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "path",
    [
        "knox/authtoken/?digest__startswith=",
        "knox/authtoken/?token_key__startswith=",
        "knox/authtoken/?user__password__startswith=",
        "oauth/client/?client_secret__startswith=",
        "ingestion/batch/?refused_detail__contains=",
        "ingestion/batch/?user__password__startswith=",
        "ingestion/rejectedrow/?raw__contains=",
        "auth/user/?email__startswith=",
        "auth/user/?groups__name__startswith=",
        "auth/group/?name__startswith=",
        "django_tasks_database/dbtaskresult/?exception_class_path__startswith=",
        "audit/auditevent/?what__contains=",
    ],
)
def test_nothing_is_guessed(root: Client, seen: pytest.LogCaptureFixture, path: str) -> None:
    assert_refused(root.get(f"/admin/{path}{SECRET}"), seen)


@pytest.mark.parametrize(
    "query",
    [f"refused_detail__{SECRET}=1", f"{SECRET}=1", f"table__{SECRET}=1", f"_to_field={SECRET}"],
)
def test_what_somebody_writes_for_a_filter_is_not_logged(
    root: Client, seen: pytest.LogCaptureFixture, query: str
) -> None:
    assert_refused(root.get(f"/admin/ingestion/batch/?{query}"), seen)


def test_every_admin_holds_to_it() -> None:
    for model, model_admin in admin.site._registry.items():
        assert isinstance(model_admin, StrictLookups), model


def test_every_filter_that_is_offered_works(api: Any, root: Client) -> None:
    DepartmentFactory(id=1)
    assert send(api, [{"id": 1}], to=EMPLOYEES).status_code == 422
    assert api.post(EMPLOYEES, "{", content_type="application/json").status_code == 400
    record(Action.LOGIN)

    followed = 0
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = unescape(root.get(address).content.decode())
        for query in set(re.findall(r'href="(\?[^"]+)"', page)):
            assert root.get(address + query).status_code == 200, query
            followed += 1
    assert followed > 40
