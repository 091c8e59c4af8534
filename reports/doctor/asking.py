"""A client as tools are: it logs in by Basic, follows no redirect, and waits no longer than they do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

MAX_SECONDS = 100
"""Power Query gives up after so long: https://learn.microsoft.com/powerquery-m/web-contents, Timeout."""


class WrongError(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, told: str, advice: str) -> None:
        super().__init__(f"{told} {advice}")


class _Login(AuthBase):
    def __init__(self, header: str) -> None:
        self._header = header

    def __call__(self, request: Any) -> Any:
        if self._header:
            request.headers["Authorization"] = self._header
        return request


@dataclass(frozen=True)
class Answer:
    response: requests.Response
    seconds: float

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def media_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        return self.response.headers.get(name, "")

    def all_of(self, name: str) -> list[str]:
        """The header as often as it was sent."""
        return list(self.response.raw.headers.getlist(name))

    def json(self) -> Any:
        """Raises WrongError."""
        if self.media_type != "application/json":
            raise WrongError(
                f"The answer is {self.media_type or 'of no type'}, not JSON.",
                "Something before the service answers in its place: look at the proxy.",
            )
        try:
            return self.response.json()
        except ValueError as error:
            raise WrongError(
                f"The JSON is cut off or broken: {error}.",
                "Look at the limits and timeouts of the proxy, and at the log of the service.",
            ) from error


class Client:
    """Asks one service, whose address ends with a slash. Without `password` it has no login."""

    def __init__(self, address: str, *, user: str = "", password: str = "") -> None:
        self.address = address
        self._auth: AuthBase = _Login(f"Token {password}" if password else "")
        if user and password:
            self._auth = HTTPBasicAuth(user.encode(), password.encode())
        self._session = requests.Session()

    def without_login(self) -> Client:
        return Client(self.address)

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Answer:
        """The whole answer, whatever its status. Raises WrongError when there is none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.monotonic()
        try:
            response = self._session.get(
                urljoin(self.address, path),
                params=query,
                headers=sent,
                auth=self._auth,
                allow_redirects=False,
                timeout=MAX_SECONDS,
            )
        except requests.exceptions.SSLError as error:
            raise WrongError(
                f"TLS fails: {_reason(error)}.",
                "Give the service a certificate for this host that the tools' machines trust, with its chain.",
            ) from error
        except requests.exceptions.Timeout as error:
            raise WrongError(
                f"No answer within {MAX_SECONDS} seconds.",
                "Ask for less (a year), or look at the log of the service.",
            ) from error
        except requests.exceptions.RequestException as error:
            raise WrongError(
                f"It cannot be reached: {_reason(error)}.",
                "Check host, port and firewall, and that the web server runs.",
            ) from error
        return Answer(response, time.monotonic() - started)

    def check_link(self, link: Any) -> None:
        """Whether an address in an answer is one of the service as we know it. Raises WrongError."""
        found, known = urlsplit(str(link)), urlsplit(self.address)
        if found.netloc != known.netloc:
            raise WrongError(
                f"Links lead to {found.netloc or 'nowhere'}, not to {known.netloc}.",
                "The proxy must pass the host on, like nginx with proxy_set_header Host $http_host, and"
                " ALLOWED_HOSTS must name it.",
            )
        if found.scheme != known.scheme:
            raise WrongError(
                f"Links are {found.scheme}, the address is {known.scheme}.",
                "The proxy must set X-Forwarded-Proto, and the service must know of it: NUM_PROXIES, HTTPS=1.",
            )


def _reason(error: Exception) -> str:
    """The innermost reason in one line."""
    found: Any = error
    while found.args and isinstance(found.args[0], Exception):
        found = found.args[0]
    reason = getattr(found, "reason", None) or found
    return " ".join(str(reason).split())[:200].rstrip(".")
