"""What every row schema shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from hrapi.ingestion.fields import Id


class Row(BaseModel):
    """A row of a table: exactly its fields, in the order of the data dictionary, `id` first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id = Field(description="Id, chosen by the client.", examples=[1_000_001, 1_000_002])
