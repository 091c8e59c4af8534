"""Who may do what: every address with every method, for everybody and for each group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from knox.models import AuthToken
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.models import TokenDetails
from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from tests.api.addresses import all_addresses
from tests.api.matrix import GROUPS, NEEDED_QUERY, matrix
from tests.charts import make_charts
from tests.factories import EmployeeFactory
from tests.problem_bodies import assert_problem, text_of

pytestmark = pytest.mark.django_db

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


PAGES = {
    *("/", "/batches/1/", "/rejected-rows.csv", "/rejected-rows/", "/rejected-rows/1/"),
    *("/connect/", "/connect/1.odc", "/connect/hiring-data.pbids"),
    "/accounts/password_change/",
    *("/dashboard/", "/dashboards/", "/dashboards/new/", "/dashboards/1/", "/dashboards/1/edit/"),
    *("/visualizations/", "/visualizations/new/", "/visualizations/new/image.png"),
    *("/visualizations/1/", "/visualizations/1/edit/", "/visualizations/1/shares/"),
}
"""For people, who are led to the login; tests/web_pages/ says what a user may do there."""


OPEN_TO_EVERYBODY = {
    "/accounts/login/",
    "/accounts/logout/",
    "/admin/login/",
    "/admin/logout/",
    "/healthz",
    "/readyz",
    *("/shared/1/", "/shared/1/data.csv", "/shared/1/figure.json", "/shared/1/image.png"),
}


@pytest.mark.parametrize("address", [a for a in all_addresses() if a not in OPEN_TO_EVERYBODY])
def test_nothing_is_answered_without_credentials(anonymous: APIClient, address: str) -> None:
    for method in METHODS:
        response = anonymous.generic(method, address)
        if address.startswith("/admin/") or address in PAGES:
            login = "/accounts/login/" if address in PAGES else "/admin/login/"
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"] == f"{login}?next={address}"
        else:
            assert response.status_code == 401, (method, response.status_code)
            assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'
            if method != "HEAD":
                assert_problem(response, 401, "not_authenticated")


def test_every_address_on_the_short_list_of_open_ones_exists() -> None:
    assert set(all_addresses()) >= OPEN_TO_EVERYBODY | PAGES


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("address", sorted(OPEN_TO_EVERYBODY))
def test_what_is_open_shows_no_rows(anonymous: APIClient, address: str, method: str) -> None:
    EmployeeFactory(name="Ann Secret", department__department="Secret", job__job="Secret")

    response = anonymous.generic(method, address)

    # A link that nobody has made shows nothing.
    assert response.status_code in ((404, 405, 200) if "/shared/" in address else (200, 302, 405))
    assert "Secret" not in text_of(response)
    if response.status_code == 302:
        assert response["Location"] in ("/", "/admin/")


def test_files_of_pages_are_open(anonymous: APIClient) -> None:
    response = anonymous.get("/static/hrapi/browsable.css")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")
    assert ".shown" in text_of(response)


@pytest.fixture
def one_of_each(db: None) -> None:
    EmployeeFactory(id=1, department__id=1, job__id=1)
    batch = Batch.objects.create(id=1, table="jobs", source="api", mode="partial")
    Load.objects.create(id=1, table="jobs", bytes=1, mode="partial", dry_run=False, batch=batch)
    RejectedRow.objects.create(
        id=1, batch=batch, table="jobs", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


@pytest.fixture
def client_in(client_of: Any, one_of_each: None) -> Callable[[str], Any]:
    """A client as of `client_of`, whose user has a token."""

    def make(group: str) -> Any:
        client = client_of("" if group == "nobody" else group)
        user = User.objects.get()
        AuthToken.objects.create(user)
        TokenDetails.objects.update(id=1)
        make_charts(user)
        return client

    return make


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_may_do_what_the_table_says(client_in: Any, group: str) -> None:
    client = client_in(group)

    found = {}
    for method, path in matrix(group):
        status = client.generic(method, path, "{}", content_type="application/json").status_code
        assert status < 500 or (path, status) == ("/odata/v4/$batch", 501), (method, path, status)
        assert status not in (401, 405), (method, path, status)
        found[method, path] = "-" if status == 403 else "yes"

    assert found == matrix(group)


@pytest.mark.parametrize("group", GROUPS)
def test_head_and_options_need_what_get_needs(client_in: Any, group: str) -> None:
    client = client_in(group)

    for method, path in matrix(group):
        if method == "GET":
            expected = 200 if matrix(group)[method, path] == "yes" else 403
            assert client.options(path).status_code == expected, path
            # It is written out as YAML, which takes long.
            if path != "/api/v1/schema/":
                address = path + NEEDED_QUERY.get(path, "")
                assert client.head(address).status_code == expected, path


@pytest.mark.usefixtures("one_of_each")
def test_the_table_has_every_method_of_every_address(api: Any) -> None:
    addresses = [
        address
        for address in all_addresses()
        if address not in OPEN_TO_EVERYBODY | PAGES and not address.startswith("/admin/")
    ]

    offered = {
        (method, address)
        for address in addresses
        for method in api.options(address)["Allow"].split(", ")
        if method not in ("HEAD", "OPTIONS")
    }

    assert set(matrix("nobody")) == offered


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_group_may_not_do_changes_nothing(client_in: Any, group: str) -> None:
    client = client_in(group)
    before = list(Department.objects.values())
    body = '{"id": 1, "department": "New"}'

    for (method, path), may in matrix(group).items():
        if may == "-" and path.startswith("/api/v1/departments/"):
            response = client.generic(method, path, body, content_type="application/json")
            assert_problem(response, 403, "permission_denied")

    assert list(Department.objects.values()) == before


def test_a_permission_given_to_one_user_is_enough(client_of: Any) -> None:
    client = client_of("")
    user = User.objects.get(username="nobody-user")
    user.user_permissions.add(Permission.objects.get(codename="view_job"))

    assert client.get("/api/v1/jobs/").status_code == 200
    assert client.get("/api/v1/departments/").status_code == 403
