"""The lines about text of the nasty inputs, over HTTP."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from employees.models import Employee
from tests.factories import employee_row
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_only_this_row_is_rejected,
    send,
    send_between_neighbours,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

REFUSED = {
    "required": {
        "nothing": "",
        "a space": " ",
        "spaces": "    ",
        "TAB": "\t",
        "line ends": "\r\n",
        "vertical tab and form feed": "\x0b\x0c",
        "NBSP": "\u00a0",
        "ogham space": "\u1680",
        "en, em and hair space": "\u2002\u2003\u200a",
        "narrow no-break space": "\u202f",
        "ideographic space": "\u3000",
        "zero width space": "\u200b",
        "zero width spaces and spaces": " \u200b \u200b ",
        "word joiner": "\u2060",
        "byte order mark": "\ufeff",
        "Mongolian vowel separator": "\u180e",
        "soft hyphen": "\u00ad",
        "only ZWJ": "\u200d\u200d",
        "only ZWNJ": "\u200c",
        "only marks of direction": "\u200e\u200f",
        "only combining marks": "\u0301\u0308",
        "only an enclosing mark": "\u20e3",
        "only variation selectors": "\ufe0f\ufe00",
        "only tags": "\U000e0041\U000e007f",
        "combining grapheme joiner": "\u034f",
        "Hangul filler": "\u3164",
        "half-width Hangul filler": "\uffa0",
        "Hangul choseong and jungseong fillers": "\u115f\u1160",
        "empty Braille pattern": "\u2800",
        "invisible times": "\u2062",
        "a bit of everything": " \u00a0\u3000\u200b\u200d\u0301\ufe0f\t",
    },
    "forbidden_character": {
        "NUL": "a\x00b",
        "NUL at the start": "\x00Ann",
        "NUL at the end": "Ann\x00",
        "NUL alone": "\x00",
        "LF inside": "Ann\nByron",
        "CR inside": "Ann\rByron",
        "CRLF inside": "Ann\r\nByron",
        "TAB inside": "Ann\tByron",
        "vertical tab inside": "Ann\x0bByron",
        "form feed inside": "Ann\x0cByron",
        "BEL": "Ann\x07",
        "BEL alone": "\x07",
        "backspace": "Ann\x08",
        "ESC": "\x1b[31mAnn",
        "unit separator inside": "Ann\x1fByron",
        "DEL": "Ann\x7f",
        "DEL alone": "\x7f",
        "next line inside": "Ann\x85Byron",
        "C1 control": "Ann\x9b31m",
        "first C1 control": "\x80Ann",
        "line separator inside": "Ann\u2028Byron",
        "paragraph separator inside": "Ann\u2029Byron",
        "LRE": "\u202aAnn",
        "RLE": "\u202bAnn",
        "PDF": "Ann\u202c",
        "LRO": "Ann\u202dByron",
        "RLO": "Ann\u202eByron",
        "RLO alone": "\u202e",
        "RLO among spaces": " \u202e ",
        "LRI": "\u2066Ann",
        "RLI": "\u2067Ann",
        "FSI": "\u2068Ann",
        "PDI": "Ann\u2069",
        "isolates alone": "\u2066\u2069",
        "ZWJ and NUL": "\u200d\x00",
        "accent and RLO": "\u0301\u202e",
        "lone high surrogate": "\ud800",
        "lone low surrogate": "Ann\udfff",
        "surrogates in the wrong order": "\udc4d\ud83d",
        "high surrogate before a letter": "\ud83da",
        "noncharacter": "Ann\ufffe",
        "last noncharacter of the plane": "Ann\uffff",
        "noncharacter of Arabic forms": "Ann\ufdd0",
        "noncharacter of plane 1": "Ann\U0001fffe",
        "very last code point": "Ann\U0010ffff",
    },
    "too_long": {
        "256 letters": "x" * 256,
        "256 letters and spaces around": " " + "x" * 256 + " ",
        "256 emoji": "👍" * 256,
        "256 composed letters": "é" * 256,
        "256 decomposed letters": "e\u0301" * 256,
        "10,000 letters": "x" * 10_000,
        "255 letters that NFC makes longer": "\U0001d15e" * 255,
        "a letter with 300 accents": "a" + "\u0316" * 300,
    },
}


@pytest.mark.parametrize(
    "text, code",
    [
        pytest.param(text, code, id=f"{name} {code}")
        for code, texts in REFUSED.items()
        for name, text in texts.items()
    ],
)
def test_a_name_that_cannot_be_kept_costs_its_row_only(api: Any, text: str, code: str) -> None:
    response = send_between_neighbours(api, json.dumps(employee_row(id=7, name=text)))

    rejected = assert_only_this_row_is_rejected(api, response, [("name", code)])
    assert rejected["id"] == 7


@pytest.mark.parametrize(
    "literal", ["5", "0", "1.5", "-1", "1e400", "NaN", "true", "false", "[]", "{}", '["Ann"]']
)
def test_what_is_no_text_is_no_name(api: Any, literal: str) -> None:
    row = json.dumps(employee_row(id=7, name="?")).replace('"?"', literal)

    response = send_between_neighbours(api, row)

    assert_only_this_row_is_rejected(api, response, [("name", "wrong_type")])


@pytest.mark.parametrize(
    "text, character",
    [
        pytest.param("a\x00b", "U+0000", id="NUL"),
        pytest.param("a\x1bb", "U+001B", id="ESC"),
        pytest.param("a\u2028b", "U+2028", id="line separator"),
        pytest.param("a\u202eb", "U+202E", id="direction override"),
        pytest.param("a\ud800b", "U+D800", id="lone surrogate"),
    ],
)
def test_a_forbidden_character_is_named_and_shown_escaped(
    api: Any, text: str, character: str
) -> None:
    response = send(api, [employee_row(id=7, name=text)])

    [error] = response.json()["rejected_rows"][0]["errors"]
    assert character in error["message"]
    assert error["value"] == json.dumps(text)[1:-1]


STORED = {
    "spaces around": ("  Ada Byron ", "Ada Byron"),
    "line ends around": ("\r\nAda Byron\r\n", "Ada Byron"),
    "TAB around": ("\tAda Byron\t", "Ada Byron"),
    "NBSP around": ("\u00a0Ada Byron\u00a0", "Ada Byron"),
    "ideographic spaces around": ("\u3000山田\u3000", "山田"),
    "zero width spaces around": ("\u200bAda Byron\ufeff", "Ada Byron"),
    "all kinds of spaces around": (" \u200b\u00a0Ada\u2060 \u3000\ufeff", "Ada"),
    "two spaces inside": ("Ada  Byron", "Ada  Byron"),
    "NBSP inside": ("Ada\u00a0Byron", "Ada\u00a0Byron"),
    "zero width space inside": ("Ada\u200bByron", "Ada\u200bByron"),
    "composed": ("Zo\u00eb", "Zo\u00eb"),
    "decomposed": ("Zoe\u0308", "Zo\u00eb"),
    "accents out of order": ("a\u0301\u0323", "\u1ea1\u0301"),
    "Hangul in letters": ("\u1112\u1161\u11ab", "\ud55c"),
    "Kelvin sign": ("\u212aelvin", "Kelvin"),
    "Angstrom sign": ("\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m"),
    "ligature": ("ﬁona", "ﬁona"),
    "full-width letters": ("Ａｄａ", "Ａｄａ"),
    "superscript": ("Ada²", "Ada²"),
    "Roman numeral": ("Louis Ⅻ", "Louis Ⅻ"),
    "Arabic": ("محمد الفاسي", "محمد الفاسي"),
    "Hebrew": ("דוד לוי", "דוד לוי"),
    "Hebrew with points": ("דָּוִד", unicodedata.normalize("NFC", "דָּוִד")),
    "Persian with ZWNJ": ("علی\u200cرضا", "علی\u200cرضا"),
    "Hindi with ZWJ": ("क्\u200dष", "क्\u200dष"),
    "Thai": ("สมชาย ใจดี", "สมชาย ใจดี"),
    "Chinese beyond the first plane": ("𠮷野家", "𠮷野家"),
    "emoji family": ("👨\u200d👩\u200d👧\u200d👦", "👨\u200d👩\u200d👧\u200d👦"),
    "emoji with a tone": ("👩🏽", "👩🏽"),
    "flag of tags": (
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ),
    "accents piled up": ("Z̸̧̛a̷l̶g̵o̴", unicodedata.normalize("NFC", "Z̸̧̛a̷l̶g̵o̴")),
    "one letter": ("X", "X"),
    "one emoji": ("👍", "👍"),
    "mark of direction": ("דוד\u200f", "דוד\u200f"),
    "255 letters": ("x" * 255, "x" * 255),
    "255 emoji": ("👍" * 255, "👍" * 255),
    "255 letters of four bytes each": ("𠮷" * 255, "𠮷" * 255),
    "256 that trim to 255": ("x" * 255 + " ", "x" * 255),
    "255 among 10,000 spaces": (" " * 5000 + "x" * 255 + "\u3000" * 5000, "x" * 255),
    "510 that compose to 255": ("e\u0301" * 255, "\u00e9" * 255),
    "1,020 that compose to 255": ("α\u0313\u0301\u0345" * 255, "\u1f84" * 255),
    "injection of SQL": ("'; DROP TABLE employees; --", "'; DROP TABLE employees; --"),
    "markup": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "entity": ("&lt;b&gt; &amp; &#39;", "&lt;b&gt; &amp; &#39;"),
    "attribute": ('" onmouseover="alert(1)', '" onmouseover="alert(1)'),
    "template": ("{{7*7}} {% now %} ${7*7} #{7*7}", "{{7*7}} {% now %} ${7*7} #{7*7}"),
    "format of Python": ("%s %(a)s %d {0} {a}", "%s %(a)s %d {0} {a}"),
    "backslash": ("\\", "\\"),
    "backslashes": ("\\\\", "\\\\"),
    "backslash at the end": ("Ada\\", "Ada\\"),
    "escapes of COPY": (r"\N \. \t \n \\ \x41 \101", r"\N \. \t \n \\ \x41 \101"),
    "NULL of COPY": (r"\N", r"\N"),
    "end of COPY": (r"\.", r"\."),
    "escape of JSON": (r"\u0000", r"\u0000"),
    "path": ("../../etc/passwd", "../../etc/passwd"),
    "log4j": ("${jndi:ldap://x/a}", "${jndi:ldap://x/a}"),
    "O'Brien": ("O'Brien", "O'Brien"),
    "typographic apostrophe": ("O’Brien", "O’Brien"),
    "quoted": ('Ada "Countess" Byron', 'Ada "Countess" Byron'),
    "apostrophe at the start": ("'t Hooft", "'t Hooft"),
    "Null": ("Null", "Null"),
    "null": ("null", "null"),
    "None": ("None", "None"),
    "NaN": ("NaN", "NaN"),
    "N/A": ("N/A", "N/A"),
    "undefined": ("undefined", "undefined"),
    "true": ("true", "true"),
    "digits": ("007", "007"),
    "a date": ("2021-07-27", "2021-07-27"),
    "a dot": (".", "."),
    "a dash": ("-", "-"),
    "a comma": (",", ","),
    "hyperlink": ('=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")'),
    "plus": ("+1", "+1"),
    "minus": ("-2+3", "-2+3"),
    "at": ("@SUM(A1)", "@SUM(A1)"),
    "full-width equals": ("＝1+1", "＝1+1"),
    "equals after an apostrophe": ("'=1", "'=1"),
    "replacement character": ("Mu\ufffdoz", "Mu\ufffdoz"),
    "private use": ("\ue000", "\ue000"),
}


@pytest.mark.parametrize("sent, stored", STORED.values(), ids=STORED)
def test_a_name_is_stored_trimmed_and_composed_and_otherwise_as_it_was(
    api: Any, sent: str, stored: str
) -> None:
    response = send(api, employee_row(id=7, name=sent))

    assert response.status_code == 201
    assert response.json()["name"] == stored
    assert stored_employees()[0][1] == stored
    assert api.get(f"{EMPLOYEES}7/").json()["name"] == stored


@pytest.mark.parametrize("sent, stored", STORED.values(), ids=STORED)
def test_a_name_sent_again_as_sent_or_as_read_is_unchanged(
    api: Any, sent: str, stored: str
) -> None:
    send(api, employee_row(id=7, name=sent))

    again = send(api, [employee_row(id=7, name=sent), employee_row(id=7, name=stored)])

    assert again.status_code == 200
    assert again.json()["unchanged"] == 2
    assert stored_employees()[0][1] == stored


@pytest.mark.parametrize("stored", [stored for _, stored in STORED.values()], ids=STORED)
def test_a_name_survives_the_way_through_a_csv_file(api: Any, stored: str) -> None:
    send(api, employee_row(id=7, name=stored))
    file = b"".join(api.get(f"{EMPLOYEES}?format=csv").streaming_content)
    Employee.objects.all().delete()

    response = send(api, file, content_type="text/csv")

    assert response.status_code == 201
    assert stored_employees()[0][1] == stored


@pytest.mark.parametrize(
    "name, cell",
    [
        pytest.param('=HYPERLINK("http://x","y")', "'=HYPERLINK", id="hyperlink"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM", id="at"),
        pytest.param("＝1+1", "'＝1+1", id="full-width equals"),
        pytest.param("'=1", "''=1", id="apostrophe and equals"),
    ],
)
def test_a_formula_is_neutralised_in_csv(api: Any, name: str, cell: str) -> None:
    send(api, employee_row(id=7, name=name))

    file = b"".join(api.get(f"{EMPLOYEES}?format=csv").streaming_content).decode()

    assert file.splitlines()[1].replace('"', "").startswith(f"7,{cell}")


def test_a_formula_in_a_rejected_row_is_neutralised_in_the_file_and_comes_back(api: Any) -> None:
    response = send(api, [employee_row(id=7, name="=1+1", department_id=999)])
    batch = response.json()["batch"]

    address = f"/api/v1/batches/{batch}/rejected-rows.csv"
    file = b"".join(api.get(address).streaming_content).decode()
    corrected = send(api, file.replace(",999,", ",1,"), content_type="text/csv")

    assert file.splitlines()[1].startswith("7,'=1+1,")
    assert corrected.status_code == 201
    assert stored_employees()[0][1] == "=1+1"


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><b>x</b>"]
)
def test_markup_in_a_name_is_escaped_on_every_page(api: Any, name: str) -> None:
    send(api, [employee_row(id=7, name=name), employee_row(id=8, name=name, department_id=999)])
    html = {"accept": "text/html"}

    pages = [
        api.get(EMPLOYEES, headers=html),
        api.get(f"{EMPLOYEES}7/", headers=html),
        api.get("/api/v1/rejected-rows/", headers=html),
        send(api, [employee_row(id=9, name=name, department_id=999)], accept="text/html"),
        send(api, [{"id": 9, name: 1}], accept="text/html"),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200, 422, 422]
    assert all(page["Content-Type"].startswith("text/html") for page in pages)
    assert all(name not in page.content.decode() for page in pages)


def test_markup_in_what_was_sent_is_escaped_on_the_page_of_a_refusal(api: Any) -> None:
    page = send(
        api,
        [employee_row()],
        to=f"{EMPLOYEES}?mode=<script>alert(1)</script>",
        accept="text/html",
    )

    assert page.status_code == 400
    assert "<script>alert(1)</script>" not in page.content.decode()


def test_names_that_differ_only_in_case_or_inner_spaces_are_different(api: Any) -> None:
    send(api, [employee_row(id=7, name="Ada Byron")])

    response = send(
        api, [employee_row(id=7, name="ada byron"), employee_row(id=7, name="Ada  Byron")]
    )

    assert response.status_code == 422
    assert response.json()["rejected"] == 2
    assert stored_employees()[0][1] == "Ada Byron"


def test_one_bad_name_among_many_alphabets_costs_itself_only(api: Any) -> None:
    names = ["Ada", "Zoë", "山田", "محمد", "דוד", "👍", "a\x00b", "สมชาย", "'; --", "=1", "Ωmega"]

    response = send(api, [employee_row(id=number, name=n) for number, n in enumerate(names, 1)])

    assert response.status_code == 207
    assert [row["index"] for row in response.json()["rejected_rows"]] == [6]
    assert stored_ids() == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
