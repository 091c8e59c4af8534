"""Answers that are sent only when they changed: ETag, If-None-Match and 304."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request

from hrapi.api.csv_stream import CSVView
from hrapi.api.names import may_see_names
from hrapi.api.throttling import count_report
from hrapi.source import source_digest
from hrapi.tables import all_tables
from hrapi.versions.selectors import data_version


class ConditionalView(CSVView):
    """A view whose answer to GET follows from tables that have a version: 304 costs one look at that."""

    def is_expensive(self) -> bool:
        """What is unchanged is not counted; `conditional` counts the rest."""
        return False

    def conditional(
        self,
        answer: Callable[[], HttpResponseBase],
        *,
        tables: Collection[str],
        key: Hashable = (),
        holds_names: bool = False,
    ) -> HttpResponseBase:
        """304 when the client has what `answer` would give, else that, with an ETag.

        `tables` are those of the database that the answer is made of. `key` is what else it follows from, besides
        the address, the format and who sees names: today's date, say; a plain value or a tuple of such. What
        `holds_names` is kept by no cache, but a client may keep it by itself. Pages are always made anew: they
        hold more than the answer.

        The version is read before the rows, each by a statement of its own. Rows that changed in between are newer
        than the ETag; then the version has moved on for good, and the ETag never fits again. So the client is sent
        the rows once more, and a 304 is never wrong.
        """
        request: Any = self.request
        if request.accepted_renderer.media_type == "text/html":
            count_report(request.user)
            return answer()
        etag = f'W/"{_digest(request, data_version(tables), key)}"'
        # If-Match and If-Unmodified-Since guard changes; they keep no reader back.
        found: HttpResponseBase | None = get_conditional_response(request, etag)
        if found is None or found.status_code != HTTPStatus.NOT_MODIFIED:
            count_report(request.user)
            found = answer()
        found["ETag"] = etag
        if not holds_names:
            found["Cache-Control"] = "private, no-cache"
        patch_vary_headers(found, ["Accept", "Accept-Encoding", "Authorization", "Cookie"])
        return found


def _digest(request: Request, version: str, key: Hashable) -> str:
    """Short for everything that the answer follows from. Of the media type, parameters count: `indent=4`, say."""
    user: Any = request.user
    sees = [table.name for table in all_tables() if may_see_names(user, table)]
    parts = (
        *(source_digest(), version, key),
        *(request.build_absolute_uri(), request.accepted_media_type, user.pk, sees),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
