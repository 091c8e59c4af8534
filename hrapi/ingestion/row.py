"""What every row schema shares."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from hrapi.ingestion.fields import Id


class Row(BaseModel):
    """A row of a table: exactly its fields, in the order of the data dictionary, `id` first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: ClassVar[int] = 2
    """Of the row's Avro schema in backups. A change of fields raises it, and adds a golden backup to the tests."""

    id: Id = Field(description="Id, chosen by the client.", examples=[1_000_001, 1_000_002])
