"""What the service says of its tables: which take rows, and the fields of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hrapi.client.connection import Connection
from hrapi.client.errors import DESCRIBED_OTHERWISE, UsageError, described_otherwise

_API = "/api/v1/"


@dataclass(frozen=True)
class TableShape:
    """`fields` in the order of files without a header; `singular` is what one row is called."""

    name: str
    path: str
    fields: tuple[str, ...]
    singular: str


def shape_of(connection: Connection, table: str) -> TableShape:
    """Raises UsageError for a table that the service does not have."""
    answer = connection.get(f"{_API}schema/", format="json")
    try:
        known = _tables(answer.json())
    except DESCRIBED_OTHERWISE as error:
        raise described_otherwise(connection.address, error) from error
    if table not in known:
        raise UsageError(f"There is no table {table!r}. There are {', '.join(sorted(known))}.")
    return known[table]


def _tables(document: Mapping[str, Any]) -> dict[str, TableShape]:
    found = {}
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/jsonlines" not in content:
            continue
        [array] = [
            schema
            for schema in content["application/json"]["schema"]["oneOf"]
            if schema.get("type") == "array"
        ]
        row = array["items"]["$ref"].rpartition("/")[2]
        name = path.rstrip("/").rpartition("/")[2]
        found[name] = TableShape(
            name=name,
            path=f"{_API}{name}/",
            fields=tuple(document["components"]["schemas"][row]["properties"]),
            singular=row.removesuffix("Row").lower(),
        )
    return found
