"""A dataset as a Parquet file, typed by the service's own description of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

from hrapi.client.columns import Column, Description, column_chunks
from hrapi.client.errors import ClientError

ROW_GROUP_ROWS = 50_000


def write_parquet(
    file: IO[bytes], description: Description, rows: Iterable[dict[str, Any]]
) -> None:
    """In row groups, so that memory stays flat. Raises ClientError where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ClientError("Parquet needs pyarrow: pip install pyarrow.") from error
    types = {
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "text": pyarrow.string(),
        "datetime": pyarrow.timestamp("us", tz="UTC"),
        "date": pyarrow.date32(),
    }

    def field(column: Column) -> Any:
        told = {"description": column.description}
        return pyarrow.field(
            column.name, types[column.type], nullable=column.is_nullable, metadata=told
        )

    schema = pyarrow.schema(
        [field(column) for column in description.columns],
        metadata={"dataset": description.name, "description": description.text},
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for chunk in column_chunks(rows, description.columns, size=ROW_GROUP_ROWS):
            writer.write_table(pyarrow.table(chunk, schema=schema))
