"""Answers as JSON: the faster renderer says what DRF's says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from hrapi.api.renderers import PlainJSONRenderer

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda members: st.lists(members, max_size=4) | st.dictionaries(TEXTS, members, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_what_is_rendered_reads_as_drf_s_rendering_does(value: Any) -> None:
    assert json.loads(PlainJSONRenderer().render(value) or b"null") == json.loads(
        JSONRenderer().render(value) or b"null"
    )


@pytest.mark.parametrize(
    "value, media_type, text",
    [
        ({"name": "a\u2028b\u2029c", "id": 1}, None, rb'{"name":"a\u2028b\u2029c","id":1}'),
        ({"name": "José 李"}, "application/json", '{"name":"José 李"}'.encode()),
        ({"id": 1}, "application/json; indent=2", b'{\n  "id": 1\n}'),
        (None, None, b""),
    ],
)
def test_rendering_escapes_and_indents_as_drf_does(
    value: Any, media_type: str | None, text: bytes
) -> None:
    assert PlainJSONRenderer().render(value, media_type) == text
    assert JSONRenderer().render(value, media_type) == text
