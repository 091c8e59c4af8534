"""What a form asks for: which file is to be loaded into which table, and how."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from hrapi.api.problems import ProblemCode, ProblemError
from hrapi.ingestion.files import FORMATS, HEADERS, FileOptions, format_of_name
from hrapi.ingestion.harmless import harmless_name
from hrapi.ingestion.models import Batch
from hrapi.loads.uploads import SentFile, SentForm
from hrapi.tables import Table, all_tables, get_table

FIELDS = (
    "table", "file", "format", "delimiter", "encoding", "header", "mode", "dry_run", "force",
)  # fmt: skip
Choice = TypeVar("Choice", bound=str)

CSRF_FIELD = "csrfmiddlewaretoken"
MAX_ENCODING_CHARACTERS = 40


@dataclass(frozen=True, kw_only=True)
class LoadOrder:
    table: Table
    file: SentFile
    options: FileOptions
    mode: Batch.Mode
    dry_run: bool
    force: bool


def read_order(form: SentForm) -> LoadOrder:
    """Raises ProblemError for whatever is missing, unknown or wrong. An empty field is like a missing one."""
    for name in (*form.fields, *form.files):
        if name not in (*FIELDS, CSRF_FIELD):
            raise _wrong(
                f"There is no field {harmless_name(name)!r} here. Known are: {', '.join(FIELDS)}."
            )
    for name in form.files:
        if name != "file" or name in form.fields:
            raise _wrong(f"{name}: send it once, and only `file` as a file.")
    if (file := form.files.get("file")) is None:
        raise _wrong("file: send the file to load, with its name.")
    fields = {name: value for name, value in form.fields.items() if value}
    if "table" not in fields:
        raise _wrong(f"table: it is missing. Choose one of {', '.join(_table_names())}.")
    options = FileOptions(
        format=_choice(fields, "format", FORMATS, default=format_of_name(file.name)),
        delimiter=fields.get("delimiter"),
        encoding=_encoding(fields),
        header=_choice(fields, "header", HEADERS, default="auto"),
    )
    options.check()
    return LoadOrder(
        table=get_table(_choice(fields, "table", _table_names(), default="")),
        file=file,
        options=options,
        mode=Batch.Mode(_choice(fields, "mode", Batch.Mode.values, default="partial")),
        dry_run=_choice(fields, "dry_run", ("false", "true"), default="false") == "true",
        force=_choice(fields, "force", ("false", "true"), default="false") == "true",
    )


def _table_names() -> list[str]:
    return [table.name for table in all_tables()]


def _choice(
    fields: Mapping[str, str], name: str, choices: Collection[Choice], *, default: Choice
) -> Choice:
    value = fields.get(name, default)
    for known in choices:
        if value == known:
            return known
    raise _wrong(
        f"{name}: {harmless_name(value)!r} is not known. Choose one of {', '.join(choices)}."
    )


def _encoding(fields: Mapping[str, str]) -> str:
    encoding = fields.get("encoding", "utf-8")
    if len(encoding) > MAX_ENCODING_CHARACTERS:
        raise _wrong("encoding: no encoding has so long a name.")
    return encoding


def _wrong(detail: str) -> ProblemError:
    return ProblemError(ProblemCode.INVALID_PARAMETER, detail)
