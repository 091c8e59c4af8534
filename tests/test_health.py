"""Whether the service lives and can work: open to everybody, telling nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from rest_framework.test import APIClient

from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


def gone(*args: Any) -> Any:
    raise OperationalError("could not connect to 10.0.0.1 as hrapi")


def test_healthz_answers_while_the_process_lives(anonymous: APIClient) -> None:
    response = anonymous.get("/healthz")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"status": "ok"}


def test_healthz_asks_no_database(anonymous: APIClient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), connection.execute_wrapper(gone):
        assert anonymous.get("/healthz").status_code == 200


def test_readyz_answers_when_the_database_and_the_migrations_are_there(
    anonymous: APIClient,
) -> None:
    response = anonymous.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "reachable", "migrations": "applied"}


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_readyz_is_503_when_the_database_cannot_be_reached(
    anonymous: APIClient, kind: type[Exception]
) -> None:
    def refuse(*args: Any) -> Any:
        raise kind("could not connect to 10.0.0.1 as hrapi")

    with connection.execute_wrapper(refuse):
        response = anonymous.get("/readyz")

    problem = assert_problem(response, 503, "service_unavailable")
    assert response["Retry-After"] == "5"
    assert "database" in problem["detail"]
    assert "10.0.0.1" not in problem["detail"]


def test_readyz_is_503_when_no_connection_can_be_made(
    anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(connections["default"]), "cursor", gone)

    response = anonymous.get("/readyz")

    problem = assert_problem(response, 503, "service_unavailable")
    assert "10.0.0.1" not in problem["detail"]


def newest_migration(app: str) -> tuple[str, str]:
    [leaf] = MigrationLoader(connection).graph.leaf_nodes(app)
    return leaf


@pytest.mark.parametrize("app", ["api", "ingestion"])
def test_readyz_is_503_while_a_migration_is_missing(anonymous: APIClient, app: str) -> None:
    MigrationRecorder(connection).record_unapplied(*newest_migration(app))

    response = anonymous.get("/readyz")

    problem = assert_problem(response, 503, "service_unavailable")
    assert "migration" in problem["detail"]


def test_readyz_is_well_again_once_the_migration_is_there(anonymous: APIClient) -> None:
    recorder = MigrationRecorder(connection)
    newest = newest_migration("api")
    recorder.record_unapplied(*newest)
    assert anonymous.get("/readyz").status_code == 503

    recorder.record_applied(*newest)

    assert anonymous.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_head_is_answered_without_a_body(anonymous: APIClient, path: str) -> None:
    response = anonymous.head(path)

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_health_is_only_read(anonymous: APIClient, path: str, method: str) -> None:
    response = anonymous.generic(method, path)

    assert_problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_wrong_credentials_do_not_matter_to_health(anonymous: APIClient, path: str) -> None:
    response = anonymous.get(path, headers={"authorization": "Token nonsense"})

    assert response.status_code == 200


def test_metrics_are_for_those_who_may_see_batches(client_of: Any, anonymous: APIClient) -> None:
    assert_problem(anonymous.get("/metrics"), 401, "not_authenticated")
    assert_problem(client_of("readers").get("/metrics"), 403, "permission_denied")

    response = client_of("loaders").get("/metrics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert "# TYPE django_http_requests_total_by_method_total counter" in text_of(response)


def test_what_a_client_invents_makes_no_metrics(client_of: Any, anonymous: APIClient) -> None:
    for name in ("MLOCMAAHB", "/mlocmaahb", "/api/v1/mlocmaahb/", "/api/v1/batches/1/mlocmaahb"):
        address, method = (name, "GET") if name.startswith("/") else ("/healthz", name)
        anonymous.generic(
            method,
            f"{address}?{name}={name}",
            content_type=f"text/{name}; charset={name}",
            HTTP_ACCEPT=f"{name}/{name}; charset={name}",
            HTTP_HOST=name.strip("/"),
            HTTP_USER_AGENT=name,
            HTTP_X_REQUEST_ID="mlocmaahb",
        )
        anonymous.generic(method, address)

    assert "mlocmaahb" not in text_of(client_of("loaders").get("/metrics")).lower()


def test_metrics_name_no_rows_and_no_people(client_of: Any) -> None:
    client = client_of("loaders")
    client.post("/api/v1/departments/", {"id": 77, "department": "Secret"}, format="json")
    client.get("/api/v1/departments/77/")
    client.get("/api/v1/departments/?department=Secret")

    page = text_of(client.get("/metrics"))

    assert "Secret" not in page
    assert "loaders-user" not in page
    assert 'view="departments-detail"' in page


def test_a_database_that_takes_no_changes_is_not_ready(anonymous: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    problem = assert_problem(anonymous.get("/readyz"), 503, "service_unavailable")

    assert problem["detail"] == "The database is read-only."


def test_what_would_change_something_is_503_meanwhile(anonymous: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    # Wrong logins are counted.
    response = anonymous.get("/api/v1/departments/", HTTP_AUTHORIZATION="Basic YTpi")

    problem = assert_problem(response, 503, "service_unavailable")
    assert response["Retry-After"] == "5"
    assert "takes no changes" in problem["detail"]
