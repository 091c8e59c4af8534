"""The service as a Python object: its API, and its datasets row by row or as frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hrapi.client.columns import describe
from hrapi.client.connection import Connection
from hrapi.client.frames import frame_of
from hrapi.client.reading import dataset_rows

if TYPE_CHECKING:
    import pandas


class Client(Connection):
    """One service and a token for it.

    with Client("https://hr.example.com", token) as client:
        for row in client.rows("hires", year=2021):
            ...
        frame = client.frame("employees")
    """

    def rows(self, dataset: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every row of a dataset, each once, all of one moment; in flat memory.

        `params` are those of the dataset, like `year=2021`. Numbers are numbers; times are texts in UTC as the
        service writes them. Raises ClientError, also in mid-way when the connection broke and the data changed
        before it could be read on.
        """
        return dataset_rows(self, dataset, params)

    def frame(self, dataset: str, **params: Any) -> pandas.DataFrame:
        """All rows of a dataset as a frame of pandas, its columns typed as the service describes them.

        Integers are `int64`, or `Int64` where they can be missing; numbers `float64`; texts `string`; datetimes
        `datetime64[us, UTC]`, days `datetime64[us]`. Raises ClientError, also where pandas is not installed.
        """
        return frame_of(describe(self, dataset), dataset_rows(self, dataset, params))
