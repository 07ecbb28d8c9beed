"""What the pages do under the hand: dialogs, lists that read on, searches while one types; and all without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect

from tests.browser.by_hand import export, reload_until, sign_up, track, upload
from tests.browser.looking import faults_now
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SIZES: dict[str, ViewportSize] = {"phone": {"width": 320, "height": 640}, "desk": {"width": 1440, "height": 900}}
# Sizes and themes use the same tokens: each is seen once, not every pair.
LOOKS = [("phone", "dark"), ("desk", "light")]


@dataclass
class Studio:
    """Somebody signed in, and an account whose export was imported twice."""

    state: Any
    account: str
    scan: str


@pytest.fixture(scope="module")
def studio(chromium: Browser, live_site: SiteProcess) -> Studio:
    """Made through the pages, without an Instagram login."""
    context = chromium.new_context(base_url=live_site.base_url)
    page = context.new_page()
    sign_up(page, "everywhere")
    account = track(page, "paper.lantern")
    upload(page, account, export(range(140), range(100, 180)))
    scan = upload(page, account, export(range(3, 150), range(101, 181)))
    studio = Studio(context.storage_state(), account, scan)
    context.close()
    return studio


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> tuple[str, Literal["light", "dark"]]:
    chosen: tuple[str, Literal["light", "dark"]] = request.param
    return chosen


@pytest.fixture
def browsing(
    chromium: Browser, live_site: SiteProcess, studio: Studio, look: tuple[str, Literal["light", "dark"]]
) -> Iterator[BrowserContext]:
    """The person of the studio, at a size and in a theme."""
    context = chromium.new_context(
        base_url=live_site.base_url, storage_state=studio.state, color_scheme=look[1], reduced_motion="reduce",
        viewport=SIZES[look[0]],
    )  # fmt: skip
    yield context
    context.close()


def test_the_dialog_is_accessible_and_its_problems_take_the_focus(browsing: BrowserContext, axe_script: Path) -> None:
    page = browsing.new_page()
    page.goto("/scans/")
    page.get_by_role("link", name="New scan").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert faults_now(page, axe_script) == []
    dialog.get_by_role("button", name="Start scan").click()
    problem = dialog.locator("[data-focus]")
    expect(problem).to_be_focused()
    expect(dialog.get_by_label("Account")).to_have_attribute("aria-invalid", "true")
    assert faults_now(page, axe_script) == []
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()


def test_scrolling_reads_on_to_the_end_of_a_list(browsing: BrowserContext, studio: Studio) -> None:
    page = browsing.new_page()
    page.goto(f"{studio.account}people/")
    more = page.locator("[data-more]")
    while more.count():
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(50)
    names = page.locator(".pcard .who:first-of-type").all_inner_texts()
    assert len([name for name in names if name.startswith("person.")]) == 147


def test_the_tabulator_leaves_a_list_and_asks_for_more_of_it(browsing: BrowserContext, studio: Studio) -> None:
    page = browsing.new_page()
    page.goto(f"{studio.account}people/")
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")
    cards = page.locator(".pcard")
    before = cards.count()
    more = page.locator("[data-more] a")
    more.focus()
    page.wait_for_timeout(500)
    expect(cards).to_have_count(before)
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(cards).not_to_have_count(before)
    expect(cards.nth(before).locator(":focus")).to_have_count(1)


def test_searching_narrows_the_list_while_one_types(browsing: BrowserContext, studio: Studio) -> None:
    page = browsing.new_page()
    page.goto(f"{studio.account}people/")
    page.get_by_label("Search people by name").press_sequentially("person.14", delay=20)
    expect(page.locator(".pcard")).to_have_count(11)
    expect(page).to_have_url(re.compile("q=person.14"))


def test_the_theme_stays(browsing: BrowserContext, look: tuple[str, str]) -> None:
    page = browsing.new_page()
    page.goto("/")
    if look[0] == "phone":
        page.get_by_role("button", name="Open navigation").click()
    with page.expect_response(re.compile("/theme/")):
        page.get_by_role("button", name="Dark theme").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_without_scripts_one_signs_in_scans_and_reads_the_result(chromium: Browser, live_site: SiteProcess) -> None:
    context = chromium.new_context(base_url=live_site.base_url, java_script_enabled=False)
    page = context.new_page()
    sign_up(page, "scriptless")
    page.goto("/settings/logins/add/")
    page.fill("input[name=username]", "demo_creator")
    page.fill("input[name=password]", "demo-pass-1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    login = page.url
    reload_until(page, login, "main .tag:text-is('Ready')")
    page.goto("/scans/new/")
    page.locator("input[name=account]").fill("@tiny.pottery")
    page.get_by_role("button", name="Start scan").click()
    reload_until(page, page.url, ".scan[data-state=complete]")
    page.get_by_role("link", name=re.compile("^People @")).click()
    followers = SimulatedInstagram(live_site.simulator_url).ask("truth", account="tiny.pottery", direction="followers")
    # Other tests move the simulator's clock, and the account grows: a page shows sixty.
    assert page.locator(".pcard").count() == min(60, len(followers["pks"]))
    context.close()


def test_a_key_brings_one_to_the_search_and_can_be_switched_off(browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.goto("/scans/")
    field = page.get_by_role("searchbox", name="Search accounts and people")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")
    page.locator("[popovertarget=me]").click()
    page.get_by_label("Keyboard shortcut").uncheck()
    page.reload()
    page.keyboard.press("/")
    expect(field).not_to_be_focused()


def test_keys_lead_into_a_menu_through_it_and_out_again(browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.goto("/scans/")
    opener, menu = page.locator("[popovertarget=me]"), page.locator("#me")
    opener.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Switch workspace")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(menu.get_by_role("button", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_part_that_reads_itself_again_takes_the_focus_from_nobody(browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.goto("/")
    panel = page.locator("#alerts-panel")
    link = panel.get_by_role("link", name="All alerts")
    link.focus()
    panel.evaluate("one => { one.dataset.old = ''; htmx.trigger(document.body, 'live:alerts') }")
    expect(page.locator("#alerts-panel:not([data-old])")).to_be_visible()
    expect(link).to_be_focused()


def test_the_search_finds_accounts_while_one_types(browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.goto("/search/")
    page.locator("main input[type=search]").press_sequentially("paper", delay=20)
    expect(page.locator("main .found").get_by_text("@paper.lantern")).to_be_visible()


def test_ticked_accounts_are_counted_and_tagged_together(browsing: BrowserContext) -> None:
    page = browsing.new_page()
    page.goto("/accounts/")
    page.get_by_label("All shown").check()
    expect(page.locator("[data-count]")).to_have_text("1")
    page.get_by_role("combobox", name="Tag", exact=True).last.fill("clients")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("The tags of 1 account were changed.").or_(page.get_by_text("of 0 accounts"))
    ).to_be_visible()
    expect(page.locator("tr", has_text="@paper.lantern").get_by_text("#clients")).to_be_visible()


def test_a_filter_is_kept_as_it_stands_after_typing(browsing: BrowserContext, studio: Studio) -> None:
    page = browsing.new_page()
    page.goto(f"{studio.account}people/")
    page.get_by_label("Search people by name").press_sequentially("person.14", delay=20)
    expect(page.locator(".pcard")).to_have_count(11)
    page.get_by_text("Saved filters").click()
    page.get_by_role("textbox", name="Name of the filter").fill("Forties")
    page.get_by_role("button", name="Keep what is shown").click()
    expect(page.get_by_text("The filter is kept.")).to_be_visible()
    page.goto(f"{studio.account}people/?list=fans")
    page.get_by_text("Saved filters").click()
    page.get_by_role("link", name="Forties").click()
    expect(page).to_have_url(re.compile("q=person.14"))
    expect(page.locator(".pcard")).to_have_count(11)


def test_on_paper_nothing_stands_that_one_operates(browsing: BrowserContext, studio: Studio) -> None:
    page = browsing.new_page()
    page.goto(f"{studio.account}people/?look=table")
    page.emulate_media(media="print")
    for part in (".side", ".top", ".tabbar", ".filters", ".tabs"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator("main tbody tr").first).to_be_visible()
