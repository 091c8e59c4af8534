"""A dataset as a frame of pandas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hrapi.client.columns import Column, Description, column_chunks
from hrapi.client.errors import ClientError

if TYPE_CHECKING:
    import pandas

CHUNK_ROWS = 50_000
_TYPES = {
    "number": "float64",
    "text": "string",
    "datetime": "datetime64[us, UTC]",
    "date": "datetime64[us]",
}


def frame_of(description: Description, rows: Iterable[dict[str, Any]]) -> pandas.DataFrame:
    """Raises ClientError where pandas is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise ClientError("Frames need pandas: pip install pandas.") from error
    columns = description.columns
    types = {column.name: _type(column) for column in columns}
    chunks = [
        pandas.DataFrame(
            {name: pandas.Series(values, dtype=types[name]) for name, values in chunk.items()}
        )
        for chunk in column_chunks(rows, columns, size=CHUNK_ROWS)
    ]
    return pandas.concat(chunks, ignore_index=True)


def _type(column: Column) -> Any:
    if column.type == "integer":
        return "Int64" if column.is_nullable else "int64"
    return _TYPES[column.type]
