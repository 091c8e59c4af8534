"""How tools are connected: what the page says is true, and only what the reader may read is on it."""

from __future__ import annotations

import json
import subprocess
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars
import pytest
from django.test import Client

from reports.connecting.tools import Reader, curl_command, odata_query, polars_code, tools_for
from reports.datasets.registry import all_datasets, get_dataset
from tests.faults.installed import token
from tests.installation import installation
from tests.web_pages.people import ACCEPT, Person

ADDRESS = "/connect/"
LOG = {"rejections", "rejected-rows"}


def names_on(page: Any) -> set[str]:
    return {
        link.removeprefix(ADDRESS).removesuffix(".odc") for link in page.links if ".odc" in link
    }


@pytest.mark.django_db
def test_each_reader_finds_the_datasets_that_may_be_read() -> None:
    everything = {dataset.name for dataset in all_datasets()}

    assert names_on(Person("stewards").open(ADDRESS)) == everything
    assert names_on(Person("readers").open(ADDRESS)) == everything - LOG
    nobody = Person("").open(ADDRESS)
    assert names_on(nobody) == set()
    assert "You may not read any dataset yet" in nobody.text


@pytest.mark.django_db
def test_every_link_leads_somewhere() -> None:
    person = Person("stewards")

    links = set(person.open(ADDRESS).links)

    assert len(links) > 3 * len(all_datasets())
    for link in sorted(links - {"#main"}):
        response = person.client.get(link, headers={"accept": ACCEPT})
        assert response.status_code == 200, link


@pytest.mark.django_db
def test_names_are_in_another_view_and_for_who_may_see_them() -> None:
    assert "reporting.employees" in Person("readers").open(ADDRESS).text
    assert "reporting_names.employees" not in Person("readers").open(ADDRESS).text
    assert "reporting_names.employees" in Person("name_readers").open(ADDRESS).text


@pytest.mark.django_db
@pytest.mark.parametrize("forwarded, scheme", [("", "http"), ("https", "https")])
def test_addresses_are_those_of_the_reader(settings: Any, forwarded: str, scheme: str) -> None:
    settings.ALLOWED_HOSTS = ["hr.example.com"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = Client(headers={"host": "hr.example.com:8443", "x-forwarded-proto": forwarded})
    client.force_login(Person("readers").user)
    root = f"{scheme}://hr.example.com:8443/"

    page = client.get(ADDRESS).content.decode()
    pbids = json.loads(client.get(f"{ADDRESS}hiring-data.pbids").content)

    assert f"{root}odata/v4/" in page
    assert f"{root}api/v1/datasets/hires/?format=csv" in unescape(page)
    assert "//testserver" not in page
    assert pbids == {
        "version": "0.1",
        "connections": [
            {
                "details": {"protocol": "odata", "address": {"url": f"{root}odata/v4/"}},
                "options": {},
                "mode": "Import",
            }
        ],
    }


@pytest.mark.django_db
def test_the_file_for_excel_holds_the_query() -> None:
    response = Person("readers").client.get(f"{ADDRESS}hires.odc")

    assert response["Content-Type"] == "text/x-ms-odc; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="hires.odc"'
    document = ElementTree.fromstring(response.content)
    [mashup] = document.iter("{urn:schemas-microsoft-com:office:odc}PowerQueryMashupData")
    [formula] = ElementTree.fromstring(mashup.text or "").iter(
        "{http://schemas.microsoft.com/DataMashup}Formula"
    )
    reader = Reader("http://testserver/", "anybody")
    assert formula.text == odata_query(reader, get_dataset("hires"))


@pytest.mark.django_db
def test_a_file_of_what_may_not_be_read_is_refused() -> None:
    client = Person("readers").client

    assert client.get(f"{ADDRESS}rejections.odc").status_code == 403
    assert client.get(f"{ADDRESS}nothing.odc").status_code == 404
    assert client.post(ADDRESS).status_code in (403, 405)


@pytest.mark.django_db
def test_the_query_for_grafana_has_the_columns_of_the_dataset() -> None:
    dataset = get_dataset("rejections")
    reader = Reader("https://hr.example.com/", 'a"b')

    snippets = {
        snippet.what: snippet.text
        for tool in tools_for(reader, dataset, dataset.columns)
        for snippet in tool.snippets
    }

    query = json.loads(snippets["A query of a panel"])
    assert query["url"] == "https://hr.example.com/api/v1/datasets/rejections/?format=json"
    assert [(c["selector"], c["type"]) for c in query["columns"]] == [
        ("date", "timestamp"),
        ("table", "string"),
        ("code", "string"),
        ("rejected", "number"),
        ("open", "number"),
    ]
    assert (
        r'basicAuthUser: "a\"b"' in snippets["The data source, as a file of Grafana's provisioning"]
    )


def test_what_the_page_says_of_curl_and_polars_works(tmp_path: Path, monkeypatch: Any) -> None:
    with installation() as service:
        service.hold()
        assert service.manage("quickstart", "--prepare-only").code == 0
        monkeypatch.setenv("HRAPI_TOKEN", token(service))
        monkeypatch.chdir(tmp_path)
        [(expected,)] = service.query("SELECT sum(hires) FROM reporting.hires")
        with service.serving() as port:
            reader = Reader(f"http://127.0.0.1:{port}/", "admin")
            found: dict[str, Any] = {}
            exec(polars_code(reader, get_dataset("hires")), found)
            command = curl_command(reader, get_dataset("hires"))
            done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert found["rows"]["hires"].sum() == expected > 0
    assert polars.read_csv(tmp_path / "hires.csv").equals(found["rows"])
