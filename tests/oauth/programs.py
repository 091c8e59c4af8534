"""A program that has a client id and a secret."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

TOKEN, REVOKE = "/api/v1/oauth/token/", "/api/v1/oauth/revoke/"
FORM = "application/x-www-form-urlencoded"


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()}


def send(path: str, form: Any, headers: Any = None, **meta: Any) -> Any:
    """A form that is posted as programs do."""
    client = Client(raise_request_exception=False)
    return client.post(path, urlencode(form), FORM, headers=headers, **meta)


@dataclass(frozen=True)
class Program:
    client_id: str
    secret: str

    @property
    def basic(self) -> dict[str, str]:
        return basic(self.client_id, self.secret)

    def ask(self, path: str = TOKEN, **form: str) -> Any:
        if path == TOKEN:
            form = {"grant_type": "client_credentials"} | form
        return send(path, form, self.basic)

    def token(self, **form: str) -> str:
        response = self.ask(**form)
        assert response.status_code == 200, response.content
        token: str = response.json()["access_token"]
        return token


def register(user: User, *scopes: str, name: str = "payroll") -> Program:
    """What the command prints is all that a program gets."""
    output = io.StringIO()
    options = [f"--scope={scope}" for scope in scopes]
    call_command("register_client", name, f"--user={user.username}", *options, stdout=output)
    printed = dict(line.split("=", 1) for line in output.getvalue().splitlines())
    assert list(printed) == ["client_id", "client_secret"]
    return Program(printed["client_id"], printed["client_secret"])
