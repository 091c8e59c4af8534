"""Rows as a workbook of Excel: typed cells, one sheet, a header that stays in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any

from django.http import StreamingHttpResponse
from xlsxwriter import Workbook

from hrapi.api.file_response import file_response
from hrapi.api.problems import ProblemCode, ProblemError
from reports.datasets.definition import Column, Type

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_575
"""What a sheet holds below its header: https://support.microsoft.com, "Excel specifications and limits"."""

_BEFORE_THE_FIRST_DAY = datetime(1899, 12, 31)  # noqa: DTZ001 - cells have no zone
_FALSE_LEAP_DAY = 60
_FORMATS = {Type.DATETIME: "yyyy-mm-dd hh:mm:ss", Type.DATE: "yyyy-mm-dd"}


def workbook_response(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, title: str, file_name: str
) -> StreamingHttpResponse:
    """The whole workbook, made in a file before it goes out. A text is never a formula; times are in UTC,
    to the millisecond.

    Raises ProblemError (400) for more rows than a sheet holds.
    """
    return file_response(
        lambda file: _write(file, columns, rows, title),
        content_type=MEDIA_TYPE,
        file_name=file_name,
    )


def _write(
    file: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]], title: str
) -> None:
    with Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        formats = {type_: workbook.add_format({"num_format": f}) for type_, f in _FORMATS.items()}
        to_the_millisecond = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        header = workbook.add_format({"bold": True})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, 20 if column.type in formats else 14)
            sheet.write_string(0, place, column.name, header)
        for number, row in enumerate(rows, start=1):
            if number > MAX_ROWS:
                raise ProblemError(
                    ProblemCode.INVALID_PARAMETER,
                    f"format: a sheet holds {MAX_ROWS:,} rows, and there are more. Take csv.",
                )
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is None:
                    continue
                if column.type is Type.TEXT:
                    sheet.write_string(number, place, value)
                elif column.type is Type.DATETIME:
                    # A day in Excel is a double, shown to the millisecond: cut, or the last moment of a year
                    # would be the first of the next.
                    milliseconds = value.microsecond // 1000
                    moment = value.astimezone(UTC).replace(
                        tzinfo=None, microsecond=milliseconds * 1000
                    )
                    form = to_the_millisecond if milliseconds else formats[column.type]
                    sheet.write_number(number, place, _serial(moment), form)
                elif column.type is Type.DATE:
                    sheet.write_number(number, place, _serial(value), formats[column.type])
                else:
                    sheet.write_number(number, place, value)


def _serial(day: date) -> float:
    """The number that Excel has for a moment without a zone, or for a day: 1 is the first day of 1900.

    To Excel 1900 was a leap year. XlsxWriter's own numbers of the first and the 59th day of it are wrong.
    """
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001 - nor is there one here
    days = (moment - _BEFORE_THE_FIRST_DAY) / timedelta(days=1)
    return days + (days >= _FALSE_LEAP_DAY)
