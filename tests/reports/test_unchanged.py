"""A report that has not changed is not sent again: ETag, If-None-Match, 304, and what ends that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from rest_framework.test import APIClient

from departments.models import Department
from employees.models import Employee
from hrapi.api import conditional
from hrapi.api.tokens import make_token
from hrapi.ingestion.models import Batch, RejectedRow
from jobs.models import Job
from reports import views as reports_views
from tests.factories import EmployeeFactory
from tests.problem_bodies import text_of

pytestmark = pytest.mark.django_db

QUARTERLY = "/api/v1/reports/quarterly-hires/"
ABOVE_MEAN = "/api/v1/reports/departments-above-mean/"
BOTH = pytest.mark.parametrize("report", [QUARTERLY, ABOVE_MEAN])
FORMATS = pytest.mark.parametrize("asked", ["json", "csv"])


@pytest.fixture(autouse=True)
def hires(db: None) -> None:
    """A hire of 2021 in department 1, none in department 2, and an open entry of the log."""
    EmployeeFactory(id=1, department__id=1, job__id=1)
    Department.objects.create(id=2, department="Law")
    batch = Batch.objects.create(id=1, table="employees", source="api", mode="partial")
    RejectedRow.objects.create(
        id=1, batch=batch, table="employees", index=0, raw="{}", raw_length=2, errors=[], codes=[]
    )


def get(client: Any, report: str, etag: str = "", *, method: str = "get", **query: str) -> Any:
    headers = {"if-none-match": etag} if etag else {}
    return getattr(client, method)(report, {"year": "2021"} | query, headers=headers)


def etag_of(client: Any, report: str = QUARTERLY, **query: str) -> str:
    response = get(client, report, **query)
    assert response.status_code == 200
    text_of(response)
    return str(response["ETag"])


@BOTH
@FORMATS
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_the_client_has_is_not_sent_again(
    api: Any, report: str, asked: str, method: str
) -> None:
    first = get(api, report, format=asked)
    assert text_of(first)

    again = get(api, report, first["ETag"], method=method, format=asked)

    assert (again.status_code, again.content) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again[name] == first[name]
    assert first["Cache-Control"] == "private, no-cache"
    assert first["ETag"].startswith('W/"')
    assert {"Accept", "Authorization", "Cookie"} <= set(first["Vary"].split(", "))
    # They would be taken for those of what the client has.
    assert "Content-Type" not in again
    assert "Content-Length" not in again


def test_a_head_has_the_etag_of_a_get(api: Any) -> None:
    assert get(api, QUARTERLY, method="head")["ETag"] == etag_of(api)


@pytest.mark.parametrize(
    "form, status",
    [
        ("{etag}", 304),
        ("*", 304),
        ('"other", {etag}', 304),
        ('W/"other",{etag} , "x"', 304),
        # Compared weakly: as a strong one.
        ("{strong}", 304),
        ('"other"', 200),
        ("{unquoted}", 200),
        ("nonsense", 200),
        ('"', 200),
        ("", 200),
    ],
)
def test_every_form_of_if_none_match_is_read(api: Any, form: str, status: int) -> None:
    etag = etag_of(api)
    sent = form.format(etag=etag, strong=etag.removeprefix("W/"), unquoted=etag[3:-1])

    assert get(api, QUARTERLY, sent).status_code == status


@pytest.mark.parametrize(
    "header, value",
    [
        ("if-match", '"other"'),
        ("if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT"),
        ("if-modified-since", "Mon, 01 Jan 2100 00:00:00 GMT"),
        ("if-range", '"other"'),
    ],
)
def test_other_conditions_keep_no_report_back(api: Any, header: str, value: str) -> None:
    response = api.get(QUARTERLY, {"year": "2021"}, headers={header: value})

    assert (response.status_code, len(response.json())) == (200, 1)


CHANGES = {
    "a hire": lambda: EmployeeFactory(id=2, department_id=1, job_id=1, department=None, job=None),
    "a hire of another year": lambda: EmployeeFactory(
        id=2, department_id=1, job_id=1, department=None, job=None, datetime="1999-01-01T00:00:00Z"
    ),
    "no hire any more": lambda: Employee.objects.all().delete(),
    "a department": lambda: Department.objects.create(id=3, department="Art"),
    "the name of a department": lambda: Department.objects.update(department="Art"),
    "the name of a job": lambda: Job.objects.update(job="Cook"),
    "an entry of the log": lambda: RejectedRow.objects.update(status="discarded"),
}


@BOTH
@FORMATS
@pytest.mark.parametrize("change", CHANGES)
def test_whatever_may_change_a_report_gives_it_another_etag(
    api: Any, report: str, asked: str, change: str
) -> None:
    before = etag_of(api, report, format=asked)
    old = etag_of(api, report, format=asked)
    assert old == before

    CHANGES[change]()

    response = get(api, report, before, format=asked)
    assert response.status_code == 200
    assert response["ETag"] != before
    text_of(response)


def test_what_a_report_is_not_made_of_leaves_its_etag(api: Any) -> None:
    before = etag_of(api)

    Batch.objects.update(file_name="x")
    User.objects.create_user("somebody")

    assert get(api, QUARTERLY, before).status_code == 304


def test_the_etag_is_that_of_one_address_and_format(api: Any) -> None:
    etags = [
        etag_of(api, report, **query)
        for report in (QUARTERLY, ABOVE_MEAN)
        for query in ({"format": "json"}, {"format": "csv"}, {"year": "2020"}, {})
    ]
    for accept in ("application/json; indent=4", "text/csv"):
        response = api.get(QUARTERLY, {"year": "2021"}, headers={"accept": accept})
        text_of(response)
        etags.append(response["ETag"])

    assert len(set(etags)) == len(etags)


def test_without_a_year_the_report_of_last_year_is_not_that_of_this_year(api: Any) -> None:
    class Clock(datetime):
        year_now = 2031

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(cls.year_now, 6, 1, tzinfo=UTC).astimezone(tz)

    with mock.patch("reports.views.datetime", Clock):
        etag = api.get(QUARTERLY)["ETag"]
        assert api.get(QUARTERLY, headers={"if-none-match": etag}).status_code == 304
        Clock.year_now = 2032
        assert api.get(QUARTERLY, headers={"if-none-match": etag}).status_code == 200


def test_another_user_and_other_rights_to_names_are_another_etag(client_of: Any) -> None:
    reader = client_of("readers")
    etags = [etag_of(client_of("loaders")), etag_of(reader)]

    user = User.objects.get(username="readers-user")
    user.user_permissions.add(Permission.objects.get(codename="view_names"))
    reader.force_authenticate(User.objects.get(pk=user.pk))
    etags.append(etag_of(reader))

    assert len(set(etags)) == 3


def test_other_code_is_another_etag(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = etag_of(api)

    monkeypatch.setattr(conditional, "source_digest", lambda: "other")

    assert get(api, QUARTERLY, before).status_code == 200


def test_who_may_no_longer_read_reports_is_told_so_whatever_they_have(client_of: Any) -> None:
    client = client_of("readers")
    etag = etag_of(client)
    user = User.objects.get(username="readers-user")
    user.groups.clear()
    client.force_authenticate(User.objects.get(pk=user.pk))

    for sent in (etag, "*"):
        assert get(client, QUARTERLY, sent).status_code == 403
        assert get(APIClient(), QUARTERLY, sent).status_code == 401


def test_a_page_is_always_made_anew_and_kept_by_nobody(api: Any) -> None:
    page = get(api, QUARTERLY, "*", format="api")

    assert page.status_code == 200
    assert "ETag" not in page
    assert page["Cache-Control"] == "no-store"


def test_what_is_wrong_is_told_whatever_the_client_has(api: Any) -> None:
    response = get(api, QUARTERLY, "*", year="1800")

    assert response.status_code == 400
    assert "ETag" not in response
    assert response["Cache-Control"] == "no-store"


def test_what_is_unchanged_is_not_counted_against_the_limit(api: Any, settings: Any) -> None:
    settings.REPORTS_PER_MINUTE = 2
    etag = etag_of(api)
    for _ in range(5):
        assert get(api, QUARTERLY, etag).status_code == 304

    assert get(api, QUARTERLY).status_code == 200
    assert get(api, QUARTERLY).status_code == 429
    assert get(api, QUARTERLY, etag).status_code == 304


def token_client(kind: str) -> APIClient:
    user = User.objects.create_user("tool")
    user.groups.add(Group.objects.get(name="readers"))
    if kind == "a scope":
        _, text = make_token(user, scopes=["reports"])
    else:
        _, text = AuthToken.objects.create(user)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {text}")
    return client


@BOTH
@pytest.mark.parametrize("kind", ["all", "a scope"])
def test_what_is_unchanged_costs_three_queries(report: str, kind: str) -> None:
    """The token with its user, the permissions, the version."""
    client = token_client(kind)
    etag = etag_of(client, report)

    with CaptureQueriesContext(connection) as queries:
        assert get(client, report, etag).status_code == 304

    statements = [query["sql"] for query in queries.captured_queries]
    assert ["knox_authtoken" in statements[0], "auth_permission" in statements[1]] == [True, True]
    assert "data_versions" in statements[2]
    assert len(statements) == 3


@pytest.mark.parametrize("moment", ["before the rows are read", "after the rows are read"])
def test_a_change_while_the_report_is_made_is_not_missed(
    api: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whether the rows are older or newer than the change, what was answered is not taken for what there is."""
    name = "quarterly_hires" if moment.startswith("before") else "open_rejections"
    work = getattr(reports_views, name)

    def meanwhile(*arguments: Any) -> Any:
        CHANGES["a hire"]()
        return work(*arguments)

    with monkeypatch.context() as patched:
        if name == "quarterly_hires":
            patched.setattr(reports_views.QuarterlyHiresView, "report", staticmethod(meanwhile))
        else:
            patched.setattr(reports_views, name, meanwhile)
        etag = etag_of(api)

    response = get(api, QUARTERLY, etag)

    assert response.status_code == 200
    assert [row["q3"] for row in response.json()] == [2]
    assert get(api, QUARTERLY, response["ETag"]).status_code == 304
