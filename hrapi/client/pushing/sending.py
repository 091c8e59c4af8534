"""Parts are sent in order, each until it is answered, and each answer is kept before the next part goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, BinaryIO

import httpx

from hrapi.client.connection import Connection
from hrapi.client.errors import ClientError, refusal
from hrapi.client.pushing.journal import Journal
from hrapi.client.pushing.layout import Layout
from hrapi.client.pushing.parts import MAX_BYTES, Part, Parts
from hrapi.client.pushing.tables import TableShape
from hrapi.client.pushing.verdicts import rejected_rows

_TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
_VERDICTS = (HTTPStatus.UNPROCESSABLE_ENTITY, _TOO_LARGE)


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What is sent where. `run_id` tells one push of the same file from another that is to be judged anew."""

    connection: Connection
    table: TableShape
    layout: Layout
    journal: Journal
    file_digest: str
    run_id: str
    dry_run: bool

    def send_all(self, stream: BinaryIO, show_position: Callable[[int], None]) -> None:
        """Raises ClientError when a part is refused or the service stays away; what was answered is kept."""
        parts = Parts(self.layout.records(stream), head=self.layout.head)
        number = 1
        while part := parts.take(self.journal.max_bytes(number, default=MAX_BYTES)):
            if self._send(part):
                number += 1
            else:
                self.journal.limit(number, len(part.body) // 2)
                parts.hand_back(part)
            show_position(stream.tell())
        if number == 1:
            raise ClientError("There are no rows.", code="empty_batch")

    def _send(self, part: Part) -> bool:
        """False when it is too large for the service, and can be cut."""
        key = self._key(part)
        if self.journal.has(key):
            return True
        answer = self._answer(part, key)
        if answer.status_code == _TOO_LARGE:
            if part.rows > 1:
                return False
            raise ClientError(
                f"The row in line {part.first_line} alone is larger than the service takes: {refusal(answer)}"
            )
        verdicts = _verdicts(answer)
        if verdicts["received"] != part.rows:
            raise ClientError(
                f"From line {part.first_line} on {part.rows:,} rows were sent, and the service counts"
                f" {verdicts['received']:,} (batch {verdicts['batch']}). Nothing after them was sent. Is it of the"
                " same version as this client?"
            )
        self.journal.keep(
            part.number,
            key,
            verdicts,
            rejected_rows(self.table, self.layout, part, verdicts["rejected_rows"]),
            was_answered_before="Idempotent-Replayed" in answer.headers,
        )
        return True

    def _answer(self, part: Part, key: str) -> httpx.Response:
        headers = {"Content-Type": self.layout.media_type}
        params = {**self.layout.params, "first_line": str(part.first_line)}
        if self.dry_run:
            # It does nothing, so it may be done again: its answer must not be one of before.
            params["dry_run"] = "true"
        else:
            headers["Idempotency-Key"] = key
        return self.connection.request(
            "POST",
            self.table.path,
            params=params,
            headers=headers,
            content=part.body,
            expected=_VERDICTS,
        )

    def _key(self, part: Part) -> str:
        digest = hashlib.sha256()
        known = (self.file_digest, self.table.name, self.layout.params, part.number, self.run_id)
        digest.update(repr((*known, part.first_line)).encode())
        digest.update(part.body)
        return f"push-{digest.hexdigest()}"


def _verdicts(answer: httpx.Response) -> dict[str, Any]:
    try:
        verdicts: dict[str, Any] = answer.json()
        is_whole = {"batch", "received", "rejected_rows"} <= verdicts.keys()
    except (ValueError, AttributeError):
        is_whole = False
    if is_whole:
        return verdicts
    if answer.is_success:
        raise ClientError(
            f"What came from {answer.url.host} says nothing of the rows. Something before the service answers in"
            " its place: look at the address and at the proxy."
        )
    raise refusal(answer)
