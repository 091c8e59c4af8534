"""JSON: what is no id, and what is one after all."""

from __future__ import annotations

from typing import Any

import pytest

from hrapi.ingestion.models import RejectedRow
from tests.ingestion.nasty_json import short
from tests.ingestion.sending import (
    assert_only_this_row_is_rejected,
    employee_text,
    send,
    send_between_neighbours,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

REJECTED_IDS = {
    "not_an_integer": [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        "1E+400",
        "1e99999999999",
        "1e-400",
        "1.5",
        "0.1",
        "-1.5",
        "1e-1",
        "15e-1",
        "7.00000000000000000000001",
        "9007199254740991.5",
        '"1.5"',
        '"1e3"',
        '"1E+05"',
        '"0x10"',
        '"0b1"',
        '"0o7"',
        '"1_000"',
        '"1,000"',
        '"1 000"',
        '"1.000,0"',
        '"1.0.0"',
        '"٧"',
        '"७"',
        '"７"',
        '"½"',
        '"²"',
        '"⑦"',
        '"Ⅶ"',
        '"七"',
        '"-"',
        '"--7"',
        '"−7"',
        '"+7"',
        '"."',
        '"7a"',
        '"a"',
        '"abc"',
        '"#7"',
        '"NaN"',
        '"Infinity"',
        '"null"',
        '"NULL"',
        '"None"',
        '"true"',
        r'"\\N"',
        '"[7]"',
        '"7;"',
        "\"'7'\"",
        '"1 OR 1=1"',
        r'"7\u0000"',
        r'"7\n8"',
        r'"\ud800"',
        r'"\u0000"',
        '"👍"',
        '"' + "x" * 100_000 + '"',
    ],
    "out_of_range": [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e5",
        "-1",
        "-1.0",
        "9007199254740992",
        "9007199254740992.0",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "-9223372036854775809",
        "1e16",
        "1e300",
        "-1e300",
        "9" * 5000,
        "-" + "9" * 5000,
        "9" * 100_000,
        "9" * 5000 + ".0",
        '"0"',
        '"000"',
        '"-0"',
        '"-1"',
        '"9007199254740992"',
        '"18446744073709551617"',
        '"' + "9" * 5000 + '"',
    ],
    "wrong_type": ["true", "false", "[]", "{}", "[7]", '{"id": 7}', "[[[]]]", "[null]"],
    "required": [
        "null",
        '""',
        '" "',
        r'"\t\r\n"',
        r'"\u00a0"',
        r'"\u3000"',
        r'"\u200b"',
        r'"\ufeff"',
    ],
}


@pytest.mark.parametrize("field", ["id", "job_id"])
@pytest.mark.parametrize(
    "literal, code",
    [
        pytest.param(literal, code, id=f"{short(literal)} {code}")
        for code, literals in REJECTED_IDS.items()
        for literal in literals
    ],
)
def test_what_is_no_id_costs_its_row_only(api: Any, field: str, literal: str, code: str) -> None:
    response = send_between_neighbours(api, employee_text(**{field: literal}))

    assert_only_this_row_is_rejected(api, response, [(field, code)])


def test_the_log_shows_whatever_was_sent(api: Any) -> None:
    literals = [literal for literals in REJECTED_IDS.values() for literal in literals]
    rows = [employee_text(id=literal) for literal in literals]
    rows += [employee_text(x=literal) for literal in literals]

    response = send(api, f"[{', '.join(rows)}]", accept="text/html")

    assert response.status_code == 422
    assert RejectedRow.objects.count() == len(rows)
    entry = RejectedRow.objects.latest("id")
    file = api.get(f"/api/v1/batches/{entry.batch_id}/rejected-rows.csv")
    assert b"".join(file.streaming_content).decode().startswith("id,name,datetime,")
    for address in ("/api/v1/rejected-rows/?page_size=1000", f"/api/v1/rejected-rows/{entry.pk}/"):
        assert api.get(address).status_code == 200
        page = api.get(address, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert page["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "literal, number",
    [
        pytest.param("7", 7, id="integer"),
        pytest.param("7.0", 7, id="fraction of zero"),
        pytest.param("7.000000000000000000000000", 7, id="long fraction of zero"),
        pytest.param("70e-1", 7, id="negative exponent"),
        pytest.param("0.7e1", 7, id="fraction and exponent"),
        pytest.param("7E+0", 7, id="exponent of zero"),
        pytest.param("1e3", 1000, id="exponent"),
        pytest.param('"7"', 7, id="text"),
        pytest.param('" 7 "', 7, id="text with spaces"),
        pytest.param(r'"\u00a07\ufeff"', 7, id="text with invisible spaces"),
        pytest.param('"7.0"', 7, id="text with a fraction of zero"),
        pytest.param('"007"', 7, id="text with leading zeros"),
        pytest.param('"' + "0" * 5000 + '7"', 7, id="text with 5,000 leading zeros"),
        pytest.param("1", 1, id="smallest"),
        pytest.param("2147483647", 2147483647, id="2^31-1"),
        pytest.param("2147483648", 2147483648, id="2^31"),
        pytest.param("9007199254740991", 9007199254740991, id="2^53-1"),
        pytest.param("9007199254740991.0", 9007199254740991, id="2^53-1 with a fraction"),
        pytest.param("9.007199254740991e15", 9007199254740991, id="2^53-1 with an exponent"),
        pytest.param('"9007199254740991"', 9007199254740991, id="2^53-1 as text"),
    ],
)
def test_an_id_is_the_number_that_was_meant(api: Any, literal: str, number: int) -> None:
    response = send(api, f"[{employee_text(id=literal)}]")

    assert response.status_code == 201
    assert stored_ids() == [number]


@pytest.mark.parametrize(
    "literals, faults",
    [
        pytest.param(
            {"department_id": "999"}, [("department_id", "unknown_department")], id="department"
        ),
        pytest.param({"job_id": "999"}, [("job_id", "unknown_job")], id="job"),
        pytest.param(
            {"department_id": "998", "job_id": "999"},
            [("department_id", "unknown_department"), ("job_id", "unknown_job")],
            id="both",
        ),
        pytest.param(
            {"department_id": "9007199254740991"},
            [("department_id", "unknown_department")],
            id="greatest id",
        ),
        pytest.param({"job_id": "2147483648"}, [("job_id", "unknown_job")], id="2^31"),
        pytest.param({"job_id": '"999"'}, [("job_id", "unknown_job")], id="as text"),
        pytest.param(
            {"department_id": str(2**70), "job_id": str(-(2**70))},
            [("department_id", "out_of_range"), ("job_id", "out_of_range")],
            id="2^70",
        ),
        pytest.param(
            {"department_id": "true", "job_id": "999"},
            [("department_id", "wrong_type"), ("job_id", "unknown_job")],
            id="one of the wrong type, one unknown",
        ),
    ],
)
def test_a_reference_to_nothing_costs_its_row_only(
    api: Any, literals: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    response = send_between_neighbours(api, employee_text(**literals))

    assert_only_this_row_is_rejected(api, response, faults)
