"""What the header of a request may measure, where gunicorn is told so or has no limit of its own."""

from __future__ import annotations

# Of the first line, in which the address stands: as much as gunicorn takes.
MAX_LINE_BYTES = 8190
# Of the whole header; gunicorn's own limits are those of its lines.
MAX_HEADER_BYTES = 64 * 1024
