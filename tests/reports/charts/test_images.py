"""Pictures: readable, safe, the same again, and drawn by several threads at once."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from reports.charts.data import BOX, ChartData, Series
from reports.charts.drawing.page import draw
from reports.charts.images import image
from reports.charts.specification import read_chart
from tests.reports.charts.charts import SPECIFICATIONS

ROOT = Path(__file__).resolve().parents[3]
LONG = [f"Department of everything that has a long name {number}" for number in range(200)]
ODD = {
    "markup": "<script>&]]>\"'{x}<!--",
    "formula": "$x_1$ \\frac{1}{2} $",
    "underscore": "_hidden",
    "control characters": "a\x00b\x01c\nd\te\x7f\ufffe",
    "Japanese": "人事部",
    "Hindi": "मानव संसाधन",
    "Arabic": "الموارد البشرية",
    "right to left override": "\u202eabc",
    "emoji": "👩‍👩‍👧 team 🚀",
    "private": "\ue000\U0010fffd",
    "nothing": "",
}


def data_of(places: list[str], series: list[str], **more: Any) -> ChartData:
    return ChartData(
        x_title="Department",
        y_title="Hires",
        color_title="Job",
        categories=tuple(places),
        series=tuple(
            Series(name, tuple((3 * place + 7 * number) % 23 for place in range(len(places))))
            for number, name in enumerate(series)
        ),
        **more,
    )


def points_of(series: list[str]) -> ChartData:
    return ChartData(series=tuple(Series(name, (1, 2), (3, 4)) for name in series))


def picture(name: str, data: ChartData, kind: Literal["png", "svg"] = "svg", **more: Any) -> bytes:
    chart = read_chart(SPECIFICATIONS[name] | {"options": more.pop("options", {})})
    return image(chart, data, **{"title": "Hires", **more, "format": kind})


def texts_of(svg: bytes) -> list[str]:
    return [
        "".join(text.itertext())
        for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


WITH_LEGEND = {
    "bar with a line",
    "grouped_bar",
    "stacked_bar",
    "line with colours",
    "pie",
    "scatter",
}
LARGE: dict[str, ChartData] = {
    "bar": data_of(LONG, ["Hires"]),
    "bar with a line": data_of(LONG, ["Hires"], line=Series("Mean", (7.5,) * 200)),
    "grouped_bar": data_of(LONG[:40], LONG[:24]),
    "stacked_bar": data_of(LONG, LONG[:24]),
    "line": data_of(LONG, ["Hires"]),
    "line with colours": data_of(LONG, LONG[:24]),
    "heatmap": data_of(LONG, LONG),
    "pie": data_of(LONG[:13], ["Hires"]),
    "box": data_of(LONG, list(BOX)),
    "scatter": points_of(LONG[:24]),
    "table": ChartData(columns=tuple(LONG[:20]), rows=(tuple(LONG[:20]),) * 1000),
    "number": ChartData(categories=("",), series=(Series(LONG[0] * 3, (-(2**63),)),)),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_png_has_the_size_that_is_told(name: str) -> None:
    png = picture(name, LARGE[name], "png", title=LONG[0] * 5)

    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1200, 675)


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("name", LARGE)
def test_all_that_is_written_stays_on_the_paper(name: str, values: bool) -> None:
    chart = read_chart(SPECIFICATIONS[name] | {"options": {"values": values}})
    paper = drawn(draw(chart, LARGE[name], title=LONG[0] * 5, rejected_rows=3))

    texts = set(paper.findobj(Text)) - beyond_the_axes(paper)
    outside = [text.get_text() for text in texts if text.get_text() and not is_on(text)]

    assert outside == []


@pytest.mark.parametrize("name", sorted(LARGE.keys() & WITH_LEGEND))
def test_a_long_title_ends_before_the_legend(name: str) -> None:
    chart = read_chart(SPECIFICATIONS[name])
    paper = drawn(draw(chart, LARGE[name], title="Hires of every department there is " * 9))

    [title] = [text for text in paper.texts if text.get_text().startswith("Hires")]
    [legend] = paper.legends

    assert title.get_window_extent().x1 < legend.get_window_extent().x0


@pytest.mark.parametrize("name", sorted(LARGE.keys() - {"pie", "scatter", "table", "number"}))
@pytest.mark.parametrize("count", [1, 5, 12, 30, 31, 200])
def test_names_on_an_axis_do_not_touch(name: str, count: int) -> None:
    data = data_of(LONG[:count], [series.name for series in LARGE[name].series][:6])
    paper = drawn(draw(read_chart(SPECIFICATIONS[name]), data, title=""))

    labels = [label for label in paper.axes[0].get_xticklabels() if label.get_text()]

    gaps = [distance(left, right) for left, right in pairwise(labels)]
    assert len(labels) >= min(count, 60)
    assert all(gap > 9 for gap in gaps)


def drawn(paper: Figure) -> Figure:
    FigureCanvasAgg(paper).draw()
    return paper


def beyond_the_axes(paper: Figure) -> set[Text]:
    """The numbers beside places that are not shown, which are not drawn."""
    return {
        label
        for axes in paper.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }


def is_on(text: Text) -> bool:
    box = text.get_window_extent()
    return box.x0 >= -2 and box.y0 >= -2 and box.x1 <= 1202 and box.y1 <= 677


def distance(left: Text, right: Text) -> float:
    """Between two names: across their lines where they are turned, else from end to beginning."""
    if left.get_rotation():
        [x, _], [other, _] = (
            label.get_transform().transform(label.get_position()) for label in (left, right)
        )
        return float(other - x)
    return float(right.get_window_extent().x0 - left.get_window_extent().x1) + 9


@pytest.mark.parametrize("name", ODD)
def test_names_are_drawn_as_they_are(name: str, caplog: pytest.LogCaptureFixture) -> None:
    odd = ODD[name]
    data = data_of([odd, "Sales"], [odd, "Clerk"], notes=(odd,))

    png = picture("stacked_bar", data, "png", title=odd)
    svg = picture("stacked_bar", data, title=odd)

    expected = "abc d e\x7f" if name == "control characters" else odd
    assert png.startswith(b"\x89PNG")
    # As title, note, place and series.
    assert texts_of(svg).count(expected) == (4 if odd else 0)
    assert b"<script" not in svg
    assert caplog.records == []


def test_a_picture_of_svg_holds_nothing_that_runs_or_is_fetched() -> None:
    svg = picture("heatmap", data_of([ODD["markup"]], [ODD["markup"]]))

    elements = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}
    links = {
        value.partition(",")[0]
        for element in ET.fromstring(svg).iter()
        for name, value in element.attrib.items()
        if name.endswith("href") and not value.startswith("#")
    }

    assert not elements & {"script", "foreignObject", "a", "iframe"}
    assert links == {"data:image/png;base64"}


def test_what_is_not_shown_is_said() -> None:
    data = data_of(["Sales"], ["Hires"], notes=("Only the largest 1 of 2 are shown.",))

    assert "Only the largest 1 of 2 are shown." in texts_of(picture("bar", data))
    assert "1 rejected row is not in these figures." in texts_of(
        picture("bar", data, rejected_rows=1)
    )
    assert "1,234 rejected rows are not in these figures." in texts_of(
        picture("bar", data, rejected_rows=1234)
    )
    assert not any("rejected" in text for text in texts_of(picture("bar", data, rejected_rows=0)))


def test_what_does_not_fit_is_said() -> None:
    values = {"options": {"values": True}}

    assert "The numbers do not fit in the picture." in texts_of(
        picture("bar", LARGE["bar"], **values)
    )
    assert {
        "Only the first 24 of 1,000 rows fit in the picture.",
        "Only the first 4 of 20 columns fit in the picture.",
    } <= set(texts_of(picture("table", LARGE["table"])))


def test_numbers_are_written_where_they_fit() -> None:
    data = data_of(["Sales", "Legal"], ["Hires"])

    assert {"0", "3"} <= set(texts_of(picture("bar", data, options={"values": True})))
    assert "3,000" in texts_of(
        picture(
            "line",
            ChartData(categories=("a",), series=(Series("b", (3000,)),)),
            options={"values": True},
        )
    )


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_input_gives_the_same_bytes_in_any_process(
    kind: Literal["png", "svg"], tmp_path: Path
) -> None:
    """In one whose home cannot be written, and which says nothing about it."""
    data = data_of(LONG[:5], LONG[:10])
    script = (
        "import sys, json, django; django.setup()\n"
        "from reports.charts.data import ChartData\n"
        "from reports.charts.images import image\n"
        "from reports.charts.specification import read_chart\n"
        "chart, data, format = json.load(sys.stdin)\n"
        "data = ChartData.from_json(data)\n"
        "sys.stdout.buffer.write(image(read_chart(chart), data, title='Hires', format=format))\n"
    )
    chart = SPECIFICATIONS["stacked_bar"]
    environment = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"} | {
        "HOME": "/dev/null",
        "XDG_CACHE_HOME": "",
        "XDG_CONFIG_HOME": "",
        "HRAPI_DATA_DIR": str(tmp_path),
        "SECRET_KEY": "test",
        "PYTHONHASHSEED": "7",
    }

    process = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps([chart, data.as_json(), kind]).encode(),
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=True,
    )

    assert process.stderr == b""
    assert process.stdout == picture("stacked_bar", data, kind)
    assert (tmp_path / "matplotlib").is_dir()


def test_threads_draw_at_once() -> None:
    jobs = [
        (name, data_of(LONG[:6], [series.name for series in LARGE[name].series][:8]), kind)
        for name in ("grouped_bar", "stacked_bar", "line with colours", "heatmap", "box")
        for kind in ("png", "svg")
    ]
    alone = [picture(*job) for job in jobs]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda job: picture(*job), jobs))

    assert together == alone
