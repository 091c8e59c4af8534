from __future__ import annotations

from collections.abc import Collection

from django.db import connection

_VERSION = """
SELECT count(DISTINCT "table"), md5(string_agg(mark::text, ' ' ORDER BY "table", id))
FROM data_versions WHERE "table" = ANY(%s)
"""


def data_version(tables: Collection[str]) -> str:
    """What the rows of these tables of the database are, as the statement sees them: 32 hexadecimal digits.

    Two equal versions mean equal rows: whatever has changed them in between has left a mark that was never there
    before. Whoever reads the version first and the rows after it, with no transaction around both, may see rows
    that are newer than it; then it never comes again. Never read it after the rows. Raises LookupError for a table
    without a version.
    """
    names = sorted(set(tables))
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [names])
        found, version = cursor.fetchone()
    if not names or found != len(names):
        raise LookupError(f"Not all of these tables have a version: {', '.join(names)}.")
    return str(version)
