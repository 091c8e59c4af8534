"""The dashboard in Chromium: what is drawn there, and that the page waits for none of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from reports.charts.standard import STANDARD_CHARTS
from tests.browser.visiting import DEPARTMENTS, HIRES, Visits, drawn, is_too_wide

BARS = ".barlayer .point"
TOTALS = dict(zip(DEPARTMENTS, map(sum, HIRES), strict=True))
ABOVE_MEAN = [name for name, hires in TOTALS.items() if hires > sum(TOTALS.values()) / len(TOTALS)]


def dashboard(visit: Visits, query: str = "", **who: Any) -> Page:
    page = visit(**who)
    page.goto(f"/dashboard/{query}")
    drawn(page)
    return page


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def heights(bars: Locator) -> list[float]:
    boxes = [bar.bounding_box() for bar in bars.all()]
    return [box["height"] for box in boxes if box]


def test_every_standard_chart_is_drawn_for_the_last_year_with_hires(visit: Visits) -> None:
    page = dashboard(visit)

    assert page.get_by_label("Year").input_value() == "2021"
    expect(page.locator(".card")).to_have_count(len(STANDARD_CHARTS))
    expect(card(page, "Hires by department").locator(BARS)).to_have_count(len(DEPARTMENTS))
    expect(card(page, "Departments above the mean").locator(BARS)).to_have_count(len(ABOVE_MEAN))
    expect(
        card(page, "Departments above the mean").locator(".scatterlayer .lines path")
    ).to_have_count(1)
    expect(card(page, "Hiring flow").locator(".scatterlayer .point")).to_have_count(4)
    stacked = card(page, "Hires by quarter and department")
    expect(stacked.locator(".barlayer .trace")).to_have_count(len(DEPARTMENTS))
    expect(card(page, "Share of departments").locator(".slice")).to_have_count(len(DEPARTMENTS))
    expect(card(page, "Months and departments").locator(".heatmaplayer image")).to_have_count(1)
    expect(card(page, "Hires of the past 30 days")).to_contain_text("There is nothing to show.")
    expect(card(page, "Hiring flow")).to_contain_text("1 rejected row is left out.")


def test_bars_are_as_high_as_their_numbers(visit: Visits) -> None:
    page = dashboard(visit)

    found = heights(card(page, "Hires by department").locator(BARS))

    expected = sorted(TOTALS.values(), reverse=True)
    assert [height / found[0] for height in found] == pytest.approx(
        [hires / expected[0] for hires in expected], abs=0.02
    )


def test_year_and_departments_are_kept_in_the_address(visit: Visits) -> None:
    page = dashboard(visit)

    page.get_by_label("Year").select_option("2020")
    page.get_by_text("Departments: all").click()
    page.get_by_label("Engineering").check()
    page.get_by_label("Sales").check()
    page.get_by_role("button", name="Show").click()
    drawn(page)

    assert page.url.endswith("/dashboard/?year=2020&department_id=1&department_id=4")
    assert page.get_by_label("Year").input_value() == "2020"
    expect(page.get_by_text("Departments: 2 of 5")).to_be_visible()
    expect(card(page, "Hires by department").locator(BARS)).to_have_count(2)
    card(page, "Hires by department").get_by_role("link").click()
    assert page.url.endswith("/visualizations/hires-by-department/?year=2020&department_id=1,4")


def test_the_page_is_painted_before_any_figure_is_answered(visit: Visits) -> None:
    page, held = visit(), list[Route]()
    page.route("**/figure/*", lambda route: held.append(route))

    page.goto("/dashboard/", wait_until="commit")

    expect(page.locator(".waiting")).to_have_count(len(STANDARD_CHARTS))
    painted = "performance.getEntriesByName('first-contentful-paint').length"
    expect(page.get_by_role("heading", name="Hiring flow")).to_be_visible()
    while not page.evaluate(painted):
        page.wait_for_timeout(10)
    before = page.locator(".card").first.bounding_box()
    for route in held:
        route.continue_()
    drawn(page)
    assert page.locator(".card").first.bounding_box() == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_texts_have_the_colour_of_the_page(visit: Visits, dark: bool) -> None:
    page = dashboard(visit, dark=dark)
    colour = "element => getComputedStyle(element).%s"

    label = card(page, "Hiring flow").locator(".xtick text").first
    ink = page.locator("h1").evaluate(colour % "color")

    assert label.evaluate(colour % "fill") == ink
    assert (ink == "rgb(230, 233, 236)") is dark


def test_charts_change_their_colours_with_the_page(visit: Visits) -> None:
    page = dashboard(visit)

    page.emulate_media(color_scheme="dark")

    label = card(page, "Hiring flow").locator(".xtick text").first
    expect(label).to_have_css("fill", "rgb(230, 233, 236)")


@pytest.mark.parametrize(
    "path", ["/dashboard/", "/visualizations/", "/visualizations/hiring-flow/"]
)
def test_on_a_phone_nobody_scrolls_sideways(visit: Visits, path: str) -> None:
    page = visit(phone=True)

    page.goto(path)
    drawn(page)

    assert not is_too_wide(page)


def test_a_figure_that_is_refused_is_told_of_in_its_place(visit: Visits) -> None:
    page = visit(may_fail=True)
    page.route(
        "**/hiring-flow/figure/*", lambda route: route.fulfill(status=429, json={"detail": "Wait."})
    )

    page.goto("/dashboard/")
    drawn(page)

    expect(card(page, "Hiring flow")).to_contain_text("The chart could not be loaded: Wait.")
    expect(card(page, "Hires by department").locator(BARS)).to_have_count(len(DEPARTMENTS))


def test_a_picture_that_is_opened_by_itself_is_whole(visit: Visits) -> None:
    page = visit()

    page.goto("/api/v1/visualizations/hires-heatmap/image.svg")

    expect(page.locator("image")).to_have_count(2)
