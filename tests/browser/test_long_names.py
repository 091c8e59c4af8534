"""Names that are as long as they may be, in the tables under charts."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
STYLES = ("hrapi/pages/static/hrapi/pages.css", "reports/static/reports/charts.css")


def test_a_name_without_a_space_wraps(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 800, "height": 600})
    for style in STYLES:
        page.add_style_tag(path=ROOT / style)
    page.locator("body").evaluate(
        """(body, name) => body.innerHTML = `<div class="scrolled"><table><tr>
        <th scope="row">${name}</th><td class="number">1,234</td></tr></table></div>`""",
        "x" * 255,
    )

    width = page.locator(".scrolled").evaluate("(table) => [table.scrollWidth, table.clientWidth]")

    page.close()
    assert width[0] == width[1]
