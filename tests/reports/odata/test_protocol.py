"""What real clients trip over: headers, media types, versions, methods, links, errors."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from reports.datasets.reading import readable_datasets
from tests.factories import DepartmentFactory
from tests.problem_bodies import assert_problem
from tests.reports.odata.asking import CONTENT_TYPE, ROOT, ask, body, refused

pytestmark = pytest.mark.django_db

POWER_QUERY = (
    "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,"
    "application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7"
)
ATOM_FIRST = "application/atomsvc+xml,application/atom+xml,application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JSON_ADDRESSES = ["", "Departments", "Departments(1)", "HiresStatistics"]


@pytest.fixture(autouse=True)
def department() -> None:
    DepartmentFactory(id=1, department="Law")


@pytest.mark.parametrize("accept", [POWER_QUERY, ATOM_FIRST, BROWSER, "*/*", "text/html", ""])
@pytest.mark.parametrize("address", JSON_ADDRESSES)
def test_the_answer_is_json_whatever_is_rather_taken(api: Any, address: str, accept: str) -> None:
    response = ask(api, address, headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == CONTENT_TYPE
    assert response["OData-Version"] == "4.0"
    assert response.json()["@odata.context"].startswith("http://testserver/odata/v4/$metadata")


@pytest.mark.parametrize("accept", ["application/json", POWER_QUERY, "*/*"])
def test_metadata_are_xml_even_for_who_takes_json(api: Any, accept: str) -> None:
    response = ask(api, "$metadata", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml;charset=utf-8"
    assert response["OData-Version"] == "4.0"
    assert response.content.startswith(b"<?xml")


@pytest.mark.parametrize(
    "accept, metadata, rest",
    [
        ("application/json;odata.metadata=none", "none", ""),
        ("application/json;odata.metadata=full", "minimal", ""),
        ("application/json;IEEE754Compatible=true", "minimal", ";IEEE754Compatible=true"),
        (
            "application/json;q=0.1,application/json;odata.metadata=none;q=0.5",
            "none",
            "",
        ),
        ("application/json;odata.metadata=none;q=x,application/json", "minimal", ""),
    ],
)
def test_the_answer_says_which_kind_of_json_it_is(
    api: Any, accept: str, metadata: str, rest: str
) -> None:
    response = ask(api, "Departments", headers={"accept": accept}, count="true")

    assert (
        response["Content-Type"]
        == f"application/json;odata.metadata={metadata}{rest};charset=utf-8"
    )
    assert ("@odata.context" in response.json()) == (metadata != "none")
    one: Any = "1" if rest else 1
    assert response.json()["@odata.count"] == one
    assert response.json()["value"] == [{"id": one, "department": "Law"}]


def test_a_format_in_the_address_counts_more_than_accept(api: Any) -> None:
    assert ask(api, "Departments", format="json").status_code == 200
    none = "application/json;odata.metadata=none"
    assert "@odata.context" not in ask(api, "Departments", format=none).json()
    assert ask(api, "$metadata", format="xml").status_code == 200
    assert "choose json" in refused(api, "Departments", 501, format="atom")
    assert "choose xml" in refused(api, "$metadata", 501, format="json")


@pytest.mark.parametrize("version", ["4.0", "4.01", " 4.0;NetFx", "5.0"])
@pytest.mark.parametrize("address", ["", "$metadata", "Departments", "Departments/$count"])
def test_clients_of_this_version_are_answered(api: Any, address: str, version: str) -> None:
    headers = {"odata-maxversion": version, "maxdataserviceversion": "3.0;NetFx"}

    assert ask(api, address, headers=headers).status_code == 200


@pytest.mark.parametrize("version", ["3.0", "2.0;NetFx", "x", ""])
@pytest.mark.parametrize("address", ["", "$metadata", "Departments", "Departments/$count"])
def test_clients_of_an_older_version_are_refused(api: Any, address: str, version: str) -> None:
    response = ask(api, address, headers={"odata-maxversion": version})

    assert "OData-MaxVersion" in assert_problem(response, 400, "invalid_parameter")["detail"]


@pytest.mark.parametrize(
    "address", ["", "$metadata", "Departments", "Departments(1)", "Jobs/$count"]
)
def test_nothing_is_changed_here(api: Any, address: str) -> None:
    for method in ("post", "put", "patch", "delete"):
        response = getattr(api, method)(ROOT + address, {"id": 2}, format="json")
        assert_problem(response, 405, "method_not_allowed")
        assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "address", ["", "$metadata", "Departments", "Departments(1)", "Jobs/$count"]
)
def test_a_head_has_the_headers_of_the_answer(api: Any, address: str) -> None:
    names = ("Content-Type", "OData-Version", "Rejected-Rows-Open")
    answer, head = api.get(ROOT + address), api.head(ROOT + address)

    assert head.status_code == 200
    assert head.content == b""
    assert [head.get(name) for name in names] == [answer.get(name) for name in names]


def test_the_service_document_names_the_sets_that_one_may_read(client_of: Any) -> None:
    for group in ("stewards", "readers", ""):
        client = client_of(group)
        document = body(client, "")
        names = [dataset.set_name for dataset in readable_datasets(client.handler._force_user)]
        assert document["value"] == [
            {"name": name, "kind": "EntitySet", "url": name} for name in names
        ]
        for name in names:
            assert ask(client, name).status_code == 200
        assert ("RejectedRows" in names) == (group == "stewards")
        assert bool(names) == bool(group)


def test_the_address_works_without_its_slash(api: Any) -> None:
    assert api.get("/odata/v4").json() == body(api, "")


@pytest.mark.parametrize("address", ["", "$metadata", "Employees", "Employees(1)", "Hires/$count"])
def test_who_shows_no_credentials_is_asked_for_them(address: str) -> None:
    response = APIClient().get(ROOT + address)

    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Basic realm="Hiring data"'


def test_links_are_those_of_the_public_host(api: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["hr.example.com"]
    DepartmentFactory(id=2)

    response = api.get(
        f"{ROOT}Departments", headers={"host": "hr.example.com", "prefer": "odata.maxpagesize=1"}
    )

    page = response.json()
    assert page["@odata.context"] == "http://hr.example.com/odata/v4/$metadata#Departments"
    assert page["@odata.nextLink"].startswith("http://hr.example.com/odata/v4/Departments?")


def test_the_context_tells_what_was_selected(api: Any) -> None:
    context = "http://testserver/odata/v4/$metadata#Departments"

    assert body(api, "Departments")["@odata.context"] == context
    assert body(api, "Departments", select="*")["@odata.context"] == context
    assert body(api, "Departments", select="id")["@odata.context"] == f"{context}(id)"
    assert body(api, "Departments(1)")["@odata.context"] == f"{context}/$entity"
    assert body(api, "Departments(1)", select="id")["@odata.context"] == f"{context}(id)/$entity"


@pytest.mark.parametrize(
    "option", ["$expand", "$search", "$apply", "$compute", "$levels", "$skipToken", "$x", "@p1"]
)
def test_other_options_are_not_supported(api: Any, option: str) -> None:
    for address in ("Departments", "Departments(1)", "Departments/$count", ""):
        response = api.get(ROOT + address, {option: "x"})
        assert option in assert_problem(response, 501, "not_supported")["detail"]


def test_requests_are_sent_one_by_one(api: Any) -> None:
    address = f"{ROOT}$batch"

    for sent, content_type in (("{}", "application/json"), ("--x", "multipart/mixed; boundary=x")):
        response = api.post(address, sent, content_type=content_type)
        assert "one by one" in assert_problem(response, 501, "not_supported")["detail"]
    assert_problem(api.get(address), 405, "method_not_allowed")
    assert_problem(APIClient().post(address), 401, "not_authenticated")


@pytest.mark.parametrize(
    "text", ["id add 1", "id mod 2 desc", "-id", "id div 2,id", "length(department)", "a/b"]
)
def test_orders_by_expressions_are_not_supported(api: Any, text: str) -> None:
    assert "by properties only" in refused(api, "Departments", 501, orderby=text)


@pytest.mark.parametrize("name", ["filter", "top", "format", "page_size", "colour"])
def test_a_parameter_that_is_none_is_refused(api: Any, name: str) -> None:
    for address in ("", "$metadata", "Departments", "Departments(1)", "Departments/$count"):
        response = api.get(ROOT + address, {name: "1"})
        assert name in assert_problem(response, 400, "invalid_parameter")["detail"]


@pytest.mark.parametrize("address", ["", "$metadata", "Departments(1)"])
def test_options_of_sets_are_refused_elsewhere(api: Any, address: str) -> None:
    assert "no meaning" in refused(api, address, filter="true")
    assert "no meaning" in refused(api, address, top="1")


def test_an_option_that_is_there_twice_or_no_text_is_refused(api: Any) -> None:
    for query in ("$top=1&$top=2", "$filter=true&%24filter=true", "$filter=department eq '%ff'"):
        response = api.get(f"{ROOT}Departments?{query}")
        assert_problem(response, 400, "invalid_parameter")


def test_what_goes_wrong_is_told_as_odata_has_it(
    api: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    import reports.odata.reading

    assert_problem(api.get(f"{ROOT}Nothing"), 404, "not_found")
    assert_problem(api.get("/odata/nothing", headers={"accept": BROWSER}), 404, "not_found")
    settings.ALLOWED_HOSTS = ["hr.example.com"]
    assert_problem(api.get(ROOT), 400, "invalid_parameter")
    settings.ALLOWED_HOSTS = ["testserver"]
    for fault, status, code in (
        (OperationalError("x"), 503, "service_unavailable"),
        (RuntimeError("x"), 500, "internal_error"),
    ):

        def fail(*args: Any, fault: Exception = fault) -> Any:
            raise fault

        monkeypatch.setattr(reports.odata.reading, "fetch", fail)
        response = ask(api, "Departments")
        assert_problem(response, status, code)
    settings.REPORTS_PER_MINUTE = 1
    assert_problem(ask(api, "Departments"), 429, "throttled")


def test_who_may_not_read_a_set_is_told_so(client_of: Any) -> None:
    client = client_of("readers")

    for address in ("RejectedRows", "RejectedRows(1)", "RejectedRows/$count"):
        assert_problem(ask(client, address), 403, "permission_denied")


def test_what_is_not_supported_is_no_fault_in_the_log(
    api: Any, caplog: pytest.LogCaptureFixture
) -> None:
    refused(api, "Departments", 501, expand="x")

    assert caplog.records == []
