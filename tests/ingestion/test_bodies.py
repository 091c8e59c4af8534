"""Bodies as they travel: compression, lengths, limits, media types, character sets."""

from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hrapi.ingestion.models import Batch, RejectedRow
from tests.factories import employee_row
from tests.ingestion.sending import (
    EMPLOYEES,
    assert_refused,
    employee_text,
    faults_of,
    send,
    stored_employees,
    stored_ids,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("references")]

GOOD = f"[{employee_text()}]".encode()
HEADER = "id,name,datetime,department_id,job_id\n"
CSV = f"{HEADER}7,Ada,2021-11-07T02:48:42Z,1,1\n".encode()


def chunked(
    client: Any, body: bytes, *, content_type: str = "application/json", **extra: Any
) -> Any:
    """POSTs as a server hands a chunked body on: no length, and a stream that ends by itself."""
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, **extra}
    return client.generic("POST", EMPLOYEES, b"", content_type=content_type, **environ)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(GOOD), id="one member"),
        pytest.param(gzip.compress(GOOD, compresslevel=0), id="stored"),
        pytest.param(gzip.compress(GOOD[:20]) + gzip.compress(GOOD[20:]), id="two members"),
        pytest.param(
            gzip.compress(b"") + gzip.compress(GOOD) + gzip.compress(b""), id="empty members"
        ),
        pytest.param(gzip.compress(b"\xef\xbb\xbf" + GOOD), id="byte order mark inside"),
        pytest.param(gzip.compress(b" " * 1_000_000 + GOOD), id="spaces that shrink"),
    ],
)
def test_a_gzipped_body_is_read_like_any_other(api: Any, body: bytes) -> None:
    response = send(api, body, content_encoding="gzip")

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize("name", ["gzip", "GZIP", " gzip "])
def test_the_name_of_the_encoding_is_read_in_any_case(api: Any, name: str) -> None:
    response = send(api, gzip.compress(GOOD), content_encoding=name)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize("name", ["identity", "IDENTITY", ""])
def test_no_encoding_may_be_named(api: Any, name: str) -> None:
    response = send(api, GOOD, content_encoding=name)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_csv_may_be_gzipped_too(api: Any) -> None:
    response = send(api, gzip.compress(CSV), content_type="text/csv", content_encoding="gzip")

    assert response.status_code == 201
    assert stored_ids() == [7]


ZIPPED = gzip.compress(GOOD)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ZIPPED[:-1], id="without its last byte"),
        pytest.param(ZIPPED[:-8], id="without its trailer"),
        pytest.param(ZIPPED[: len(ZIPPED) // 2], id="cut in the middle"),
        pytest.param(ZIPPED[:10], id="its header alone"),
        pytest.param(ZIPPED[:1], id="its first byte alone"),
        pytest.param(GOOD, id="not gzipped at all"),
        pytest.param(zlib.compress(GOOD), id="zlib instead"),
        pytest.param(zlib.compressobj(wbits=-15).compress(GOOD) + b"\x03\x00", id="raw deflate"),
        pytest.param(ZIPPED[:-8] + b"\x00\x00\x00\x00" + ZIPPED[-4:], id="wrong checksum"),
        pytest.param(ZIPPED[:-4] + b"\x00\x00\x00\x01", id="wrong length"),
        pytest.param(ZIPPED[:15] + b"\xff\xff\xff" + ZIPPED[18:], id="damaged in the middle"),
        pytest.param(ZIPPED + b"garbage", id="garbage after the end"),
        pytest.param(ZIPPED + ZIPPED[:12], id="second member cut"),
        pytest.param(b"PK\x03\x04" + ZIPPED, id="zip"),
    ],
)
def test_bad_gzip_is_refused(api: Any, body: bytes) -> None:
    response = send(api, body, content_encoding="gzip")

    assert_refused(response, status=400, code="undecodable")


def test_an_empty_gzipped_body_is_empty_json(api: Any) -> None:
    response = send(api, gzip.compress(b""), content_encoding="gzip")

    assert_refused(response, status=400, code="malformed_json")


