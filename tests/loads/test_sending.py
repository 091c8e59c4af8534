"""Sending a file: what is refused, whole or not at all, once however often it is sent."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client, RequestFactory
from django_tasks_db.models import DBTaskResult

from departments.models import Department
from hrapi.api.problems import ProblemError
from hrapi.ingestion.models import Batch, KeptAnswer
from hrapi.loads.models import Load, LoadPart
from hrapi.loads.uploads import receive_form
from tests.loads.sending import DEPARTMENTS, LOADS, kept, loaded, send_file, work_off
from tests.problem_bodies import assert_problem

MULTIPART = "multipart/form-data; boundary=XX"
FORM = (
    b'--XX\r\nContent-Disposition: form-data; name="table"\r\n\r\ndepartments\r\n'
    b'--XX\r\nContent-Disposition: form-data; name="file"; filename="d.csv"\r\n'
    b"Content-Type: text/csv\r\n\r\n1,Sales\n2,Law and Order\n\r\n--XX--\r\n"
)


def send(client: Any, body: bytes, content_type: str = MULTIPART, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.generic("POST", LOADS, body, content_type=content_type, headers=named)


def part(name: str, value: str, more: str = "") -> bytes:
    return (
        f'--XX\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'.encode()
    )


FILE = part("file", "1,Sales", '; filename="d.csv"')


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"table": ""}, "table: it is missing"),
        ({"table": "cats"}, "table: 'cats' is not known. Choose one of departments, jobs, employees."),
        ({"format": "xlsx"}, "format: 'xlsx' is not known. Choose one of csv, jsonl."),
        ({"header": "yes"}, "header: 'yes' is not known."),
        ({"mode": "all"}, "mode: 'all' is not known. Choose one of partial, atomic."),
        ({"dry_run": "1"}, "dry_run: '1' is not known. Choose one of false, true."),
        ({"force": "yes"}, "force: 'yes' is not known. Choose one of false, true."),
        ({"delimiter": "::"}, "'::' is not a delimiter"),
        ({"encoding": "klingon"}, "'klingon' is not a text encoding"),
        ({"encoding": "x" * 41}, "encoding: no encoding has so long a name."),
        ({"colour": "red"}, "There is no field 'colour' here. Known are: table, file, format,"),
        ({"format": "jsonl", "delimiter": ","}, "delimiter and header are for CSV"),
        ({"name": "d.jsonl", "header": "present"}, "delimiter and header are for CSV"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_by_its_name(api: Any, fields: dict[str, str], said: str) -> None:
    problem = assert_problem(send_file(api, **fields), 400, "invalid_parameter")  # type: ignore[arg-type]

    assert said in problem["detail"]
    assert kept() == (0, 0)
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "body, said",
    [
        pytest.param(FILE, "table: it is missing", id="no table"),
        pytest.param(part("table", "jobs"), "file: send the file", id="no file"),
        pytest.param(
            part("table", "jobs") + part("file", "1,A"), "no field 'file'", id="a file as a text"
        ),
        pytest.param(
            part("table", "jobs") + part("file", "", '; filename=""'), "file: send", id="no name"
        ),
        pytest.param(part("table", "jobs") * 2 + FILE, "table: the form has it twice", id="twice"),
        pytest.param(part("table", "jobs") + FILE * 2, "file: the form has it twice", id="2 files"),
        pytest.param(
            part("table", "jobs") + FILE + part("data", "1", '; filename="x"'),
            "There is no field 'data' here",
            id="another file",
        ),
        pytest.param(
            FILE + part("table", "jobs", '; filename="x"'), "only `file` as a file", id="file table"
        ),
    ],
)
def test_a_form_with_other_parts_is_refused(api: Any, body: bytes, said: str) -> None:
    problem = assert_problem(send(api, body + b"--XX--\r\n"), 400, "invalid_parameter")

    assert said in problem["detail"] or "file: send the file" in problem["detail"]
    assert kept() == (0, 0)


@pytest.mark.parametrize("query", ["?table=jobs", "?force=true", "?mode=atomic"])
def test_options_in_the_address_are_refused(api: Any, query: str) -> None:
    response = api.generic("POST", LOADS + query, FORM, content_type=MULTIPART)

    assert_problem(response, 400, "invalid_parameter")
    assert kept() == (0, 0)


@pytest.mark.parametrize("name", ["identity", " IDENTITY ", ""])
def test_a_form_may_name_no_encoding(api: Any, name: str) -> None:
    assert send(api, FORM, MULTIPART, content_encoding=name).status_code == 202


@pytest.mark.parametrize(
    "content_type, headers, code",
    [
        ("text/csv", {}, "unsupported_media_type"),
        ("application/json", {}, "unsupported_media_type"),
        ("application/x-www-form-urlencoded", {}, "unsupported_media_type"),
        ("", {}, "unsupported_media_type"),
        (MULTIPART, {"content_encoding": "gzip"}, "unsupported_media_type"),
        ("multipart/form-data", {}, "undecodable"),
        ("multipart/form-data; boundary=ü", {}, "undecodable"),
    ],
)
def test_what_is_no_form_is_refused(
    api: Any, content_type: str, headers: dict[str, str], code: str
) -> None:
    status = 415 if code == "unsupported_media_type" else 400

    assert_problem(send(api, FORM, content_type, **headers), status, code)
    page = send(api, FORM, content_type, accept="text/html", **headers)

    assert page.status_code == status
    assert page["Content-Type"].startswith("text/html")
    assert kept() == (0, 0)


def test_a_form_that_was_cut_anywhere_is_refused_and_keeps_nothing(api: Any) -> None:
    for length in range(len(FORM) - len(b"--\r\n") + 1):
        assert_problem(send(api, FORM[:length]), 400, "undecodable")

    assert kept() == (0, 0)
    assert send(api, FORM).status_code == 202


@pytest.mark.parametrize("chunk", [1, 3, 7, 64])
def test_the_end_of_a_form_is_found_wherever_chunks_begin(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hrapi.loads.uploads._FileHandler.chunk_size", chunk)

    sent = request(FORM)
    form = receive_form(sent)

    assert form.fields == {"table": "departments"}
    [file] = form.files.values()
    content = b"1,Sales\n2,Law and Order\n"
    assert (file.name, file.content.read()) == ("d.csv", content)
    assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    sent.close()


def test_fewer_bytes_than_announced_are_refused() -> None:
    with pytest.raises(ProblemError, match=f"{len(FORM)} of the {len(FORM) + 10} bytes"):
        receive_form(request(FORM, length=len(FORM) + 10))


def request(body: bytes, *, length: int | None = None) -> Any:
    from django.core.handlers.wsgi import WSGIRequest

    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST",
        CONTENT_TYPE=MULTIPART,
        CONTENT_LENGTH=str(length or len(body)),
        **{"wsgi.input": io.BytesIO(body)},
    )
    return WSGIRequest(environ)


@pytest.mark.parametrize("over", [0, 1])
def test_a_file_may_have_as_many_bytes_as_the_limit_says(
    api: Any, settings: Any, over: int
) -> None:
    settings.MAX_LOAD_BYTES = 2_000_000

    response = send_file(api, b"1,Sales\n" * 250_000 + b"\n" * over)

    if over:
        problem = assert_problem(response, 413, "body_too_large")
        assert "more than 2,000,000 bytes" in problem["detail"]
        assert kept() == (0, 0)
    else:
        assert response.status_code == 202
        assert kept() == (1, 2)


def test_a_body_far_over_the_limit_is_refused_unread(api: Any, settings: Any) -> None:
    settings.MAX_LOAD_BYTES = 1_000

    assert_problem(send_file(api, b"1,Sales\n" * 100_000), 413, "body_too_large")
    assert kept() == (0, 0)


def test_a_file_may_be_larger_than_other_bodies(api: Any, settings: Any) -> None:
    settings.MAX_BODY_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000

    assert send_file(api, b"1,Sales\n" * 10_000).status_code == 202


def test_the_same_file_again_is_answered_with_its_load(api: Any) -> None:
    first = send_file(api)
    again = send_file(api, name="other name.csv")

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert kept() == (1, 1)
    work_off()
    finished = send_file(api)
    assert finished.status_code == 200
    assert (finished.json()["id"], finished.json()["state"]) == (first.json()["id"], "finished")
    assert kept() == (1, 0)
    assert Batch.objects.count() == 1


def test_the_same_file_for_another_table_is_another_load(api: Any) -> None:
    assert send_file(api, b"1,Sales\n").status_code == 202
    assert send_file(api, b"1,Sales\n", table="jobs").status_code == 202


def test_with_force_the_same_file_is_loaded_again(api: Any) -> None:
    first = loaded(api)
    second = loaded(api, force="true")

    assert second["id"] != first["id"]
    assert (second["inserted"], second["unchanged"], second["rejected"]) == (0, 2, 1)
    assert send_file(api).json()["id"] == first["id"]


def test_a_failed_load_is_no_answer(api: Any) -> None:
    failed = loaded(api, b"1,Caf\xe9\n")

    assert failed["state"] == "failed"
    assert loaded(api, b"1,Caf\xe9\n", encoding="cp1252")["state"] == "finished"


def test_a_dry_run_is_no_answer_and_is_always_done(api: Any) -> None:
    first, second = loaded(api, dry_run="true"), loaded(api, dry_run="true")
    real = loaded(api)
    third = loaded(api, dry_run="true")

    assert len({load["id"] for load in (first, second, real, third)}) == 4
    assert (first["inserted"], second["inserted"], third["unchanged"]) == (2, 2, 2)


def test_two_that_send_the_same_file_at_the_same_moment_share_one_load(api: Any) -> None:
    answers: list[Any] = []
    start = threading.Barrier(6)

    def send_it() -> None:
        start.wait()
        try:
            answers.append(send_file(api, DEPARTMENTS * 50_000))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Load.objects.count() == 1
    assert DBTaskResult.objects.count() == 1


def test_with_an_idempotency_key_a_file_is_sent_once(api: Any) -> None:
    key = {"Idempotency-Key": "k-1"}

    first = send_file(api, headers=key, force="true")
    again = send_file(api, headers=key, force="true")
    other = send_file(api, b"1,Other\n", headers=key, force="true")

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert_problem(other, 422, "idempotency_mismatch")
    assert kept() == (1, 1)
    assert send_file(api, headers={"Idempotency-Key": "k-2"}, force="true").status_code == 202
    assert kept() == (2, 2)


def test_a_refused_form_with_a_key_can_be_sent_again(api: Any) -> None:
    key = {"Idempotency-Key": "k-1"}

    assert_problem(send_file(api, headers=key, mode="all"), 400, "invalid_parameter")
    assert_problem(send(api, FORM[:-20], idempotency_key="k-1"), 400, "undecodable")

    assert not KeptAnswer.objects.exists()
    assert send_file(api, headers=key).status_code == 202


@pytest.mark.parametrize("group", ["", "readers"])
def test_whoever_may_add_no_rows_may_send_no_file(client_of: Any, group: str) -> None:
    client = client_of(group)

    assert_problem(send_file(client), 403, "permission_denied")
    assert_problem(client.get(LOADS), 403, "permission_denied")
    assert_problem(client.get(f"{LOADS}1/"), 403, "permission_denied")
    assert kept() == (0, 0)


def test_whoever_may_add_rows_to_one_table_may_send_files_for_that_one(client_of: Any) -> None:
    client = client_of("")
    user = User.objects.get(username="nobody-user")
    user.user_permissions.add(Permission.objects.get(codename="add_job"))

    assert_problem(send_file(client), 403, "permission_denied")
    assert kept() == (0, 0)
    assert send_file(client, b"1,Cook\n", table="jobs").status_code == 202


def test_nobody_sends_a_file_without_logging_in() -> None:
    assert_problem(send_file(Client()), 401, "not_authenticated")


@pytest.mark.parametrize("in_header", [True, False])
def test_the_session_of_a_browser_needs_its_csrf_token(client_of: Any, in_header: bool) -> None:
    user = client_of("loaders").handler._force_user
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    browser.cookies["csrftoken"] = token = "a" * 32
    fields = {"table": "departments", "file": SimpleUploadedFile("d.csv", DEPARTMENTS)}
    wanted: dict[str, Any] = (
        {"data": fields, "headers": {"x-csrftoken": token}}
        if in_header
        else {"data": {"csrfmiddlewaretoken": token} | fields}
    )

    without = browser.post(LOADS, fields)
    fields["file"].seek(0)  # type: ignore[attr-defined]
    cut = send(browser, FORM[:-20], x_csrftoken=token)
    with_it = browser.post(LOADS, **wanted)

    assert_problem(without, 403, "permission_denied")
    assert_problem(cut, 400, "undecodable")
    assert with_it.status_code == 202
    assert bytes(LoadPart.objects.get().data) == DEPARTMENTS
    work_off()
    assert Department.objects.count() == 2


@pytest.mark.parametrize(
    "sent, shown",
    [
        ("C:\\data\\hired.csv", "hired.csv"),
        ("../../etc/passwd", "passwd"),
        ("Mitarbeiter – Köln.csv", "Mitarbeiter – Köln.csv"),
        ("a\tb.csv", "ab.csv"),
    ],
)
def test_the_name_of_the_file_is_its_last_part(api: Any, sent: str, shown: str) -> None:
    body = part("table", "jobs") + part("file", "1,A", f'; filename="{sent}"') + b"--XX--\r\n"

    response = send(api, body)

    assert response.json()["file_name"] == shown
