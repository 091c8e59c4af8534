"""What one user may ask for in a minute: limits and one more, for each kind of request."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from departments.models import Department
from hrapi.api.models import Counter
from tests.api.documented import assert_documented, the_document
from tests.pages import Page
from tests.problem_bodies import assert_problem

LIMIT = 3
DEPARTMENTS = "/api/v1/departments/"
REPORT = "/api/v1/reports/quarterly-hires/"


@pytest.fixture(autouse=True)
def limits(settings: Any) -> Any:
    settings.WRITES_PER_MINUTE = settings.REPORTS_PER_MINUTE = LIMIT
    return settings


def assert_throttled(response: Any, what: str) -> None:
    problem = assert_problem(response, 429, "throttled")
    assert problem["detail"].startswith(f"More than 3 {what} in a minute by one user. Expected ")
    assert 1 <= int(response["Retry-After"]) <= 60


def post(client: Any, row_id: int) -> Any:
    return client.post(DEPARTMENTS, {"id": row_id, "department": "A"}, format="json")


@pytest.mark.django_db
def test_a_user_writes_so_often_in_a_minute_and_no_more(api: Any) -> None:
    statuses = [post(api, row_id).status_code for row_id in range(1, LIMIT + 1)]

    assert statuses == [201] * LIMIT
    refused = post(api, 9)
    assert_throttled(refused, "writes")
    assert_documented(the_document(), "post", DEPARTMENTS, refused)
    assert_throttled(api.put(f"{DEPARTMENTS}1/", {}, format="json"), "writes")
    assert_throttled(api.delete(f"{DEPARTMENTS}1/"), "writes")
    assert list(Department.objects.values_list("id", flat=True)) == [1, 2, 3]
    assert api.get(DEPARTMENTS).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        REPORT,
        f"{REPORT}?format=csv",
        "/api/v1/reports/departments-above-mean/",
        f"{DEPARTMENTS}?format=csv",
        "/api/v1/batches/?format=csv",
        "/api/v1/rejected-rows.csv?table=jobs",
        "/api/v1/schema/",
        "/odata/v4/Hires",
        "/odata/v4/Hires/$count",
    ],
)
def test_a_user_reads_what_is_expensive_so_often_and_no_more(api: Any, address: str) -> None:
    for _ in range(LIMIT):
        assert api.get(address).status_code == 200

    assert_throttled(api.get(address), "reports")
    assert api.head(address).status_code == 429
    assert post(api, 1).status_code == 201


@pytest.mark.django_db
def test_the_rest_is_read_without_a_limit_and_without_counting(api: Any) -> None:
    for _ in range(LIMIT + 1):
        for address in ("/api/v1/", DEPARTMENTS, "/api/v1/batches/", "/metrics", "/odata/v4/"):
            assert api.get(address).status_code == 200
        assert api.options(REPORT).status_code == 200

    assert Counter.objects.count() == 0


@pytest.mark.django_db
def test_each_user_has_limits_of_their_own(client_of: Any) -> None:
    one, other = client_of("loaders"), client_of("stewards")
    for row_id in range(1, LIMIT + 2):
        post(one, row_id)

    assert post(other, 9).status_code == 201


@pytest.mark.django_db
def test_a_minute_later_there_is_a_new_count(api: Any) -> None:
    for row_id in range(1, LIMIT + 2):
        post(api, row_id)
    Counter.objects.update(started_at=timezone.now() - timedelta(seconds=61))

    assert [post(api, row_id).status_code for row_id in range(11, 15)] == [201] * LIMIT + [429]


@pytest.mark.django_db
def test_what_is_not_allowed_is_not_counted(client_of: Any) -> None:
    reader = client_of("readers")
    for _ in range(LIMIT + 1):
        assert_problem(post(reader, 1), 403, "permission_denied")

    assert Counter.objects.count() == 0


@pytest.mark.django_db
def test_counting_costs_one_statement(api: Any, django_assert_num_queries: Any) -> None:
    post(api, 1)

    with CaptureQueriesContext(connection) as captured:
        assert post(api, 2).status_code == 201

    assert sum("counters" in query["sql"] for query in captured.captured_queries) == 1


@pytest.mark.django_db
def test_pages_count_too_and_tell_people_on_a_page() -> None:
    user = User.objects.create_user("steward")
    user.groups.add(Group.objects.get(name="stewards"))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    client.get("/rejected-rows/")
    token = client.cookies["csrftoken"].value
    form = {"action": "nothing", "reason": "Typed by hand", "csrfmiddlewaretoken": token}
    for _ in range(LIMIT):
        assert client.post("/rejected-rows/", form).status_code == 400
        assert client.get("/rejected-rows.csv?table=jobs").status_code == 200

    response = client.post("/rejected-rows/", form, headers={"accept": "text/html"})
    file = client.get("/rejected-rows.csv?table=jobs", headers={"accept": "text/html"})

    for each, what in ((response, "writes"), (file, "reports")):
        assert each.status_code == 429
        assert 1 <= int(each["Retry-After"]) <= 60
        assert f"More than 3 {what} in a minute by one user." in Page(each).text
    assert "Typed by hand" in Page(response).text
    assert client.get("/rejected-rows/").status_code == 200


class TestManyAtOnce:
    """Each on a connection of its own, as workers have."""

    @pytest.fixture(autouse=True)
    def db(self, committed_db: None) -> None:
        """In place of pytest-django's: threads see each other."""

    def test_all_workers_count_together(self, client_of: Any) -> None:
        client_of("loaders")
        user = User.objects.get()
        statuses: list[int] = []
        start = threading.Barrier(8)

        def send(row_id: int) -> None:
            client = APIClient(raise_request_exception=False)
            client.force_authenticate(user)
            start.wait()
            try:
                statuses.append(post(client, row_id).status_code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send, args=[row_id]) for row_id in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(statuses) == [201] * LIMIT + [429] * 5
        assert Department.objects.count() == LIMIT
