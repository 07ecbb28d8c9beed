"""The chart of a list's history, looked into: by buttons, by the pointer, in both themes, and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.by_hand import export, sign_up, track, upload
from tests.browser.looking import evaluate, faults_now, listen
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
# uPlot draws the axis anew for each span of time: its pixels are what a zoom changes.
PIXELS = "document.querySelector('.history-plot canvas').toDataURL().length"


@pytest.fixture(scope="module")
def chart(chromium: Browser, live_site: SiteProcess) -> tuple[Any, str]:
    """Somebody signed in, and the history of an account whose export was imported three times."""
    context = chromium.new_context(base_url=live_site.base_url)
    page = context.new_page()
    sign_up(page, "history")
    account = track(page, "paper.boat")
    for followers in (range(60), range(2, 70), range(3, 72)):
        upload(page, account, export(followers, range(5)))
    state = context.storage_state()
    context.close()
    return state, f"{account}history/"


def repainted(page: Page, before: int) -> bool:
    """Whether the drawing becomes another one. (Playwright's waiting evaluates strings: the policy forbids it.)"""
    for _try in range(300):
        if evaluate(page, PIXELS) != before:
            return True
        page.wait_for_timeout(100)
    return False


def opened(chromium: Browser, site: SiteProcess, state: Any, **options: Any) -> Page:
    context = chromium.new_context(base_url=site.base_url, storage_state=state, reduced_motion="reduce", **options)
    return context.new_page()


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (320, "dark")])
def test_a_history_is_zoomed_and_read_scan_by_scan(
    chromium: Browser, live_site: SiteProcess, chart: tuple[Any, str], axe_script: Path, width: int, theme: str
) -> None:
    state, address = chart
    size = {"width": width, "height": 900}
    page = opened(chromium, live_site, state, color_scheme=theme, viewport=size)
    heard = listen(page)
    page.goto(address)
    expect(page.locator("svg[role=img].history")).to_be_visible()
    assert not page.evaluate("'uPlot' in window"), "the library is fetched before anybody reaches for the chart"
    page.locator("[data-history]").dispatch_event("pointerenter")  # a pointer over the drawing would read a scan
    expect(page.locator("[data-history-box] canvas")).to_be_visible()
    expect(page.locator("svg[role=img].history")).to_be_hidden()
    told = page.locator("[data-history-told]")
    expect(told).to_contain_text("stored 69")
    page.get_by_role("button", name="The scan before").click()
    expect(told).to_contain_text("stored 68")
    page.get_by_role("button", name="The scan before").press("Enter")
    expect(told).to_contain_text("stored 60")
    page.get_by_role("button", name="The next scan").press("Space")
    expect(told).to_contain_text("stored 68")
    plain = evaluate(page, PIXELS)
    other = "dark" if theme == "light" else "light"
    page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
    assert repainted(page, plain)
    assert faults_now(page, axe_script) == []
    page.locator("#history-list").select_option("following")
    expect(told).to_contain_text("stored 5")
    page.get_by_role("button", name="The scan before").focus()
    expect(page.locator("[data-history][data-ready] canvas")).to_be_visible()
    assert heard == []
    assert page.evaluate("violations") == []
    page.context.close()


def test_without_scripts_the_server_s_drawing_stays(
    chromium: Browser, live_site: SiteProcess, chart: tuple[Any, str]
) -> None:
    state, address = chart
    page = opened(chromium, live_site, state, java_script_enabled=False)
    page.goto(address)
    expect(page.locator("svg[role=img].history")).to_be_visible()
    expect(page.locator("[data-history-tools]")).to_be_hidden()
    expect(page.locator("[data-history-box]")).to_be_hidden()
    page.context.close()
