"""Whether a backup is what was written. Reads files, never the database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hrapi.backups.avro_files import CODECS, read_facts, read_header, read_rows
from hrapi.backups.errors import BadBackupError
from hrapi.backups.manifest import Manifest, TableEntry, read_manifest
from hrapi.backups.past_schemas import PAST_SCHEMAS
from hrapi.backups.stored import StoredTable, schema_hash, stored_tables

OnFile = Callable[[TableEntry], None]


def verify(
    directory: Path, *, deep: bool = False, on_file: OnFile = lambda entry: None
) -> Manifest:
    """The manifest of a backup that is whole and unchanged; `deep` also decodes every row.

    Raises BadBackupError, which names what is wrong.
    """
    if directory.is_symlink() or not directory.is_dir():
        raise BadBackupError(f"{directory.name} is not a directory.")
    manifest = read_manifest(directory)
    if manifest.id != directory.name:
        raise BadBackupError(f"The manifest is that of the backup {manifest.id}.")
    _check_files(directory, manifest)
    tables = {table.name: table for table in stored_tables()}
    for entry in manifest.tables:
        table = tables.get(entry.table)
        if table is None or entry.schema_version > table.version:
            raise BadBackupError(
                f"{entry.file} was written by a newer version of the service than this one."
            )
        _check_file(directory / entry.file, entry, table, codec=manifest.codec)
        on_file(entry)
    if deep:
        _check_rows(directory, manifest, tables)
    return manifest


def _check_files(directory: Path, manifest: Manifest) -> None:
    found = {path.name for path in directory.iterdir()}
    if missing := sorted(manifest.files - found):
        raise BadBackupError(f"{missing[0]} is missing.")
    if surplus := sorted(found - manifest.files):
        raise BadBackupError(f"{surplus[0][:60]!a} does not belong to the backup.")


def _check_file(path: Path, entry: TableEntry, table: StoredTable, *, codec: str) -> None:
    if codec not in CODECS:
        raise BadBackupError(f"{codec[:20]!a} is not a codec.")
    size = path.stat(follow_symlinks=False).st_size
    if size != entry.bytes:
        raise BadBackupError(f"{entry.file} has {size:,} bytes instead of {entry.bytes:,}.")
    facts = read_facts(path, sha256=entry.sha256)
    if facts.rows != entry.rows:
        raise BadBackupError(f"{entry.file} has {facts.rows:,} rows instead of {entry.rows:,}.")
    if facts.content_sha256 != entry.content_sha256:
        raise BadBackupError(f"The rows of {entry.file} are not those of the manifest.")
    schema, written_codec = read_header(path)
    if schema_hash(schema) != entry.schema_sha256:
        raise BadBackupError(f"{entry.file} has another schema than the manifest says.")
    known = schema_hash(table.schema)
    if entry.schema_version < table.version:
        known = PAST_SCHEMAS.get((entry.table, entry.schema_version), "")
    if entry.schema_sha256 != known:
        raise BadBackupError(f"{entry.file} does not have the schema of its version.")
    if written_codec != codec:
        raise BadBackupError(f"{entry.file} is not compressed as the manifest says.")


def _check_rows(directory: Path, manifest: Manifest, tables: dict[str, StoredTable]) -> None:
    """Every row can be decoded, ids rise, and what is referred to is in the backup where its table is."""
    ids: dict[str, set[int]] = {}
    for entry in manifest.tables:
        table = tables[entry.table]
        names = [column.name for column in table.columns]
        references = [
            (names.index(reference.column), reference)
            for reference in table.references
            if reference.table in ids
        ]
        is_referred_to = any(_refers(other, table) for other in tables.values())
        seen: set[int] = set()
        last = None
        for row in read_rows(directory / entry.file, table, sha256=entry.sha256):
            if last is not None and row[0] <= last:
                raise BadBackupError(f"The ids of {entry.file} do not rise: {row[0]}.")
            last = row[0]
            for position, reference in references:
                if row[position] is not None and row[position] not in ids[reference.table]:
                    raise BadBackupError(
                        f"{entry.file}: the row {row[0]} refers to {reference.column}"
                        f" {row[position]}, which the backup lacks."
                    )
            if is_referred_to:
                seen.add(row[0])
        ids[table.db_table] = seen


def _refers(table: StoredTable, to: StoredTable) -> bool:
    return any(reference.table == to.db_table for reference in table.references)
