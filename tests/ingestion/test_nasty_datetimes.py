"""The lines about datetimes of the nasty inputs, over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.factories import employee_row
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_only_this_row_is_rejected,
    employee_text,
    send,
    send_between_neighbours,
    stored_employees,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

READ = {
    "2021-07-27T16:02:08Z": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08+00:00": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08-00:00": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08+05:30": "2021-07-27T10:32:08Z",
    "2021-07-27T16:02:08-05:00": "2021-07-27T21:02:08Z",
    "2021-07-27T16:02:08+14:00": "2021-07-27T02:02:08Z",
    "2021-07-27T16:02:08-12:00": "2021-07-28T04:02:08Z",
    "2021-07-27T16:02:08+00:01": "2021-07-27T16:01:08Z",
    "2021-07-27T16:02:08": "2021-07-27T16:02:08Z",
    "2021-07-27 16:02:08": "2021-07-27T16:02:08Z",
    "2021-07-27 16:02:08Z": "2021-07-27T16:02:08Z",
    "2021-07-27 16:02:08+02:00": "2021-07-27T14:02:08Z",
    "2021-07-27t16:02:08z": "2021-07-27T16:02:08Z",
    " 2021-07-27T16:02:08Z ": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08.5Z": "2021-07-27T16:02:08.500000Z",
    "2021-07-27T16:02:08.123Z": "2021-07-27T16:02:08.123000Z",
    "2021-07-27T16:02:08.123456Z": "2021-07-27T16:02:08.123456Z",
    "2021-07-27T16:02:08.000001Z": "2021-07-27T16:02:08.000001Z",
    "2021-07-27T16:02:08.000000Z": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08.0Z": "2021-07-27T16:02:08Z",
    "2021-07-27T16:02:08.999999": "2021-07-27T16:02:08.999999Z",
    "2021-07-27T00:00:00Z": "2021-07-27T00:00:00Z",
    "2021-07-27T23:59:59.999999Z": "2021-07-27T23:59:59.999999Z",
    "2020-02-29T12:00:00Z": "2020-02-29T12:00:00Z",
    "2000-02-29T12:00:00Z": "2000-02-29T12:00:00Z",
    "2021-01-01T00:00:00+01:00": "2020-12-31T23:00:00Z",
    "2021-12-31T23:00:00-02:00": "2022-01-01T01:00:00Z",
    "1900-01-01T00:00:00Z": "1900-01-01T00:00:00Z",
    "1899-12-31T23:00:00-01:00": "1900-01-01T00:00:00Z",
    "2100-12-31T23:59:59.999999Z": "2100-12-31T23:59:59.999999Z",
    "2101-01-01T00:00:00+14:00": "2100-12-31T10:00:00Z",
}


@pytest.mark.parametrize("sent, stored", READ.items(), ids=READ)
def test_a_datetime_is_stored_and_answered_in_utc(api: Any, sent: str, stored: str) -> None:
    response = send(api, employee_row(id=7, datetime=sent))

    assert response.status_code == 201
    assert response.json()["datetime"] == stored
    assert api.get(f"{EMPLOYEES}7/").json()["datetime"] == stored
    assert stored_employees()[0][2] == datetime.fromisoformat(stored)
    assert stored_employees()[0][2].tzinfo == UTC


@pytest.mark.parametrize("sent, stored", READ.items(), ids=READ)
def test_the_same_moment_written_otherwise_is_unchanged(api: Any, sent: str, stored: str) -> None:
    send(api, employee_row(id=7, datetime=sent, name="Ada"))

    response = send(api, [employee_row(id=7, datetime=stored, name="Ada")])

    assert response.status_code == 200
    assert response.json()["unchanged"] == 1


def test_a_moment_a_microsecond_later_is_another_content(api: Any) -> None:
    send(api, employee_row(id=7, datetime="2021-07-27T16:02:08Z"))

    response = send(api, [employee_row(id=7, datetime="2021-07-27T16:02:08.000001Z")])

    assert response.status_code == 422
    assert response.json()["code"] == "already_exists"


INVALID = {
    "date only": "2021-07-27",
    "date and T": "2021-07-27T",
    "date and hour": "2021-07-27T16",
    "date and offset": "2021-07-27Z",
    "time only": "16:02:08",
    "time with T": "T16:02:08Z",
    "year only": "2021",
    "month only": "2021-07",
    "ISO week": "2021-W30-2T16:02:08Z",
    "ISO week without a day": "2021-W30",
    "ordinal": "2021-208T16:02:08Z",
    "basic format": "20210727T160208Z",
    "basic time": "2021-07-27T160208Z",
    "basic offset": "2021-07-27T16:02:08+0200",
    "offset of hours": "2021-07-27T16:02:08+02",
    "comma fraction": "2021-07-27T16:02:08,5Z",
    "fraction without digits": "2021-07-27T16:02:08.Z",
    "fraction of seven digits": "2021-07-27T16:02:08.1234567Z",
    "fraction of nanoseconds": "2021-07-27T16:02:08.123456789Z",
    "fraction of minutes": "2021-07-27T16:02.5Z",
    "name of a zone": "2021-07-27T16:02:08+02:00[Europe/Paris]",
    "zone by its name": "2021-07-27T16:02:08 Europe/Paris",
    "zone by its letters": "2021-07-27T16:02:08 UTC",
    "GMT": "2021-07-27T16:02:08GMT",
    "offset and Z": "2021-07-27T16:02:08+00:00Z",
    "two offsets": "2021-07-27T16:02:08+01:00+01:00",
    "space before the offset": "2021-07-27T16:02:08 +02:00",
    "typographic minus": "2021-07-27T16:02:08−05:00",
    "military zone": "2021-07-27T16:02:08A",
    "two spaces": "2021-07-27  16:02:08",
    "TAB between": "2021-07-27\t16:02:08",
    "underscore between": "2021-07-27_16:02:08",
    "x between": "2021-07-27x16:02:08",
    "NBSP between": "2021-07-27\u00a016:02:08",
    "29 February 2021": "2021-02-29T00:00:00Z",
    "29 February 1900": "1900-02-29T00:00:00Z",
    "29 February 2100": "2100-02-29T00:00:00Z",
    "30 February": "2021-02-30T00:00:00Z",
    "31 April": "2021-04-31T00:00:00Z",
    "month 00": "2021-00-27T00:00:00Z",
    "month 13": "2021-13-27T00:00:00Z",
    "day 00": "2021-07-00T00:00:00Z",
    "day 32": "2021-07-32T00:00:00Z",
    "hour 24": "2021-07-27T24:00:00Z",
    "hour 25": "2021-07-27T25:00:00Z",
    "minute 60": "2021-07-27T16:60:00Z",
    "second 60": "2021-12-31T23:59:60Z",
    "second 61": "2021-12-31T23:59:61Z",
    "offset +24:00": "2021-07-27T16:02:08+24:00",
    "offset -24:00": "2021-07-27T16:02:08-24:00",
    "offset +99:99": "2021-07-27T16:02:08+99:99",
    "offset of 60 minutes": "2021-07-27T16:02:08+01:60",
    "offset of 99 minutes": "2021-07-27T16:02:08+23:99",
    "offset of seconds": "2021-07-27T16:02:08+01:00:30",
    "one digit month": "2021-7-27T16:02:08Z",
    "one digit hour": "2021-07-27T6:02:08Z",
    "year of two digits": "21-07-27T16:02:08Z",
    "year of five digits": "12021-07-27T16:02:08Z",
    "year with a sign": "+2021-07-27T16:02:08Z",
    "year before Christ": "-0044-03-15T12:00:00Z",
    "year with five digits and a sign": "+12021-07-27T16:02:08Z",
    "slashes": "2021/07/27 16:02:08",
    "day first": "27/07/2021",
    "day first with time": "27/07/2021 16:02",
    "month first": "07/27/2021",
    "dots": "27.07.2021",
    "name of the month": "Jul 27 2021",
    "of e-mail": "Tue, 27 Jul 2021 16:02:08 GMT",
    "of C": "Tue Jul 27 16:02:08 2021",
    "morning and evening": "2021-07-27 04:02:08 PM",
    "now": "now",
    "today": "today",
    "tomorrow": "tomorrow",
    "yesterday": "yesterday",
    "epoch of PostgreSQL": "epoch",
    "infinity": "infinity",
    "minus infinity": "-infinity",
    "NaN as text": "NaN",
    "null as text": "null",
    "zeros of MySQL": "0000-00-00 00:00:00",
    "seconds as text": "1627401728",
    "serial number of Excel": "44404.668",
    "full-width digits": "２０２１-０７-２７T１６:０２:０８Z",
    "Arabic-Indic digits": "٢٠٢١-٠٧-٢٧T١٦:٠٢:٠٨Z",
    "full-width colon": "2021-07-27T16：02：08Z",
    "dashes that look like hyphens": "2021‐07‐27T16:02:08Z",
    "NUL inside": "2021-07-27T16:02:08\x00Z",
    "NUL alone": "\x00",
    "lone surrogate": "\ud800",
    "direction override": "\u202e2021-07-27T16:02:08Z",
    "zero width space inside": "2021-07-27\u200bT16:02:08Z",
    "line feed inside": "2021-07-27\nT16:02:08Z",
    "interval": "2021-07-27T16:02:08Z/2021-07-28T16:02:08Z",
    "duration": "P1DT2H",
    "in quotes": '"2021-07-27T16:02:08Z"',
    "of Microsoft's JSON": "/Date(1627401728000)/",
    "SQL": "2021-07-27T16:02:08Z'; --",
    "words": "last Tuesday",
    "long": "2021-07-27T16:02:08." + "0" * 10_000 + "Z",
}


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_what_is_no_iso_8601_datetime_costs_its_row_only(api: Any, text: str) -> None:
    response = send_between_neighbours(api, json.dumps(employee_row(id=7, datetime=text)))

    rejected = assert_only_this_row_is_rejected(api, response, [("datetime", "invalid_datetime")])
    assert "2021-07-27T16:02:08Z" in rejected["errors"][0]["message"]


@pytest.mark.parametrize(
    "literal", ["0", "1627401728", "1627401728000", "2021.5", "1e400", "NaN", "-1"]
)
def test_a_number_is_no_datetime(api: Any, literal: str) -> None:
    response = send_between_neighbours(api, employee_text(datetime=literal))

    assert_only_this_row_is_rejected(api, response, [("datetime", "invalid_datetime")])


@pytest.mark.parametrize("literal", ["true", "false", "[]", "{}", '["2021-07-27T16:02:08Z"]'])
def test_what_is_neither_text_nor_number_is_of_the_wrong_type(api: Any, literal: str) -> None:
    response = send_between_neighbours(api, employee_text(datetime=literal))

    assert_only_this_row_is_rejected(api, response, [("datetime", "wrong_type")])


@pytest.mark.parametrize(
    "text, code",
    [
        pytest.param("0000-01-01T00:00:00Z", "invalid_datetime", id="year 0000"),
        pytest.param("0001-01-01T00:00:00Z", "out_of_range", id="year 0001"),
        pytest.param("0001-01-01T00:00:00+14:00", "out_of_range", id="before the year 0001 in UTC"),
        pytest.param("1582-10-10T00:00:00Z", "out_of_range", id="days that were left out"),
        pytest.param("1899-12-31T23:59:59.999999Z", "out_of_range", id="last instant of 1899"),
        pytest.param("1900-01-01T00:00:00+00:01", "out_of_range", id="1899 in UTC"),
        pytest.param("2101-01-01T00:00:00Z", "out_of_range", id="first instant of 2101"),
        pytest.param("2100-12-31T23:59:59-00:01", "out_of_range", id="2101 in UTC"),
        pytest.param("9999-12-31T23:59:59Z", "out_of_range", id="year 9999"),
        pytest.param("9999-12-31T23:59:59-10:00", "out_of_range", id="after the year 9999 in UTC"),
        pytest.param("9999-12-31T23:59:59.999999-23:59", "out_of_range", id="furthest of all"),
        pytest.param("10000-01-01T00:00:00Z", "invalid_datetime", id="year 10000"),
        pytest.param("99999-01-01T00:00:00Z", "invalid_datetime", id="year 99999"),
    ],
)
def test_a_year_out_of_range_costs_its_row_only(api: Any, text: str, code: str) -> None:
    response = send_between_neighbours(api, json.dumps(employee_row(id=7, datetime=text)))

    assert_only_this_row_is_rejected(api, response, [("datetime", code)])


@pytest.mark.parametrize(
    "text, quarters",
    [
        pytest.param("2021-01-01T00:00:00Z", [1, 0, 0, 0], id="first instant of Q1"),
        pytest.param("2021-03-31T23:59:59.999999Z", [1, 0, 0, 0], id="last instant of Q1"),
        pytest.param("2021-04-01T00:00:00Z", [0, 1, 0, 0], id="first instant of Q2"),
        pytest.param("2021-03-31T23:00:00-05:00", [0, 1, 0, 0], id="Q2 in UTC"),
        pytest.param("2021-04-01T00:30:00+01:00", [1, 0, 0, 0], id="Q1 in UTC"),
        pytest.param("2021-06-30T23:59:59.999999Z", [0, 1, 0, 0], id="last instant of Q2"),
        pytest.param("2021-07-01T00:00:00Z", [0, 0, 1, 0], id="first instant of Q3"),
        pytest.param("2021-09-30T23:59:59.999999Z", [0, 0, 1, 0], id="last instant of Q3"),
        pytest.param("2021-10-01T00:00:00Z", [0, 0, 0, 1], id="first instant of Q4"),
        pytest.param("2021-12-31T23:59:59.999999Z", [0, 0, 0, 1], id="last instant of Q4"),
        pytest.param("2022-01-01T00:00:00+14:00", [0, 0, 0, 1], id="Q4 in UTC"),
    ],
)
def test_a_hire_counts_in_the_quarter_of_utc(api: Any, text: str, quarters: list[int]) -> None:
    send(api, employee_row(id=7, datetime=text))

    [row] = api.get("/api/v1/reports/quarterly-hires/?year=2021").json()

    assert [row["q1"], row["q2"], row["q3"], row["q4"]] == quarters


@pytest.mark.parametrize("text", ["2020-12-31T23:59:59.999999Z", "2022-01-01T00:00:00Z"])
def test_a_hire_of_another_year_does_not_count(api: Any, text: str) -> None:
    send(api, employee_row(id=7, datetime=text))

    assert api.get("/api/v1/reports/quarterly-hires/?year=2021").json() == []
