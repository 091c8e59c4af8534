"""Nobody guesses at will: logins that fail are counted, by account or client and by address, up to a limit."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled

from hrapi.api.addresses import client_address
from hrapi.api.counters import Count, count, forget, read_counts


def _window() -> timedelta:
    return timedelta(minutes=settings.LOGIN_FAILURE_MINUTES)


def _key(kind: str, value: str) -> str:
    """Names and addresses are kept so that nobody can find them by trying all there are."""
    keyed = salted_hmac("hrapi.logins", value.encode(errors="replace"), algorithm="sha256")
    return f"login:{kind}:{keyed.hexdigest()}"


def account_key(username: str) -> str:
    return _key("account", unicodedata.normalize("NFKC", username))


def address_key(address: str) -> str:
    """Of an address as `client_address` gives it."""
    return _key("address", address)


def client_key(client_id: str, address: str) -> str:
    """Of a client of OAuth at this address."""
    # An address has no line break.
    return _key("client", f"{address}\n{client_id}")


@dataclass(frozen=True)
class LoginAttempt:
    """A name and a password that came from somewhere. Each method raises Throttled when too many have failed."""

    name: str
    """The count that a right password sets back."""
    limits: Mapping[str, int]
    """Of failures, for the account, or the client at this address, and for the address, where that is known."""

    @staticmethod
    def of(request: Any, username: str) -> LoginAttempt:
        # Whoever has no account is counted alike, so that nobody can tell. Names may be anything, and long.
        return LoginAttempt._at(request, account_key(username))

    @staticmethod
    def of_client(request: Any, client_id: str) -> LoginAttempt:
        """Nobody guesses a secret, which is random and long: whoever tries must not lock out who knows it."""
        return LoginAttempt._at(request, client_key(client_id, client_address(request)))

    @staticmethod
    def _at(request: Any, name: str) -> LoginAttempt:
        limits = {name: settings.LOGIN_FAILURES_PER_ACCOUNT}
        if address := client_address(request):
            limits[address_key(address)] = settings.LOGIN_FAILURES_PER_ADDRESS
        return LoginAttempt(name, limits)

    def begin(self) -> None:
        self._refuse(read_counts(self.limits, window=_window()))

    def fail(self) -> None:
        self._refuse(count(self.limits, window=_window()), just_failed=1)

    def succeed(self) -> None:
        """A right password counts unless too many have failed by then: guessing many at once is no way round."""
        counts = read_counts(self.limits, window=_window())
        self._refuse(counts)
        if self.name in counts:
            forget([self.name])

    def _refuse(self, counts: Mapping[str, Count], *, just_failed: int = 0) -> None:
        waits = [
            found.seconds_left
            for key, found in counts.items()
            if found.hits - just_failed >= self.limits[key]
        ]
        if waits:
            raise Throttled(wait=max(waits), detail="Too many logins have failed.")
