"""The page of `analyze`, opened from a file, as whoever got it by mail does."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hrapi.client.analysis.page import page
from tests.client.analysis.made_up import NASTY, collected, evenly, many


@pytest.fixture
def file(tmp_path: Path) -> Path:
    names = dict(enumerate(NASTY, start=1))
    hires = [hire for each in names for hire in many(each, 2025, each % 12 + 1, each, each)]
    path = tmp_path / "hiring.html"
    sent = collected(
        [*hires, *evenly(2, 2024)], departments=names, jobs=names, open_codes={"required": 5}
    )
    path.write_text(page(sent), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 375, 1200])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_fits_and_asks_for_nothing(
    chromium: Browser, file: Path, width: int, colours: str
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=colours,  # type: ignore[arg-type]
    )
    opened = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(message.text))

    opened.goto(file.as_uri())

    wider = opened.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    bars = opened.locator(".bar rect").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().height)"
    )
    paper = opened.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    context.close()
    assert wider == 0
    assert asked == [file.as_uri()]
    assert said == []
    # The style is let in by its hash.
    assert paper == ("rgb(255, 255, 255)" if colours == "light" else "rgb(21, 24, 28)")
    assert bars
    assert all(height > 5 for height in bars)


def test_it_is_read_without_scripts_and_printed(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(file.as_uri())

    assert opened.locator("h1").inner_text() == "Hiring in 2025"
    assert opened.locator("svg.columns").count() == 2
    printed = opened.pdf(prefer_css_page_size=True)
    context.close()
    assert printed.startswith(b"%PDF")
