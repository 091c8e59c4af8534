"""The datasets on the reject log: what is missing in the others, and why. They never show what was sent."""

from __future__ import annotations

from reports.datasets.definition import Column, Dataset, Type

_PERMISSION = "ingestion.view_rejectedrow"
_SOURCES = frozenset({"rejected_rows"})
_TABLE = Column("table", Type.TEXT, "Table that the row was sent to.")

REJECTIONS = Dataset(
    name="rejections",
    title="Rejections by day",
    description="Rejected rows by day, table and code. A row with several faults counts once for each code.",
    columns=(
        Column("date", Type.DATE, "Day of the rejection, in UTC."),
        _TABLE,
        Column("code", Type.TEXT, "What was wrong."),
        Column("rejected", Type.INTEGER, "Entries of the log with this code.", is_measure=True),
        Column("open", Type.INTEGER, "Those that nobody has dealt with.", is_measure=True),
    ),
    key=("date", "table", "code"),
    order='date, "table" COLLATE "C", code COLLATE "C"',
    query="""
    SELECT (created_at AT TIME ZONE 'UTC')::date AS date, "table", code, count(*) AS rejected,
           count(*) FILTER (WHERE status = 'open') AS open
    FROM rejected_rows CROSS JOIN LATERAL (SELECT DISTINCT unnest(codes)::text AS code) AS faults
    GROUP BY 1, 2, 3""",
    permission=_PERMISSION,
    sources=_SOURCES,
    counted_by="code",
)

REJECTED_ROWS = Dataset(
    name="rejected-rows",
    title="Rejected rows",
    description="The reject log, one row an entry, without what was sent.",
    columns=(
        Column("id", Type.INTEGER, "Id of the entry."),
        Column("batch", Type.INTEGER, "Id of the batch."),
        _TABLE,
        Column("index", Type.INTEGER, "Position in what was sent, from 0."),
        Column("line", Type.INTEGER, "Line of the file, from 1.", is_nullable=True),
        Column("row_id", Type.INTEGER, "The row's own id, where readable.", is_nullable=True),
        Column("codes", Type.TEXT, "What was wrong: codes with spaces between them."),
        Column("status", Type.TEXT, "`open`, `resolved`, `superseded` or `discarded`."),
        Column("created_at", Type.DATETIME, "When it was rejected."),
    ),
    key=("id",),
    query="""
    SELECT id, batch_id AS batch, "table", index, line, row_id, array_to_string(codes, ' ') AS codes, status,
           created_at
    FROM rejected_rows""",
    permission=_PERMISSION,
    sources=_SOURCES,
    has_ids_of_people=True,
)
