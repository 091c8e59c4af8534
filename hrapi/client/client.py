"""The service as a Python object: its API, and its datasets row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hrapi.client.connection import Connection
from hrapi.client.reading import dataset_rows


class Client(Connection):
    """One service and a token for it.

    with Client("https://hr.example.com", token) as client:
        for row in client.rows("hires", year=2021):
            ...
    """

    def rows(self, dataset: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every row of a dataset, each once, all of one moment; in flat memory.

        `params` are those of the dataset, like `year=2021`. Numbers are numbers; times are texts in UTC as the
        service writes them. Raises ClientError, also in mid-way when the connection broke and the data changed
        before it could be read on.
        """
        return dataset_rows(self, dataset, params)
