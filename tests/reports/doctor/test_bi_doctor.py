"""`bi_doctor` against the service itself, and against addresses where something is wrong."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.faults.installed import token
from tests.installation import free_port, installation
from tests.reports.doctor.fake import ROWS, FakeService, as_json, fake_service, odata

TOKEN = "the-token"


@pytest.fixture
def service() -> Iterator[FakeService]:
    with fake_service() as found:
        yield found


@pytest.fixture(autouse=True)
def with_a_token(monkeypatch: Any) -> None:
    monkeypatch.setenv("HRAPI_TOKEN", TOKEN)


def examine(address: str, *options: str) -> tuple[int, list[str]]:
    """How many checks failed, and the lines."""
    out = io.StringIO()
    failed = 0
    try:
        call_command("bi_doctor", address, *options, stdout=out)
    except CommandError as error:
        failed = int(str(error).split()[0])
    lines = out.getvalue().splitlines()
    assert failed == len([line for line in lines if line.startswith("WRONG")])
    assert TOKEN not in out.getvalue()
    return failed, lines


def only_wrong(address: str, *options: str) -> str:
    failed, lines = examine(address, *options)
    assert failed == 1, lines
    [line] = [line for line in lines if line.startswith("WRONG")]
    return line


def test_what_is_right_is_told_a_line_for_each_check(service: FakeService) -> None:
    failed, lines = examine(service.address)

    assert failed == 0
    assert [line.split(":")[0].split(maxsplit=1) for line in lines] == [
        ["ok", check]
        for check in (
            *("without login", "login", "links", "jobs as JSON", "jobs as CSV"),
            *("OData service document", "OData $metadata", "OData pages"),
        )
    ]
    assert set(service.logins) == {f"Token {TOKEN}"}


def test_with_a_user_it_logs_in_as_tools_do(service: FakeService) -> None:
    assert examine(service.address, "--user", "ada")[0] == 0
    assert set(service.logins) == {"Basic " + b64encode(f"ada:{TOKEN}".encode()).decode()}


@pytest.mark.parametrize(
    "closed, told",
    [
        ((302, {"Location": "/accounts/login/?next=/"}, ""), "Tools follow no login page"),
        ((301, {"Location": "https://hr.example.com/"}, ""), "Give tools the address with https"),
        ((400, {}, ""), "ALLOWED_HOSTS must name it"),
        ((401, {}, ""), "The 401 has no WWW-Authenticate: Basic"),
        ((401, {"WWW-Authenticate": "Bearer"}, ""), "The 401 has no WWW-Authenticate: Basic"),
        ((200, {"Content-Type": "text/html"}, "<h1>Welcome</h1>"), "It answers 200, not 401"),
        ((404, {}, ""), "Is this the address of the service"),
        ((502, {}, ""), "It answers 502, not 401"),
    ],
)
def test_what_comes_without_a_login(service: FakeService, closed: Any, told: str) -> None:
    service.closed = closed

    line = only_wrong(service.address)

    assert line.startswith("WRONG  without login: ")
    assert told in line


CATALOGUE = "/api/v1/datasets/"
JSON, CSV = f"{CATALOGUE}jobs/?format=json", f"{CATALOGUE}jobs/?format=csv"
AS_CSV = {"Content-Type": "text/csv"}
HTML = (200, {"Content-Type": "text/html"}, "<h1>Sign in</h1>")
EDM = {"Content-Type": "application/xml", "OData-Version": "4.0"}


@pytest.mark.parametrize(
    "path, reply, check, told",
    [
        (CATALOGUE, (401, {}, ""), "login", "The login is not known"),
        (CATALOGUE, HTML, "login", "The answer is text/html, not JSON"),
        (CATALOGUE, as_json([]), "login", "The user may read no dataset"),
        (CATALOGUE, (200, {"Content-Type": "application/json"}, '[{"na'), "login", "broken"),
        (JSON, HTML, "jobs as JSON", "The answer is text/html, not JSON"),
        (JSON, (500, {}, ""), "jobs as JSON", "It answers 500, not 200"),
        (JSON, (429, {}, ""), "jobs as JSON", "REPORTS_PER_MINUTE"),
        (JSON, as_json([{"id": "1", "job": "x"}]), "jobs as JSON", "id is '1', not integer"),
        (JSON, as_json([{"id": True, "job": "x"}]), "jobs as JSON", "id is True, not integer"),
        (JSON, as_json([{"id": 1, "job": None}]), "jobs as JSON", "job is None, not text"),
        (JSON, as_json([{"job": "x", "id": 1}]), "jobs as JSON", "A row has the columns job, id"),
        (JSON, as_json({"results": ROWS}), "jobs as JSON", "It is no array of rows"),
        (CSV, (200, AS_CSV, "id;job\n"), "jobs as CSV", "The header is id;job"),
        (CSV, (200, AS_CSV, ""), "jobs as CSV", "not as documented"),
        (CSV, (200, AS_CSV, "id,job\nx,y\n"), "jobs as CSV", "id is 'x', not integer"),
        (CSV, (200, AS_CSV, "id,job\n" + "1,x\n" * 9999), "jobs as CSV", "It is not compressed"),
        (CSV, (200, AS_CSV | {"ETag": '"1"'}, "id,job\n"), "jobs as CSV", "answers 200, not 304"),
        (CSV, HTML, "jobs as CSV", "It is text/html, not text/csv"),
        ("/odata/v4/", (404, {}, ""), "OData service document", "It answers 404, not 200"),
        ("/odata/v4/", as_json({}), "OData service document", "OData-Version is missing"),
        (
            "/odata/v4/",
            as_json({}, **{"OData-Version": ["4.0", "4.0"]}),
            "OData service document",
            "OData-Version is 4.0, 4.0, not once 4.0",
        ),
        (
            "/odata/v4/",
            odata({"@odata.context": "https://inside/odata/v4/$metadata", "value": []}),
            "OData service document",
            "Links lead to inside",
        ),
        ("/odata/v4/$metadata", (200, EDM, "<Edmx"), "OData $metadata", "The XML is broken"),
        ("/odata/v4/$metadata", (200, EDM, "<html/>"), "OData $metadata", "describes no entity"),
        (
            "/odata/v4/Jobs",
            odata({"value": ROWS, "@odata.nextLink": "http://inside:8000/odata/v4/Jobs"}),
            "OData pages",
            "Links lead to inside:8000",
        ),
        (
            "/odata/v4/Jobs?$skiptoken=x",
            odata({"value": ROWS[:1]}),
            "OData pages",
            "leads to no further rows",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_what_to_do(
    service: FakeService, path: str, reply: Any, check: str, told: str
) -> None:
    assert path in service.replies
    service.replies[path] = reply

    line = only_wrong(service.address)

    assert line.startswith(f"WRONG  {check}: ")
    assert told in line


@pytest.mark.parametrize(
    "inside, told",
    [
        ("http://127.0.0.1:8000", "The proxy must pass the host on"),
        ("https://", "The proxy must set X-Forwarded-Proto"),
    ],
)
def test_links_to_another_host_or_scheme(service: FakeService, inside: str, told: str) -> None:
    status, headers, body = service.replies[CATALOGUE]
    wrong = service.address.replace("http://", inside) if inside.endswith("//") else inside
    service.replies[CATALOGUE] = (status, headers, body.replace(service.address, wrong))

    line = only_wrong(service.address)

    assert line.startswith("WRONG  links: ")
    assert told in line


def test_only_the_datasets_that_are_asked_for_are_read(service: FakeService) -> None:
    service.replies[JSON] = HTML

    assert "There is no hires for this user" in only_wrong(service.address, "--dataset=hires")


def test_nobody_answers() -> None:
    assert "It cannot be reached" in only_wrong(f"http://127.0.0.1:{free_port()}")


def test_there_is_no_tls(service: FakeService) -> None:
    line = only_wrong(service.address.replace("http:", "https:"))

    assert "TLS fails" in line


@pytest.mark.parametrize(
    "address", ["hr.example.com", "ftp://x/", "https://ada:secret@x/", "http://[", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CommandError, match="argument URL"):
        call_command("bi_doctor", address)


def test_without_a_token_nothing_is_asked(service: FakeService, monkeypatch: Any) -> None:
    monkeypatch.setenv("HRAPI_TOKEN", "")

    with pytest.raises(CommandError, match="Set HRAPI_TOKEN"):
        call_command("bi_doctor", service.address)
    assert service.logins == []


def test_the_service_itself_is_right() -> None:
    with installation() as installed:
        installed.hold()
        assert installed.manage("quickstart", "--prepare-only").code == 0
        secret = token(installed)
        with installed.serving() as port:
            address = f"http://127.0.0.1:{port}"
            right = installed.manage("bi_doctor", address, "--user=sender", HRAPI_TOKEN=secret)
            other = installed.manage("bi_doctor", address, "--user=sender", HRAPI_TOKEN="0" * 64)

    assert secret not in right.output + right.errors
    assert (other.code, len(other.output.splitlines())) == (1, 2)
    assert "WRONG  login: The login is not known" in other.output
    lines = right.output.splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert len([line for line in lines if "OData" not in line]) == 3 + 2 * 9
    assert len(lines) == 3 + 2 * 9 + 3
    assert right.code == 0
    assert "304 when unchanged" in right.output
    assert ", gzip, " in right.output
