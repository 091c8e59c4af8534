"""Requests to one service, with its token, tried again while it is away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from hrapi.client.addresses import checked_address, is_this_machine
from hrapi.client.errors import ClientError, no_answer, refusal
from hrapi.client.retrying import with_retries

TIMEOUT_SECONDS, RETRY_SECONDS = 60.0, 300.0


class Connection:
    """One service and a token for it.

    `address` may have a path. `timeout` is for how many seconds the service may be silent; `retry_for` for how
    long a request is tried again while the service cannot be reached, is busy (429, 503) or fails (500). What
    is refused, and what still fails then, is a ClientError. Redirects are not followed: the token goes to the
    host of the address and nowhere else, and over plain http only to this machine, unless `allow_http`.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout: float = TIMEOUT_SECONDS,
        retry_for: float = RETRY_SECONDS,
        allow_http: bool = False,
    ) -> None:
        self._url = checked_address(address, allow_http=allow_http)
        self._retry_for = retry_for
        self._http = httpx.Client(
            base_url=self._url,
            headers={"Authorization": f"Token {token}"},
            timeout=timeout,
            follow_redirects=False,
            # A proxy named there would get what is meant for this machine, with the token in clear.
            trust_env=self._url.scheme == "https" or not is_this_machine(self._url.host),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    @property
    def address(self) -> str:
        return str(self._url)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """The answer to GET of a path like `/api/v1/datasets/`, or of a link that the service gave."""
        return self.request("GET", path, params=params)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        expected: tuple[int, ...] = (),
    ) -> httpx.Response:
        """The answer, read to its end. It is sent again after errors that pass: give what changes something a key.

        Raises ClientError for statuses of 400 and more that are not `expected`, redirects, and no answer.
        """
        request = self._request(method, path, params=params, headers=headers, content=content)

        def attempt() -> httpx.Response:
            try:
                answer = self._http.send(request)
            except httpx.RequestError as error:
                raise no_answer(self.address, error) from error
            return _checked(answer, expected)

        return with_retries(attempt, seconds=self._retry_for)

    @contextmanager
    def stream(
        self, path: str, *, params: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Iterator[httpx.Response]:
        """An answer to GET whose body is still to be read. What breaks while it is read is a ClientError too."""
        request = self._request("GET", path, params=params, headers=headers)

        def attempt() -> httpx.Response:
            try:
                answer = self._http.send(request, stream=True)
                if not _is_good(answer):
                    answer.read()
            except httpx.RequestError as error:
                raise no_answer(self.address, error) from error
            return _checked(answer, ())

        answer = with_retries(attempt, seconds=self._retry_for)
        try:
            yield answer
        except httpx.RequestError as error:
            raise no_answer(self.address, error) from error
        finally:
            answer.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None = None,
    ) -> httpx.Request:
        request = self._http.build_request(
            method, path, params=params or None, headers=headers, content=content
        )
        if (request.url.scheme, request.url.netloc) != (self._url.scheme, self._url.netloc):
            raise ClientError(
                f"{request.url.host} is not the host of {self.address}: the token is not sent there."
            )
        return request


def _checked(answer: httpx.Response, expected: tuple[int, ...]) -> httpx.Response:
    if not _is_good(answer) and answer.status_code not in expected:
        raise refusal(answer)
    return answer


def _is_good(answer: httpx.Response) -> bool:
    return answer.is_success or answer.status_code == HTTPStatus.NOT_MODIFIED
