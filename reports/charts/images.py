"""Charts as pictures for documents and mail, where no JavaScript runs."""

from __future__ import annotations

import os
from io import BytesIO
from typing import Literal

from django.conf import settings

from reports.charts.data import ChartData
from reports.charts.definition import Chart
from reports.charts.labels import printed


def image(
    chart: Chart,
    data: ChartData,
    *,
    title: str,
    format: Literal["png", "svg"],  # noqa: A002
    rejected_rows: int | None = None,
) -> bytes:
    """A picture of 1200 x 675 pixels on white paper, the same bytes for the same input.

    Names are drawn as they are, never as markup or formulas. SVG holds them as text, which the reader's own fonts
    draw. PNG is drawn with DejaVu Sans: Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian and Georgian are there;
    of other scripts, each character is a box with a letter of its script.

    The first picture of a process takes half a second longer, for matplotlib to be imported.
    """
    # A service has no home to keep the list of fonts in.
    os.environ |= {"MPLCONFIGDIR": str(settings.DATA_DIR / "matplotlib")}
    from reports.charts.drawing.page import draw

    paper = draw(chart, data, title=title, rejected_rows=rejected_rows)
    written = BytesIO()
    paper.savefig(written, format=format, metadata={"Title": printed(title), "Date": None})
    # A figure holds itself in circles, with all the pixels: 50 MB until the collector looks.
    paper.clear()
    return written.getvalue()
