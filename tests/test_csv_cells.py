from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hrapi.csv_cells import neutralise, restore

DANGEROUS = "'=+-@\uff1d\uff0b\uff0d\uff20\t\r\n \u3000\xa0a1\""


@pytest.mark.parametrize(
    "text, written",
    [
        pytest.param("=HYPERLINK(1)", "'=HYPERLINK(1)", id="equals"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\uff1d1", "'\uff1d1", id="full-width equals"),
        pytest.param("\uff0b1", "'\uff0b1", id="full-width plus"),
        pytest.param("\uff0d1", "'\uff0d1", id="full-width minus"),
        pytest.param("\uff20a", "'\uff20a", id="full-width at"),
        pytest.param("  =1", "'  =1", id="spaces before"),
        pytest.param("\u3000=1", "'\u3000=1", id="ideographic space before"),
        pytest.param("\tx", "'\tx", id="tab"),
        pytest.param("\rx", "'\rx", id="carriage return"),
        pytest.param("\nx", "'\nx", id="line feed"),
        pytest.param("'=1", "''=1", id="already with an apostrophe"),
        pytest.param("", "", id="empty"),
        pytest.param("Ann", "Ann", id="word"),
        pytest.param("O'Brien", "O'Brien", id="apostrophe inside"),
        pytest.param("'t Hooft", "'t Hooft", id="apostrophe before a word"),
        pytest.param("'", "'", id="apostrophe alone"),
        pytest.param("a=1", "a=1", id="sign inside"),
        pytest.param("(=1)", "(=1)", id="sign after a parenthesis"),
    ],
)
def test_only_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, written: str) -> None:
    assert neutralise(text) == written
    assert restore(written) == text


@pytest.mark.parametrize("text", ["'Ann", "''", "'1", "'", "''a", "=1", "' a"])
def test_an_apostrophe_that_no_writer_added_stays(text: str) -> None:
    assert restore(text) == text


@settings(deadline=None)
@given(text=st.one_of(st.text(), st.text(alphabet=DANGEROUS, max_size=8)))
@example(text="'''=")
def test_a_round_trip_gives_every_text_back(text: str) -> None:
    assert restore(neutralise(text)) == text


@settings(deadline=None)
@given(text=st.text(alphabet=DANGEROUS, max_size=8))
def test_no_written_text_starts_like_a_formula(text: str) -> None:
    assert not neutralise(text).lstrip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))
