"""Where a request comes from."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings

_WITH_PORT = re.compile(r"\[(?P<six>[^]]+)\](?::[0-9]+)?|(?P<four>[0-9.]+):[0-9]+")
_BITS_OF_A_NETWORK = 64


def client_address(request: Any) -> str:
    """The address of the client; of IPv6 its network, all of which one client has. Empty when it is unknown.

    `X-Forwarded-For` is what a client says. It counts only as far as our own proxies (NUM_PROXIES) have
    added to it.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    if settings.NUM_PROXIES and forwarded:
        hops = forwarded.split(",")
        address = hops[-min(settings.NUM_PROXIES, len(hops))]
    return normal_address(address.strip())


def normal_address(text: str) -> str:
    """`203.0.113.9`, `2001:db8::/64`; what is no address as it is."""
    if match := _WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    host_bits = address.max_prefixlen - _BITS_OF_A_NETWORK
    return f"{IPv6Address(int(address) >> host_bits << host_bits)}/{_BITS_OF_A_NETWORK}"
