"""Every address of the URL conf is read, in every form, by who may do everything but see names: none comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.test import Client

from hrapi.ingestion.models import Batch, RejectedRow
from hrapi.loads.models import Load
from tests.api.addresses import all_addresses
from tests.api.documented import assert_documented, the_document
from tests.names.canary import HTML, STORED, holds_name, kept

# By whom a name may be seen, it is seen there: the walk looks where there is something to see.
SHOW_NAMES = {
    "/",
    "/admin/ingestion/batch/",
    "/admin/ingestion/batch/1/change/",
    "/admin/ingestion/rejectedrow/1/change/",
    "/api/v1/batches/",
    "/api/v1/batches/1/",
    "/api/v1/batches/1/rejected-rows.csv",
    "/api/v1/datasets/employees/",
    "/api/v1/employees/",
    "/api/v1/employees/1/",
    "/api/v1/employees/1/trace/",
    "/api/v1/loads/",
    "/api/v1/loads/1/",
    "/api/v1/loads/1/rejected-rows.csv",
    "/api/v1/rejected-rows.csv",
    "/api/v1/rejected-rows/",
    "/api/v1/rejected-rows/1/",
    "/batches/1/",
    "/dashboard/",
    "/odata/v4/Employees",
    "/rejected-rows.csv",
    "/rejected-rows/",
    "/rejected-rows/1/",
}
JSON = "application/json"
OF_TABLE = "?table=employees&status=all"


def forms_of(pattern: str) -> list[tuple[str, str]]:
    """Queries and media types in which the address is read."""
    if pattern.startswith("/admin/"):
        return [("", HTML)]
    if pattern.startswith("/odata/"):
        return [("", JSON), ("?$filter=true", HTML)]
    if not pattern.startswith("/api/"):
        return [("", HTML), (OF_TABLE, HTML)]
    if pattern.endswith(".csv"):
        return [("", JSON), ("?table=employees", JSON)]
    return (
        [("", JSON)] if "/schema/" in pattern else [("", JSON), ("", HTML), ("?format=csv", JSON)]
    )


def addresses_of(pattern: str) -> Iterator[str]:
    """The address with each id that there is, in place of 1."""
    ids = {
        "batch": Batch.objects,
        "load": Load.objects,
        "rejected-?row": RejectedRow.objects,
    }
    if "/employees/1/" in pattern:
        yield from (pattern.replace("/1/", f"/{number}/") for number in range(STORED, 10))
        return
    for name, objects in ids.items():
        if re.search(rf"/{name}(es|s)?/1/", pattern):
            for number in objects.values_list("pk", flat=True):
                yield pattern.replace("/1/", f"/{number}/")
            return
    yield pattern


def patterns_with_names(client: Client) -> set[str]:
    """The patterns of addresses at which the name is seen, in some form."""
    found = set()
    for pattern in all_addresses():
        for address in addresses_of(pattern):
            for query, accept in forms_of(pattern):
                response = client.get(address + query, headers={"accept": accept})
                assert response.status_code < 500, address
                if holds_name(response):
                    found.add(pattern)
    return found


def test_who_may_see_names_sees_them_where_they_are(seeing: Client) -> None:
    assert patterns_with_names(seeing) == SHOW_NAMES


def test_who_may_not_see_names_sees_none_anywhere(blind: Client) -> None:
    assert patterns_with_names(blind) == set()


def test_what_is_answered_without_names_is_documented(blind: Client) -> None:
    document = the_document()
    checked = set()
    for pattern in all_addresses():
        path = pattern.replace("/1/", "/{id}/")
        if "get" in document["paths"].get(path, {}) and path != "/api/v1/schema/":
            for address in addresses_of(pattern):
                response = blind.get(address, headers={"accept": JSON})
                assert_documented(document, "get", path, response)
                checked.add((path, response.status_code))

    assert checked >= {
        ("/api/v1/datasets/employees/", 200),
        ("/api/v1/employees/", 200),
        ("/api/v1/employees/{id}/", 200),
        ("/api/v1/employees/{id}/trace/", 200),
        ("/api/v1/rejected-rows/", 200),
        ("/api/v1/rejected-rows/{id}/", 200),
        ("/api/v1/batches/{id}/rejected-rows.csv", 403),
        ("/api/v1/loads/{id}/", 200),
    }


ORDERS = [
    {"filter": {"table": "employees"}, "dry_run": True},
    {"filter": {"table": "jobs"}, "dry_run": True},
    {"filter": {"table": "employees"}, "reason": "x", "dry_run": True},
    {"dry_run": True},
    {},
]
ACTIONS = ["try_it", "check", "look"]


def test_nothing_that_is_tried_shows_names(blind: Client) -> None:
    """Whatever is done with the reject log, batches and loads is tried, by the API and on the pages."""
    before, tried = kept(), set()
    for pattern in all_addresses():
        if pattern.startswith("/api/v1/") and re.search(
            r"/(rejected-rows|batches|loads)/", pattern
        ):
            for address in addresses_of(pattern):
                for order in ORDERS:
                    response = blind.post(f"{address}?dry_run=true", order, content_type=JSON)
                    if response.status_code == 400:
                        response = blind.post(address, order, content_type=JSON)
                    assert not holds_name(response), address
                    tried.add((pattern, response.status_code))
        elif re.fullmatch("/(rejected-rows|batches)/(1/)?", pattern):
            for address in addresses_of(pattern):
                for action in ACTIONS:
                    sent = {"action": action}
                    response = blind.post(
                        f"{address}?table=employees", sent, headers={"accept": HTML}
                    )
                    assert not holds_name(response), address
                    tried.add((pattern, response.status_code))

    assert kept() == before
    assert tried >= {
        ("/api/v1/rejected-rows/1/resubmit/", 422),
        ("/api/v1/rejected-rows/resubmit/", 207),
        ("/api/v1/rejected-rows/discard/", 200),
        ("/api/v1/rejected-rows/reopen/", 200),
        ("/api/v1/batches/1/undo/", 200),
        ("/api/v1/loads/1/undo/", 200),
        ("/rejected-rows/", 200),
        ("/rejected-rows/1/", 403),
        ("/batches/1/", 200),
    }
