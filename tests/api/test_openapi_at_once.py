"""The OpenAPI document when many ask for it at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIRequestFactory, force_authenticate

from hrapi.api.schema import SchemaView, make_document
from tests.api.documented import ROOT

THREADS = 8


@pytest.fixture
def unmade() -> Iterator[None]:
    """As in a process that has not been asked yet."""
    make_document.cache_clear()
    yield
    make_document.cache_clear()


def test_everybody_is_answered_with_the_same_document(
    unmade: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody is logged in and nothing is counted: only the document is looked at, which needs no database.
    monkeypatch.setattr(SchemaView, "throttle_classes", [])
    view, ready = SchemaView.as_view(), Barrier(THREADS)

    def ask(_: int) -> tuple[int, Any]:
        request = APIRequestFactory().get(f"{ROOT}schema/", {"format": "json"})
        force_authenticate(request, User(username="reader"))
        ready.wait()
        response = view(request)
        return response.status_code, response.data

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(ask, range(THREADS)))
    alone = make_document.__wrapped__("hrapi.urls", "/")
    assert alone["paths"]
    assert [status for status, _ in answers] == [200] * THREADS
    assert all(document == alone for _, document in answers)


def test_make_document_is_made_once(unmade: None, api: Any) -> None:
    for _ in range(3):
        assert api.get(f"{ROOT}schema/?format=json").status_code == 200
    assert make_document.cache_info().misses == 1


def test_parameters_are_refused_that_would_mean_nothing(api: Any) -> None:
    response = api.get(f"{ROOT}schema/?version=2")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid_parameter"
