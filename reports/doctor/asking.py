"""A client as tools are: it logs in by Basic, follows no redirect, and waits no longer than they do."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

MAX_SECONDS = 100
"""Power Query gives up after so long: https://learn.microsoft.com/powerquery-m/web-contents, Timeout."""


class WrongError(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, told: str, advice: str) -> None:
        super().__init__(f"{told} {advice}")


@dataclass(frozen=True)
class Answer:
    response: httpx.Response
    seconds: float

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def media_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        found: str = self.response.headers.get(name, "")
        return found

    def all_of(self, name: str) -> list[str]:
        """The header as often as it was sent."""
        return self.response.headers.get_list(name)

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
        is_basic = user and password
        self._http = httpx.Client(
            auth=httpx.BasicAuth(user, password) if is_basic else None,
            headers={"Authorization": f"Token {password}"} if password and not is_basic else {},
            timeout=MAX_SECONDS,
        )

    def without_login(self) -> Client:
        return Client(self.address)

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Answer:
        """The whole answer, whatever its status. Raises WrongError when there is none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        started = time.monotonic()
        try:
            response = self._http.get(urljoin(self.address, path), params=query, headers=sent)
        except httpx.TimeoutException as error:
            raise WrongError(
                f"No answer within {MAX_SECONDS} seconds.",
                "Ask for less (a year), or look at the log of the service.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if _is_of_tls(error):
                raise WrongError(
                    f"TLS fails: {_reason(error)}.",
                    "Give the service a certificate for this host that the tools' machines trust, with its chain.",
                ) from error
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


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether it is, or comes from, an error of TLS."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _reason(error: Exception) -> str:
    """The reason in one line."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
