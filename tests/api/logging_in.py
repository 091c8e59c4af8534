"""A user with a password, and how it is sent."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django.contrib.auth.models import User

from tests.problem_bodies import assert_problem

ROOT = "/api/v1/"


LOGIN, LOGOUT = "/api/v1/auth/login/", "/api/v1/auth/logout/"


PASSWORD = "a long password"


def basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def get(client: Any, authorization: str, path: str = ROOT) -> Any:
    return client.get(path, headers={"authorization": authorization})


def log_in(client: Any, user: User) -> str:
    response = client.post(LOGIN, headers={"authorization": basic(user.username, PASSWORD)})
    assert response.status_code == 200, response.content
    token: str = response.json()["token"]
    return token


def assert_unknown(response: Any) -> None:
    """401 with a challenge that a browser and a BI tool understand."""
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'
