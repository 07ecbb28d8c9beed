"""Every page of a workspace with people in it: accessible, within policy and screen; and what works without scripts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.simulated_instagram import SimulatedInstagram
from tests.gateway.export_files import FOLDER, v1, zipped
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSWORD = "a-long-passphrase-7"
SIZES: dict[str, ViewportSize] = {"phone": {"width": 320, "height": 640}, "desk": {"width": 1440, "height": 900}}
# Sizes and themes use the same tokens: each is seen once, not every pair.
LOOKS = [("phone", "dark"), ("desk", "light")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECK = """
axe.run(document, {{runOnly: {rules}, resultTypes: ["violations"]}})
  .then(found => JSON.stringify(found.violations.map(one => [one.id, one.nodes[0].html])))
"""
# Operated by a finger: all but links within a sentence and what only the keyboard reaches.
TOO_SMALL = """
[...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")]
  .map(one => one.closest("label") ?? one)
  .filter(one => {
    const box = one.getBoundingClientRect();
    const isInText = one.matches(".skip") || getComputedStyle(one).display === "inline";
    return box.width && box.height && box.height < 43.5 && !isInText;
  })
  .map(one => one.outerHTML.slice(0, 120))
"""
PLAIN_PAGES = ["/auth/login/", "/auth/signup/", "/auth/password/reset/", "/nothing/here/"]
PAGES = [
    "/",
    "/accounts/",
    "/accounts/?q=nobody-of-this-name",
    "/scans/",
    "/scans/new/",
    "/tasks/",
    "/patterns/",
    "/settings/profile/",
    "/settings/logins/",
    "/settings/logins/add/",
    "/settings/logins/add/session/",
    "/settings/workspaces/",
    "/settings/schedule/",
    "/settings/members/",
    "/settings/tokens/",
    "/settings/audit/",
    "/auth/email/",
    "/auth/2fa/",
    "/auth/sessions/",
    "/nothing/here/",
]
ACCOUNT_PAGES = [
    "",
    "people/",
    "people/?list=mutuals&look=table",
    "people/?list=fans",
    "people/?q=nobody",
    "changes/",
    "changes/?list=following",
    "history/",
    "history/?list=following",
    "history/people/?at=1",
    "import/",
]


@dataclass
class Studio:
    """Somebody signed in, and an account whose export was imported twice."""

    state: Any
    account: str
    scan: str


def sign_up(page: Page, name: str) -> None:
    page.goto("/auth/signup/")
    page.fill("input[name=email]", f"{name}@example.com")
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.locator("form:has(input[name=password1]) [type=submit]").first.click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def export(followers: range, following: range) -> io.BytesIO:
    """An export with these people in it."""
    return zipped(
        {
            f"{FOLDER}followers_1.json": [v1(f"person.{number}") for number in followers],
            f"{FOLDER}following.json": {"relationships_following": [v1(f"person.{number}") for number in following]},
        }
    )


def track(page: Page, name: str) -> str:
    """Track an account by its form; the path of its page."""
    page.goto("/accounts/")
    page.locator("form[method=post] input[name=account]").fill(f"@{name}")
    page.get_by_role("button", name="Track").click()
    link = page.locator("a.person", has_text=f"@{name}").first
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def upload(page: Page, account: str, stream: io.BytesIO) -> str:
    """Import an export; the path of its scan."""
    page.goto(f"{account}import/")
    page.locator("input[type=file]").set_input_files(
        {"name": "export.zip", "mimeType": "application/zip", "buffer": stream.getvalue()}
    )
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("The export was imported.")).to_be_visible()
    return re.sub(r"^https?://[^/]+", "", page.url)


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


def evaluate(page: Page, script: str) -> Any:
    """Run a script from outside the page's policy, as the developer tools do; wait for what it promises."""
    tools = page.context.new_cdp_session(page)
    answer = tools.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
    tools.detach()
    return answer["result"].get("value")


def faults(page: Page, axe: Path) -> list[str]:
    """What is wrong with the page that is open."""
    found = []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"{wide} px wider than the screen")
    found += [f"under 44 px: {html}" for html in page.evaluate(TOO_SMALL)]
    evaluate(page, axe.read_text())
    found += [f"axe {rule}: {html}" for rule, html in json.loads(evaluate(page, CHECK.format(rules=RULES)))]
    return found


def check(page: Page, path: str, axe: Path) -> list[str]:
    """Open a page and say what is wrong with it, what the browser complains of included."""
    said: list[str] = []
    listen = lambda message: said.append(message.text) if message.type in {"error", "warning"} else None  # noqa: E731
    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path)
    expect(page.locator("body:not([data-live-url]), body[data-live=on]")).to_be_attached()
    said += faults(page, axe)
    page.remove_listener("console", listen)
    expected = "404 (Not Found)" if path == "/nothing/here/" else "never said"
    return [f"{path}: {one}" for one in said if expected not in one]


def test_every_page_is_accessible_and_fits(browsing: BrowserContext, studio: Studio, axe_script: Path) -> None:
    page = browsing.new_page()
    paths = [*PAGES, *(f"{studio.account}{part}" for part in ACCOUNT_PAGES), studio.scan]
    assert [fault for path in paths for fault in check(page, path, axe_script)] == []


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_strangers_are_accessible_and_fit(
    chromium: Browser, live_site: SiteProcess, size: str, axe_script: Path
) -> None:
    context = chromium.new_context(base_url=live_site.base_url, viewport=SIZES[size])
    page = context.new_page()
    assert [fault for path in PLAIN_PAGES for fault in check(page, path, axe_script)] == []
    context.close()


def test_the_dialog_is_accessible_and_its_problems_take_the_focus(browsing: BrowserContext, axe_script: Path) -> None:
    page = browsing.new_page()
    page.goto("/scans/")
    page.get_by_role("link", name="New scan").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert faults(page, axe_script) == []
    dialog.get_by_role("button", name="Start scan").click()
    problem = dialog.locator("[data-focus]")
    expect(problem).to_be_focused()
    expect(dialog.get_by_label("Account")).to_have_attribute("aria-invalid", "true")
    assert faults(page, axe_script) == []
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
    assert page.locator(".pcard").count() == len(followers["pks"])
    context.close()


def reload_until(page: Page, address: str, selector: str) -> None:
    """What a person without scripts does."""
    for _ in range(120):
        page.goto(address)
        if page.locator(selector).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{selector} never came: {page.locator('main').inner_text()}")
