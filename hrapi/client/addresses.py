"""Where a token may be sent."""

from __future__ import annotations

import ipaddress

import httpx

from hrapi.client.errors import UsageError


def checked_address(address: str, *, allow_http: bool) -> httpx.URL:
    """The address of the service, with a slash at its end. Raises UsageError where no token may go."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise UsageError(f"{address[:80]!r} is no address: {error}.") from error
    if (
        url.scheme not in ("http", "https")
        or not url.host
        or url.userinfo
        or url.query
        or url.fragment
    ):
        raise UsageError(
            f"Give the service's address like https://hr.example.com, not {address[:80]!r}."
        )
    if url.scheme == "http" and not allow_http and not is_this_machine(url.host):
        raise UsageError(
            f"By http:// the token would cross the network to {url.host} for everybody to read: use https://."
            " Where nobody else is on the way, allow it with --allow-http."
        )
    return url.copy_with(path=f"{url.path.rstrip('/')}/")


def is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
