"""A chart from the builder to a link that anybody opens, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import DEPARTMENTS, HIRES, PHONE, Visits, drawn, is_too_wide, log_in

BARS = ".barlayer .point"


def build(page: Page, title: str) -> None:
    """The chart of the hires of 2021 by department, saved."""
    page.goto("/visualizations/new/")
    page.get_by_label("Made of").select_option("Hires by month")
    page.get_by_label("Drawn as").select_option("Bar")
    page.get_by_label("Year", exact=True).fill("2021")
    page.get_by_role("button", name="Show").click()
    drawn(page)
    expect(page.locator(BARS)).to_have_count(len(DEPARTMENTS))
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def share(page: Page) -> str:
    """From the page of a chart; the address that is shown once."""
    page.get_by_role("link", name="Share").click()
    page.get_by_role("button", name="Make a link").click()
    return page.get_by_label("To the page").input_value()


def test_a_chart_is_built_saved_shared_and_revoked(visit: Visits) -> None:
    page = visit(logged_in=False)
    log_in(page)
    build(page, "Hires of 2021")
    expect(page.locator(BARS)).to_have_count(len(DEPARTMENTS))
    address = share(page)
    assert address.startswith(f"{visit.address}/shared/")

    stranger = visit(logged_in=False)
    stranger.goto(address)
    drawn(stranger)
    expect(stranger.get_by_role("heading", level=1, name="Hires of 2021")).to_be_visible()
    expect(stranger.locator(BARS)).to_have_count(len(DEPARTMENTS))
    assert stranger.context.cookies() == []
    assert "Log out" not in stranger.content()

    page.goto(page.url)
    assert address not in page.content()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The link is revoked")).to_be_visible()
    refused = visit(logged_in=False, may_fail=True)
    answer = refused.goto(address)
    assert answer is not None
    assert answer.status == 404
    expect(refused.locator(BARS)).to_have_count(0)


def test_all_of_it_by_the_keyboard(visit: Visits) -> None:
    page = visit()
    page.goto("/visualizations/new/?dataset=hires&type=bar&year=2021")
    drawn(page)

    def go_to(name: str, role: str) -> None:
        """Tab by tab until the focus is there."""
        wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type]
        for _ in range(200):
            page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"No way by Tab to the {role} {name}.")

    go_to("Along the bottom", "combobox")
    page.keyboard.type("Quarter")
    go_to("Show", "button")
    page.keyboard.press("Enter")
    page.wait_for_url("**x=quarter**")
    drawn(page)
    expect(page.locator(BARS)).to_have_count(4)
    go_to("Title", "textbox")
    page.keyboard.type("By quarter")
    go_to("Save", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The chart was saved.")).to_be_visible()
    go_to("Share", "link")
    page.keyboard.press("Enter")
    go_to("Make a link", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_label("To the page")).to_be_focused()


@pytest.mark.parametrize(
    "type_, marks",
    [
        ("heatmap", ".heatmaplayer image"),
        ("pie", ".slice"),
        ("line", ".scatterlayer .point"),
        ("stacked_bar", BARS),
        ("scatter", ".scatterlayer .point"),
        ("box", ".boxlayer .box"),
        ("number", ".indicatorlayer .number"),
    ],
)
def test_every_type_is_drawn_and_fits_on_a_phone(visit: Visits, type_: str, marks: str) -> None:
    page = visit()
    dataset = "quarterly-hires" if type_ == "scatter" else "hires"

    page.goto(f"/visualizations/new/?dataset={dataset}&type={type_}&year=2021")
    drawn(page)

    expect(page.locator(marks).first).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(page.locator(marks).first).to_be_visible()
    assert not is_too_wide(page)


def test_without_javascript_there_are_the_picture_and_the_table(visit: Visits) -> None:
    page = visit(javascript=False)

    page.goto("/visualizations/hires-by-department/")

    picture = page.get_by_role("img", name="Hires by department")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 1200
    expect(page.get_by_role("row")).to_have_count(1 + len(DEPARTMENTS))
    expect(page.locator(".drawing")).to_be_hidden()


def test_without_javascript_a_chart_is_built_and_saved(visit: Visits) -> None:
    page = visit(javascript=False)

    page.goto("/visualizations/new/")
    page.get_by_label("Along the bottom").select_option("Quarter")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("img")).to_be_visible()
    hires = [str(sum(quarter)) for quarter in zip(*HIRES, strict=True)]
    assert page.locator("td.number").all_inner_texts() == hires
    page.get_by_label("Title").fill("By hand")
    page.get_by_label("Along the bottom").select_option("Department")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The chart was saved.")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(1 + len(DEPARTMENTS))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_of_a_link_on_a_phone(visit: Visits, dark: bool) -> None:
    page = visit()
    build(page, "For phones")
    address = share(page)

    stranger = visit(logged_in=False, phone=True, dark=dark)
    stranger.goto(address)
    drawn(stranger)

    assert not is_too_wide(stranger)
    expect(stranger.locator(BARS)).to_have_count(len(DEPARTMENTS))
    expect(stranger.get_by_role("table")).to_be_visible()