@pytest.mark.parametrize(
    "name", ["br", "deflate", "compress", "zstd", "x-gzip2", "gzip, gzip", "gzip, br", "utf-8", "*"]
)
def test_another_content_encoding_is_not_taken(api: Any, name: str) -> None:
    response = send(api, GOOD, content_encoding=name)

    problem = assert_refused(response, status=415, code="unsupported_media_type")
    assert repr(name) in problem["detail"]


def test_a_form_in_another_content_encoding_is_not_taken(api: Any) -> None:
    response = api.post(
        EMPLOYEES, employee_row(), format="multipart", headers={"content-encoding": "gzip"}
    )

    assert_refused(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
def test_a_bomb_is_refused_with_memory_bounded(api: Any, settings: Any, content_type: str) -> None:
    settings.MAX_BODY_BYTES = 1_000_000
    bomb = gzip.compress(b" " * 100_000_000, compresslevel=9)
    assert len(bomb) < 1_000_000
    tracemalloc.start()

    response = send(api, bomb, content_type=content_type, content_encoding="gzip")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_refused(response, status=413, code="body_too_large")
    assert peak < 10_000_000


def test_a_bomb_in_many_members_is_refused(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000
    member = gzip.compress(b" " * 10_000)

    response = send(api, member * 11, content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


def test_a_great_number_of_empty_members_is_read(api: Any) -> None:
    body = gzip.compress(b"") * 250_000 + ZIPPED
    started = time.process_time()

    response = send(api, body, content_encoding="gzip")

    assert time.process_time() - started < 5
    assert response.status_code in (201, 400)


def padded(length: int) -> bytes:
    return GOOD + b" " * (length - len(GOOD))


def test_the_limit_of_a_body_is_five_mebibytes() -> None:
    from django.conf import settings

    assert settings.MAX_BODY_BYTES == 5 * 1024 * 1024


def test_a_body_at_the_limit_is_taken(api: Any) -> None:
    response = send(api, padded(5 * 1024 * 1024))

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_a_body_of_one_byte_more_is_refused(api: Any) -> None:
    response = send(api, padded(5 * 1024 * 1024 + 1))

    problem = assert_refused(response, status=413, code="body_too_large")
    assert "5,242,880 bytes" in problem["detail"]


def test_the_limit_holds_after_gunzip(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000

    at_limit = send(api, gzip.compress(padded(100_000)), content_encoding="gzip")

    assert at_limit.status_code == 201
    assert stored_ids() == [7]


def test_one_byte_more_after_gunzip_is_refused(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 100_000

    response = send(api, gzip.compress(padded(100_001)), content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


def test_gzip_over_the_limit_is_refused_before_it_is_unzipped(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1000

    response = send(api, gzip.compress(padded(5000), compresslevel=0), content_encoding="gzip")

    assert_refused(response, status=413, code="body_too_large")


@pytest.mark.parametrize("content_type", ["application/json", "text/csv"])
def test_a_chunked_body_over_the_limit_is_refused(
    api: Any, settings: Any, content_type: str
) -> None:
    settings.MAX_BODY_BYTES = 1000

    response = chunked(api, padded(1001), content_type=content_type)

    assert_refused(response, status=413, code="body_too_large")


def test_a_chunked_body_is_read_to_its_end(api: Any) -> None:
    response = chunked(api, GOOD)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_an_empty_chunked_body_is_empty_json(api: Any) -> None:
    response = chunked(api, b"")

    assert_refused(response, status=400, code="malformed_json")


def test_a_form_over_the_limit_is_refused_and_recorded(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1000
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = api.post(EMPLOYEES, employee_row(name="x" * 2000), format="multipart")

    assert_refused(response, status=413, code="body_too_large")


@pytest.mark.parametrize(
    "body, content_type",
    [
        pytest.param(b"no form", "multipart/form-data; boundary=x", id="no parts"),
        pytest.param(b"--x\r\n", "multipart/form-data; boundary=x", id="cut"),
        pytest.param(b"--x--\r\n", "multipart/form-data", id="no boundary"),
        pytest.param(b"--x--\r\n", "multipart/form-data; boundary=é", id="boundary not in ASCII"),
    ],
)
def test_a_form_that_cannot_be_read_lands_nothing(api: Any, body: bytes, content_type: str) -> None:
    response = send(api, body, content_type=content_type)

    assert response.status_code in (400, 422)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []
    assert Batch.objects.count() == 1


def test_a_form_with_a_field_twice_is_refused(api: Any) -> None:
    row = employee_row()
    response = api.post(EMPLOYEES, row | {"id": [1, 2]}, format="multipart")

    assert_refused(response, status=400, code="invalid_parameter")


def test_a_form_in_latin_1_is_refused_rather_than_stored_wrong(api: Any) -> None:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = employee_row(id=7, name="Muñoz").items()
    body = "".join("--x\r\n" + part.format(name, value) for name, value in fields) + "--x--\r\n"

    response = send(api, body.encode("latin-1"), content_type="multipart/form-data; boundary=x")

    assert response.status_code in (400, 422)
    assert stored_ids() == []


def test_a_form_posts_one_row(api: Any) -> None:
    response = api.post(EMPLOYEES, employee_row(id=7, name="Ada"), format="multipart")

    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/v1/employees/7/"
    assert response.json() == {
        "id": 7,
        "name": "Ada",
        "datetime": "2021-07-27T16:02:08Z",
        "department_id": 1,
        "job_id": 1,
    }


@pytest.mark.parametrize(
    "name, kept",
    [
        pytest.param("employees.csv", "employees.csv", id="plain"),
        pytest.param("../../etc/passwd", "passwd", id="path"),
        pytest.param("C:\\temp\\e.csv", "e.csv", id="path of Windows"),
        pytest.param("Zoë 👍.csv", "Zoë 👍.csv", id="no ASCII"),
        pytest.param("<script>.csv", "<script>.csv", id="markup"),
    ],
)
def test_an_uploaded_file_is_read_as_csv_under_its_name(api: Any, name: str, kept: str) -> None:
    file = SimpleUploadedFile("x", CSV)
    file.__dict__["_name"] = name

    response = api.post(EMPLOYEES, {"file": file}, format="multipart")

    assert response.status_code == 201
    assert stored_ids() == [7]
    assert Batch.objects.get().file_name == kept


def test_a_body_shorter_than_announced_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD) + 1)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    problem = assert_refused(response, status=400, code="undecodable")
    assert f"{len(GOOD)} of the {len(GOOD) + 1} bytes" in problem["detail"]


def test_a_whole_json_text_that_is_shorter_than_announced_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(CSV), "CONTENT_LENGTH": str(len(CSV) + 500)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="text/csv", **environ)

    assert_refused(response, status=400, code="undecodable")


def test_of_a_body_longer_than_announced_only_the_announced_part_is_read(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD + b"[garbage"), "CONTENT_LENGTH": str(len(GOOD))}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert response.status_code == 201
    assert stored_ids() == [7]


def test_a_length_that_cuts_the_body_lands_nothing(api: Any) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD) - 1)}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert_refused(response, status=400, code="malformed_json")


@pytest.mark.parametrize("length", ["", "0", "-1", "+5", "٧", "1" * 30])
def test_a_senseless_length_lands_nothing(api: Any, length: str) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": length}

    response = api.generic("POST", EMPLOYEES, b"", content_type="application/json", **environ)

    assert response.status_code in (400, 413)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []


@pytest.mark.parametrize("error", [OSError("gone"), ConnectionResetError(), TimeoutError()])
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/csv", "multipart/form-data; boundary=x"]
)
def test_a_client_that_goes_in_mid_body_lands_nothing(
    api: Any, error: Exception, content_type: str
) -> None:
    class Gone(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise error

    environ = {"wsgi.input": Gone(), "CONTENT_LENGTH": "100"}

    response = api.generic("POST", EMPLOYEES, b"", content_type=content_type, **environ)

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "Application/Json",
        "application/json; charset=UTF-8",
        "application/json;charset=utf-8",
        'application/json; charset="utf-8"',
        "application/json; charset=utf8",
        "application/json; charset=US-ASCII",
        "application/json ; charset=utf-8",
        "application/json; profile=rows",
        "application/json;",
    ],
)
def test_json_by_any_spelling_is_json(api: Any, content_type: str) -> None:
    response = send(api, GOOD, content_type=content_type)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize(
    "content_type", ["text/csv", "TEXT/CSV", "text/csv; charset=utf-8; header=present"]
)
def test_csv_by_any_spelling_is_csv(api: Any, content_type: str) -> None:
    response = send(api, CSV, content_type=content_type)

    assert response.status_code == 201
    assert stored_ids() == [7]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/xml",
        "text/plain",
        "text/json",
        "text/html",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/x-ndjson",
        "application/json-patch+json",
        "application/jsonl",
        "application/vnd.api+json",
        "application/gzip",
        "application/vnd.ms-excel",
        "multipart/mixed; boundary=x",
        "application/*",
        "*/*",
        "json",
        "application/json, text/csv",
        "application/json application/json",
        ";",
        "é/ü",
    ],
)
def test_another_media_type_is_not_taken(api: Any, content_type: str) -> None:
    response = send(api, GOOD, content_type=content_type)

    assert_refused(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("content_type", ["", " "])
def test_a_body_without_a_media_type_is_not_taken(api: Any, content_type: str) -> None:
    environ = {"wsgi.input": io.BytesIO(GOOD), "CONTENT_LENGTH": str(len(GOOD))}

    response = api.generic(
        "POST", EMPLOYEES, b"", content_type=None, CONTENT_TYPE=content_type, **environ
    )

    problem = assert_refused(response, status=415, code="unsupported_media_type")
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    "charset", ["utf-16", "latin-1", "iso-8859-1", "windows-1252", "klingon", ""]
)
def test_json_in_another_character_set_is_not_taken(api: Any, charset: str) -> None:
    response = send(api, GOOD, content_type=f"application/json; charset={charset}")

    assert_refused(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("charset", ["cp1252", "windows-1252", "latin-1", "ISO-8859-1"])
def test_csv_in_the_character_set_it_names_is_read(api: Any, charset: str) -> None:
    body = f"{HEADER}7,Muñoz,2021-11-07T02:48:42Z,1,1\n".encode("cp1252")

    response = send(api, body, content_type=f"text/csv; charset={charset}")

    assert response.status_code == 201
    assert stored_employees()[0][1] == "Muñoz"


@pytest.mark.parametrize("charset", ["klingon", "rot13", "base64", "zip", "idna", "punycode", "é"])
def test_csv_in_no_character_set_is_refused(api: Any, charset: str) -> None:
    response = send(api, CSV, content_type=f"text/csv; charset={charset}")

    assert response.status_code in (400, 415)
    assert response["Content-Type"] == "application/problem+json"
    assert stored_ids() == []


def test_a_thousand_rows_are_taken(api: Any) -> None:
    response = send(api, [employee_row(id=number) for number in range(1, 1001)])

    assert response.status_code == 201
    assert response.json()["inserted"] == 1000
    assert stored_ids() == list(range(1, 1001))


def test_a_thousand_and_one_rows_are_refused(api: Any) -> None:
    response = send(api, [employee_row(id=number) for number in range(1, 1002)])

    problem = assert_refused(response, status=413, code="batch_too_large")
    assert "1,000" in problem["detail"]


def test_a_thousand_rows_of_csv_are_taken(api: Any) -> None:
    lines = [f"{number},Ada,2021-11-07T02:48:42Z,1,1\n" for number in range(1, 1001)]

    response = send(api, HEADER + "".join(lines), content_type="text/csv")

    assert response.status_code == 201
    assert response.json()["inserted"] == 1000


def test_a_thousand_and_one_rows_of_csv_are_refused(api: Any) -> None:
    lines = [f"{number},Ada,2021-11-07T02:48:42Z,1,1\n" for number in range(1, 1002)]

    response = send(api, HEADER + "".join(lines), content_type="text/csv")

    assert_refused(response, status=413, code="batch_too_large")


@pytest.mark.parametrize("row", ["1", "{}", "[]", "null", '""'])
def test_a_million_tiny_rows_are_refused_without_building_them(api: Any, row: str) -> None:
    body = ("[" + f"{row}," * 1_000_000 + row + "]").encode()
    tracemalloc.start()
    started = time.process_time()

    response = send(api, body)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_refused(response, status=413, code="batch_too_large")
    assert time.process_time() - started < 3
    assert peak < 6 * len(body)


def test_a_thousand_rejected_rows_are_all_listed(api: Any) -> None:
    response = send(api, [employee_row(id=0) for _ in range(1000)])

    assert response.status_code == 422
    rejected = response.json()["rejected_rows"]
    assert [row["index"] for row in rejected] == list(range(1000))
    assert all(faults_of(row) == [("id", "out_of_range")] for row in rejected)


@pytest.mark.parametrize(
    "query",
    [
        "mode=all",
        "mode=",
        "mode=ATOMIC",
        "mode=atomic&mode=atomic",
        "mode=atomic&mode=partial",
        "mode=%00",
        "mode=%ff",
        "dry_run=yes",
        "dry_run=1",
        "dry_run=",
        "dry_run=True",
        "dryrun=true",
        "dry-run=true",
        "batch=1",
        "page_size=10",
        "x",
        "=",
        "%00=1",
        "mode=" + "x" * 5000,
        "header=maybe",
    ],
)
def test_an_unknown_query_value_is_refused_and_nothing_lands(api: Any, query: str) -> None:
    response = send(api, GOOD, to=f"{EMPLOYEES}?{query}")

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize("delimiter", ["", "x", "%00", ",,", "%0A", "%22", "é"])
def test_an_unknown_delimiter_is_refused(api: Any, delimiter: str) -> None:
    response = send(api, CSV, to=f"{EMPLOYEES}?delimiter={delimiter}", content_type="text/csv")

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize(
    "accept", ["application/xml", "image/png", "text/csv", "application/json; q=0", "é", ""]
)
def test_whatever_answer_is_asked_for_rows_land_and_are_answered_in_json(
    api: Any, accept: str
) -> None:
    response = send(api, GOOD, accept=accept)

    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert stored_ids() == [7]


def test_a_refused_dry_run_is_not_recorded(api: Any) -> None:
    response = send(api, b"[", to=f"{EMPLOYEES}?dry_run=true")

    assert response.status_code == 400
    assert "batch" not in response.json()
    assert Batch.objects.count() == 0


def test_a_refusal_is_recorded_with_table_source_and_user(api: Any) -> None:
    response = send(api, b"[", to=f"{EMPLOYEES}?mode=atomic")

    shown = api.get(f"/api/v1/batches/{response.json()['batch']}/").json()
    assert shown["table"] == "employees"
    assert shown["source"] == "api"
    assert shown["user"] == "administrators-user"
    assert shown["refused_code"] == "malformed_json"
    assert shown["refused_detail"] == response.json()["detail"]
    assert [shown[count] for count in ("received", "inserted", "unchanged", "rejected")] == [0] * 4


@pytest.mark.parametrize(
    "body, status, code",
    [
        pytest.param(b"", 400, "malformed_json", id="empty"),
        pytest.param(b"{", 400, "malformed_json", id="cut"),
        pytest.param(b"[]", 400, "wrong_top_level_type", id="an empty array"),
        pytest.param(b"[{}]", 400, "wrong_top_level_type", id="an array"),
        pytest.param(b"[{}, {}]", 400, "wrong_top_level_type", id="two rows"),
        pytest.param(b"null", 400, "wrong_top_level_type", id="null"),
        pytest.param(b"5", 400, "wrong_top_level_type", id="a number"),
        pytest.param(b"\xff", 400, "undecodable", id="no UTF-8"),
        pytest.param(b"[" * 200_000, 400, "too_deep", id="deep"),
        pytest.param(b'{"id": 1}', 409, "conflict", id="another id"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_bad_body_changes_no_row(
    api: Any, method: str, body: bytes, status: int, code: str
) -> None:
    send(api, GOOD)
    before = stored_employees()
    full = json.dumps(employee_row(id=1)).encode() if status == 409 else body

    response = api.generic(method, f"{EMPLOYEES}7/", full, content_type="application/json")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert stored_employees() == before


@pytest.mark.parametrize(
    "change, faults",
    [
        pytest.param({"name": ""}, [("name", "required")], id="no name"),
        pytest.param({"name": "a\x00b"}, [("name", "forbidden_character")], id="NUL"),
        pytest.param({"name": "\ud800"}, [("name", "forbidden_character")], id="lone surrogate"),
        pytest.param({"name": "x" * 256}, [("name", "too_long")], id="too long"),
        pytest.param(
            {"department_id": 999}, [("department_id", "unknown_department")], id="reference"
        ),
        pytest.param({"department_id": 2**70}, [("department_id", "out_of_range")], id="overflow"),
        pytest.param({"datetime": "now"}, [("datetime", "invalid_datetime")], id="datetime"),
        pytest.param({"id": "x"}, [("id", "not_an_integer")], id="id"),
        pytest.param({"id": None}, [("id", "required")], id="id of null"),
        pytest.param({"batch_id": 1}, [("batch_id", "unknown_field")], id="unknown field"),
        pytest.param(
            {"name": None, "job_id": 999, "x\x00": "\ud800"},
            [("name", "required"), ("job_id", "unknown_job"), (r"x\u0000", "unknown_field")],
            id="several",
        ),
    ],
)
def test_a_bad_change_lists_every_fault_and_changes_nothing(
    api: Any, change: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    send(api, GOOD)
    before = stored_employees()

    response = api.generic(
        "PATCH", f"{EMPLOYEES}7/", json.dumps(change), content_type="application/json"
    )

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert faults_of(json.loads(response.content.decode())) == faults
    assert stored_employees() == before


def test_a_key_sent_twice_changes_nothing(api: Any) -> None:
    send(api, GOOD)
    before = stored_employees()

    response = api.generic(
        "PATCH", f"{EMPLOYEES}7/", b'{"name": "A", "name": "B"}', content_type="application/json"
    )

    assert response.status_code in (400, 422)
    assert stored_employees() == before


JSON_LINES = "application/jsonlines"


def test_json_lines_are_taken_line_by_line(api: Any) -> None:
    lines = f"{employee_text()}\n\nno JSON\n{employee_text(id='8')}\n"

    response = send(api, lines, content_type=JSON_LINES)

    assert response.status_code == 207
    [rejected] = response.json()["rejected_rows"]
    assert (rejected["index"], rejected["line"]) == (1, 3)
    assert [error["code"] for error in rejected["errors"]] == ["not_an_object"]
    assert stored_ids() == [7, 8]


@pytest.mark.parametrize(
    "body, status, code",
    [
        ("", 400, "empty_batch"),
        ("\n \n", 400, "empty_batch"),
        ("1\n" * 1001, 413, "batch_too_large"),
        (b"{\xe9}", 400, "undecodable"),
        ("<html>", 400, "undecodable"),
    ],
)
def test_json_lines_that_are_no_batch_are_refused(
    api: Any, body: str | bytes, status: int, code: str
) -> None:
    response = send(api, body, content_type=JSON_LINES)

    assert_refused(response, status=status, code=code)


def test_json_lines_have_neither_delimiter_nor_header(api: Any) -> None:
    response = send(api, employee_text(), to=f"{EMPLOYEES}?header=absent", content_type=JSON_LINES)

    assert_refused(response, status=400, code="invalid_parameter")


@pytest.mark.parametrize(
    "body, content_type, line",
    [
        (f"{HEADER}\n7,Ada\n", "text/csv", 5001),
        ("7,Ada\n", "text/csv", 5000),
        ("\nno JSON\n", JSON_LINES, 5001),
        ("<html>\n", JSON_LINES, 5000),
    ],
)
def test_lines_of_a_part_of_a_file_are_lines_of_that_file(
    api: Any, body: str, content_type: str, line: int
) -> None:
    to = f"{EMPLOYEES}?first_line=5000"

    rejected = send(api, body, to=to, content_type=content_type).json()["rejected_rows"]

    assert [row["line"] for row in rejected] == [line]
    assert list(RejectedRow.objects.values_list("line", flat=True)) == [line]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1000000000"])
def test_a_first_line_is_a_line(api: Any, value: str) -> None:
    response = send(api, CSV, to=f"{EMPLOYEES}?first_line={value}", content_type="text/csv")

    assert_refused(response, status=400, code="invalid_parameter")


def test_json_has_no_first_line(api: Any) -> None:
    response = send(api, GOOD, to=f"{EMPLOYEES}?first_line=2")

    assert_refused(response, status=400, code="invalid_parameter")
