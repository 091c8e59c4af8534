"""How the fields of rows are shown. Nothing is validated here: the row schemas do that."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from hrapi.ingestion.fields import MAX_ID, MAX_TEXT_LENGTH


class IdField(serializers.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


class TextField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TEXT_LENGTH, **options)


class MomentField(serializers.DateTimeField):
    """`2021-11-07T02:48:42Z`, with microseconds only where there are any."""

    def __init__(self, **options: Any) -> None:
        # A browser's own date field would drop the offset and the seconds.
        super().__init__(style={"input_type": "text"}, **options)
