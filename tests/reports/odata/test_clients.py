"""python-odata, which knows nothing of this service, reads it as it runs in production."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from reports.datasets.registry import all_datasets
from tests.faults.installed import service, token
from tests.installation import Installation

with warnings.catch_warnings():
    # Its own, about a library that it uses.
    warnings.simplefilter("ignore")
    from odata import ODataService
    from odata.exceptions import ODataError

pytestmark = pytest.mark.slow

EMPLOYEES = 12_345
"""More than a page."""


@dataclass(frozen=True)
class Reader:
    installed: Installation
    address: str
    token: str

    def connect(self) -> Any:
        return ODataService(
            f"{self.address}/odata/v4",
            reflect_entities=True,
            auth=("sender", self.token),
            quiet_progress=True,
        )

    def json(self, name: str) -> Any:
        response = requests.get(
            f"{self.address}/api/v1/datasets/{name}/", auth=("sender", self.token), timeout=60
        )
        return json.loads(response.content)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with service(employees=EMPLOYEES) as installed, installed.serving() as port:
        yield Reader(installed, f"http://127.0.0.1:{port}", token(installed))


@pytest.fixture(scope="module")
def client(reader: Reader) -> Any:
    return reader.connect()


def plain(value: Any) -> Any:
    return (
        value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, datetime)
        else value
    )


def test_every_set_is_read_to_its_end(reader: Reader, client: Any) -> None:
    assert set(client.entities) == {dataset.set_name for dataset in all_datasets()}

    for dataset in all_datasets():
        entity = client.entities[dataset.set_name]
        names = [column.name for column in dataset.columns]
        found = client.query(entity).all()
        rows = [{name: plain(getattr(each, name)) for name in names} for each in found]
        expected = reader.json(dataset.name)
        assert sorted(rows, key=str) == sorted(expected, key=str)
        assert client.query(entity).count() == len(expected)


def test_a_client_filters_orders_and_takes_a_part(reader: Reader, client: Any) -> None:
    employee = client.entities["Employees"]
    query = client.query(employee)
    query = query.filter(employee.datetime >= datetime(2021, 1, 5, tzinfo=UTC))
    query = query.filter(employee.name.startswith("Old a")).filter(employee.department_id != 7)
    found = query.order_by(employee.name.desc(), employee.id.asc()).offset(3).limit(40).all()

    expected = sorted(
        (
            row for row in reader.json("employees")
            if row["datetime"] >= "2021-01-05" and row["name"].startswith("Old a")
            and row["department_id"] != 7
        ),
        key=lambda row: row["name"], reverse=True,
    )  # fmt: skip
    assert [each.id for each in found] == [row["id"] for row in expected[3:43]]
    assert len(found) == 40


def test_a_client_finds_one_entity(client: Any) -> None:
    hires = client.entities["Hires"]
    employee = client.query(client.entities["Employees"]).get(77)

    assert employee.name.startswith("Old ")
    one = client.query(hires).get(
        year=2021, month=1, department_id=employee.department_id, job_id=employee.job_id
    )
    assert one.hires > 0


def test_a_client_is_told_what_is_wrong(client: Any) -> None:
    employee = client.entities["Employees"]

    with pytest.raises(ODataError, match="invalid_parameter") as caught:
        client.query(employee).filter("colour eq 1").all()
    assert caught.value.message == "$filter: there is no property 'colour'."
    with pytest.raises(ODataError, match="401"):
        client.create_context(auth=("sender", "wrong")).query(employee).all()


def test_a_page_that_asks_again_and_again_is_followed_to_its_end(reader: Reader) -> None:
    """As Power Query reads: by the links alone, with the names of both versions of OData."""
    session = requests.Session()
    session.auth = ("sender", reader.token)
    session.headers.update(
        {
            "Accept": "application/json;odata.metadata=minimal;q=1.0,application/atom+xml;q=0.8",
            "OData-MaxVersion": "4.0",
            "MaxDataServiceVersion": "3.0;NetFx",
            "Prefer": "odata.maxpagesize=5000",
        }
    )
    address: str | None = (
        f"{reader.address}/odata/v4/Employees?$orderby=department,name desc&$count=true"
    )
    sizes = []
    seen = set()
    while address:
        response = session.get(address, timeout=60)
        page = response.json()
        assert response.headers["OData-Version"] == "4.0"
        assert response.headers["Content-Encoding"] == "gzip"
        assert page["@odata.count"] == EMPLOYEES
        sizes.append(len(page["value"]))
        seen |= {row["id"] for row in page["value"]}
        address = page.get("@odata.nextLink")
        assert address is None or re.match(rf"{reader.address}/odata/v4/Employees\?", address)

    assert sizes == [5000, 5000, EMPLOYEES - 10_000]
    assert len(seen) == EMPLOYEES
