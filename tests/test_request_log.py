"""Each request has an id, in its answer and in every line of the log; one line tells of the answer."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from hrapi.logs import AddressFilter, JsonFormatter, log_context
from tests.factories import DepartmentFactory
from tests.problem_bodies import assert_problem

pytestmark = pytest.mark.django_db

MADE = re.compile(r"[0-9a-f]{32}")
EMPLOYEES = "/api/v1/employees/"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What has been logged so far, read back from JSON, with a line for each request."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(AddressFilter())
    loggers = [logging.getLogger(), logging.getLogger("django")]
    requests = logging.getLogger("hrapi.api.request_log")
    before = requests.level
    requests.setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    for logger in loggers:
        logger.removeHandler(handler)
    requests.setLevel(before)


def measured(line: dict[str, Any]) -> dict[str, Any]:
    """A line about an answer without what differs each time."""
    varying = {"time", "milliseconds", "message"}
    assert line.keys() >= varying
    return {name: value for name, value in line.items() if name not in varying}


@pytest.mark.parametrize("sent", ["a", "A-b_c.9", "x" * 64, "7f0e8400-e29b-41d4-a716-446655440000"])
def test_the_id_that_the_client_sends_is_answered(sent: str) -> None:
    assert APIClient().get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent", ["", "x" * 65, "a b", "a\tb", "é", "a;b", "a/b", "\x00", "a\u2028", "١"]
)
def test_another_id_is_made_for_one_that_cannot_be_used(sent: str) -> None:
    answered = APIClient().get("/healthz", headers={"X-Request-ID": sent})["X-Request-ID"]

    assert MADE.fullmatch(answered)


def test_each_request_gets_an_id_of_its_own() -> None:
    client = APIClient()

    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("get", "/", 302),
        ("get", "/nothing/here", 404),
        ("get", "/static/admin/css/base.css", 200),
        ("get", "/static/nothing.css", 404),
        ("get", "/accounts/login/", 200),
        ("post", "/accounts/login/", 403),
        ("get", "/admin/login/", 200),
        ("get", EMPLOYEES, 401),
        ("delete", "/healthz", 405),
        ("get", "/api/v1/employees", 301),
    ],
)
def test_every_answer_carries_the_id(method: str, path: str, status: int) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(
        path, headers={"X-Request-ID": "mine"}
    )

    response.close()
    assert response.status_code == status
    assert response["X-Request-ID"] == "mine"


def test_the_answer_to_a_host_that_is_not_ours_carries_the_id() -> None:
    response = Client().get("/", headers={"Host": "else.example", "X-Request-ID": "mine"})

    assert response.status_code == 400
    assert response["X-Request-ID"] == "mine"


def test_a_line_tells_of_an_answer_without_what_was_asked_for(lines: Any, client_of: Any) -> None:
    client = client_of("name_readers")
    response = client.get(f"{EMPLOYEES}?name=Ada+Byron", headers={"X-Request-ID": "mine"})

    [line] = lines()
    assert line["message"].startswith("Answered: method=GET route=api/v1/")
    assert measured(line) == {
        "level": "INFO",
        "logger": "hrapi.api.request_log",
        "request_id": "mine",
        "method": "GET",
        "route": "api/v1/employees/$",
        "status": 200,
        "user_id": User.objects.get().pk,
        "bytes": len(response.content),
    }


def test_an_address_that_is_none_is_not_told(lines: Any) -> None:
    APIClient().generic("ADA", "/api/v1/Ada-Byron", headers={"X-Request-ID": "mine"})

    [line] = lines()
    assert (line["method"], line["route"], line["status"]) == ("-", "-", 404)
    assert line["user_id"] is None
    assert "Ada" not in json.dumps(line)


def test_the_user_of_a_session_is_told_by_number(lines: Any) -> None:
    user = User.objects.create_user("ada", password="a long password")
    user.groups.add(Group.objects.get(name="readers"))
    browser = Client()
    browser.force_login(user)

    browser.get("/")

    [line] = lines()
    assert (line["route"], line["status"], line["user_id"]) == ("", 200, user.pk)


def test_a_long_answer_is_told_of_when_it_has_been_sent(lines: Any, client_of: Any) -> None:
    DepartmentFactory.create_batch(3)
    response = client_of("readers").get("/api/v1/datasets/departments/")
    before = lines()

    body = b"".join(response.streaming_content)

    assert before == []
    [line] = lines()
    assert (line["status"], line["bytes"]) == (200, len(body))


def test_of_the_headers_alone_is_told_at_once(lines: Any, client_of: Any) -> None:
    client_of("readers").head("/api/v1/departments/?format=csv")

    [line] = lines()
    assert (line["method"], line["status"], line["bytes"]) == ("HEAD", 200, 0)


def test_lines_about_errors_have_the_id_and_no_address(lines: Any, client_of: Any) -> None:
    def refuse(*args: Any) -> Any:
        raise OperationalError("it says Ada Byron")

    client = client_of("loaders")
    with connection.execute_wrapper(refuse):
        response = client.get(f"{EMPLOYEES}77/?Ada", headers={"X-Request-ID": "mine"})

    assert_problem(response, 503, "service_unavailable")
    unavailable, answered, told_by_django = lines()
    assert unavailable["message"] == "Database unavailable: OperationalError"
    assert answered["status"] == 503
    assert told_by_django["logger"] == "django.request"
    assert told_by_django["message"] == (
        "Service Unavailable: api/v1/employees/(?P<pk>[0-9]{1,16})/$"
    )
    assert {line["request_id"] for line in lines()} == {"mine"}


def test_lines_of_a_request_that_has_ended_are_not_taken_for_those_of_the_next(
    lines: Any, client_of: Any
) -> None:
    client_of("readers").get("/healthz", headers={"X-Request-ID": "mine"})
    logging.getLogger("hrapi").warning("Something else")

    assert "request_id" not in lines()[-1]


def test_lines_are_told_apart_by_what_they_belong_to(lines: Any) -> None:
    with log_context(command="run_worker"), log_context(load_id=7):
        logging.getLogger("hrapi").warning("two\nlines")
    logging.getLogger("hrapi").warning("none")

    kept = ("command", "load_id", "message")
    assert [{name: line[name] for name in kept if name in line} for line in lines()] == [
        {"command": "run_worker", "load_id": 7, "message": "two\nlines"},
        {"message": "none"},
    ]


def test_the_plain_form_says_it_too(db: None) -> None:
    [console] = [
        handler
        for handler in logging.getLogger("django").handlers
        if type(handler) is logging.StreamHandler
    ]
    with log_context(request_id="mine"):
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It failed", (), None)
        line = console.format(record)

    assert line.endswith(" ERROR x [request_id=mine]: It failed")
