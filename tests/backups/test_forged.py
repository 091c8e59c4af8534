"""Backups that somebody made up, hashes and all: what they cannot do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest
from fastavro.io.binary_encoder import BinaryEncoder

from hrapi.backups.avro_files import read_facts
from hrapi.backups.stored import schema_hash, stored_tables
from tests.backups.mutating import rewrite_manifest
from tests.backups.running import backup, everything, run
from tests.backups.test_verifying import adopt, entry, verify

pytestmark = pytest.mark.usefixtures("stored")

Rows = list[dict[str, Any]]


@pytest.fixture
def made(place: Path) -> Path:
    return place / backup()


def rewrite(path: Path, change: Callable[[Rows], Any], **schema: Any) -> str:
    """Changes the rows of a file, and its schema; the hash of that."""
    with path.open("rb") as file:
        reader: Any = fastavro.reader(file)
        rows = list(reader)
        written = json.loads(reader.metadata["avro.schema"]) | schema
    change(rows)
    path.unlink()
    with path.open("wb") as file:
        fastavro.writer(file, written, rows, codec="deflate")
    return schema_hash(written)


def forge(made: Path, table: str, change: Callable[[Rows], Any], **schema: Any) -> None:
    """Changes a file, and has the manifest say what it is by now."""
    path = made / f"{table}.avro"
    digest = rewrite(path, change, **schema)
    adopt(
        made,
        table,
        content_sha256=read_facts(path).content_sha256,
        schema_sha256=digest,
        **({"schema_version": schema["version"]} if schema else {}),
    )


def test_deep_finds_a_row_that_refers_to_nothing(made: Path) -> None:
    """What no database with its constraints would have written."""
    forge(made, "employees", lambda rows: rows[0].update(department_id=77))

    assert run("verify_backup", made.name).code == 0
    finished = run("verify_backup", made.name, "--deep")
    assert finished.code == 3
    assert "the row 1 refers to department_id 77, which the backup lacks" in finished.errors
    finished = run("restore", "--from", made.name, "--no-input")
    assert finished.code == 1
    assert "departments that are not there: 77" in finished.errors


@pytest.mark.parametrize(
    "change, id_",
    [(lambda rows: rows.reverse(), 1), (lambda rows: rows[1].update(id=1), 1)],
    ids=["falling", "twice"],
)
def test_deep_finds_ids_that_do_not_rise(
    made: Path, change: Callable[[Rows], Any], id_: int
) -> None:
    forge(made, "jobs", change)

    assert run("verify_backup", made.name).code == 0
    finished = run("verify_backup", made.name, "--deep")
    assert (finished.code, finished.errors) == (
        3,
        f"CommandError: The ids of jobs.avro do not rise: {id_}.\n",
    )


def test_an_older_version_has_the_schema_that_it_had(made: Path) -> None:
    [table] = [table for table in stored_tables() if table.name == "rejected_rows"]
    more = [*table.schema["fields"], {"name": "more", "type": "string", "default": ""}]
    forge(
        made,
        "rejected_rows",
        lambda rows: [row.update(more="x") for row in rows],
        version=1,
        fields=more,
    )

    assert verify(made) == "rejected_rows.avro does not have the schema of its version."


def test_numbers_of_rows_that_only_add_up_are_no_avro(made: Path) -> None:
    """A block of seven rows, and one of minus five."""
    path = made / "jobs.avro"
    with path.open("rb") as file:
        [block] = fastavro.block_reader(file)
    data = path.read_bytes()
    head, sync = data[: block.offset], data[-16:]
    rows = block.bytes_.getvalue()
    with path.open("wb") as file:
        file.write(head)
        for number in (7, -5):
            encoder: Any = BinaryEncoder(file)
            encoder.write_long(number)
            encoder.write_bytes(deflated(rows))
            file.write(sync)
    adopt(made, "jobs", content_sha256=hashlib.sha256(rows * 2).hexdigest())

    assert verify(made) == "jobs.avro is not readable Avro."


def deflated(data: bytes) -> bytes:
    import zlib

    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize("field", ["rows", "bytes", "schema_version"])
def test_a_number_may_have_64_bits(made: Path, field: str) -> None:
    for number in (2**63, 10**4298):
        rewrite_manifest(
            made,
            lambda manifest, number=number: entry(manifest, "jobs").update({field: number}),  # type: ignore[misc]
        )

        finished = run("list_backups")

        assert (finished.code, finished.errors) == (0, "")
        assert finished.output == (
            f"{made.name}  BAD: manifest.json is not understood: tables.1.{field}: "
            f"Input should be less than or equal to {2**63 - 1}.\n"
        )


def test_what_a_manifest_says_does_not_reach_the_terminal_as_it_is(made: Path) -> None:
    rewrite_manifest(made, lambda manifest: manifest.update({"a\n\x1b[31m" + "x" * 100: 1}))

    assert verify(made) == (
        "manifest.json is not understood: a\\n\\x1b[31m"
        + "x" * 49
        + ": Extra inputs are not permitted."
    )


def test_rows_that_the_database_refuses_are_not_restored(made: Path) -> None:
    for change in ({"job": "a\0b"}, {"job": "x" * 300}, {"id": -1}):
        forge(made, "jobs", lambda rows, change=change: rows[0].update(change))  # type: ignore[misc]
        before = everything()

        finished = run("restore", "jobs", "--from", made.name, "--no-input")

        assert finished.code == 1
        assert everything() == before
