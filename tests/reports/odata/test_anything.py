"""Whatever is sent, it is answered, and never by a fault of ours."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hrapi.api.problems import ProblemError
from reports.datasets.registry import get_dataset
from reports.odata.filters import condition
from reports.odata.paging import read_skip_token, skip_token, whole_order
from reports.odata.parsing import parse_filter
from tests.factories import EmployeeFactory
from tests.reports.odata.asking import ROOT

WORDS = [
    *("id", "name", "datetime", "department_id", "colour", "null", "true", "false", "INF"),
    *("eq", "ne", "gt", "ge", "lt", "le", "in", "has", "and", "or", "not", "(", ")", ",", "-"),
    *("add", "sub", "mul", "div", "mod", "contains(", "length(", "substring(", "year(", "date("),
    *("now()", "tolower(", "round(", "concat(", "cast(", "any(", "/", "$it", "@p", "=", "*"),
    *("1", "0", "-1", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "1e308"),
    *("'a'", "''''", "'", "'%_\\'", "2021-01-01", "2021-02-30", "2021-01-01T00:00:00Z", "12:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-14:00", "duration'P1D'"),
]
SOUP = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
COLUMNS = {column.name: column for column in get_dataset("employees").columns}
CALM = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@settings(deadline=None, max_examples=600)
@given(st.text() | SOUP | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        condition(parse_filter(text), COLUMNS)
    except ProblemError as error:
        problem = error
    else:
        return
    assert problem.status in (400, 501)
    assert problem.detail


@pytest.mark.django_db
@CALM
@given(option=st.sampled_from(["filter", "orderby", "select", "top", "skip", "skiptoken", "count"]),
       text=st.text() | SOUP)  # fmt: skip
def test_any_option_is_answered(api: Any, option: str, text: str) -> None:
    EmployeeFactory()

    for address in ("Employees", "Employees/$count"):
        query = f"${option}={quote(text, errors='surrogatepass')}"
        response = api.get(f"{ROOT}{address}?{query}")
        assert response.status_code in (200, 400, 501), (query, response.content)
        assert response["OData-Version"] == "4.0"


@pytest.mark.django_db
@CALM
@given(st.text() | SOUP)
def test_any_key_is_answered(api: Any, text: str) -> None:
    path = quote(f"({text})", errors="surrogatepass")

    for name in ("Employees", "Hires", "Rejections"):
        response = api.get(f"{ROOT}{name}{path}")
        assert response.status_code in (200, 400, 404, 501), (path, response.content)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_any_json_is_a_token_or_is_refused(content: Any) -> None:
    order = whole_order(get_dataset("rejections"), ())
    token = urlsafe_b64encode(json.dumps(content).encode()).decode()

    with pytest.raises(ProblemError, match="nextLink"):
        read_skip_token(token, order)


@given(st.dates(), st.text(), st.text())
def test_a_token_is_read_as_it_was_written(day: Any, table: str, code: str) -> None:
    assume("\x00" not in table + code)
    order = whole_order(get_dataset("rejections"), ())

    assert read_skip_token(skip_token([day, table, code]), order) == [day, table, code]
