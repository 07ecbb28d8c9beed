"""Without JavaScript: sign up, hand over a login with its code, scan twice, read what changed and page on."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.gateway.totp import totp_code
from tests.browser.by_hand import reload_until, sign_up
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ACCOUNT = "northwind_run"  # a thousand followers
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def page(chromium: Browser, live_site: SiteProcess) -> Iterator[Page]:
    """A tab that runs no script."""
    context = chromium.new_context(base_url=live_site.base_url, java_script_enabled=False)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def scan(page: Page) -> None:
    """Order a scan of the followers and look again until it has ended."""
    page.goto("/scans/new/")
    page.get_by_label("Account", exact=True).fill(f"@{ACCOUNT}")
    page.get_by_label("Followers", exact=True).check()
    page.get_by_role("button", name="Start scan").click()
    reload_until(page, page.url, ".scan[data-state=complete]")


def read_on(page: Page, kind: str) -> int:
    """Every entry of one section of the changes, by its link to the next page; how many there are."""
    section = page.locator(f"section[aria-labelledby=h-{kind}]")
    found = 0
    while True:
        found += section.locator("li:not(.more)").count()
        more = section.get_by_role("link", name=re.compile("^Show more"))
        if not more.count():
            return found
        more.click()


def test_everything_works_by_plain_pages(page: Page, live_site: SiteProcess) -> None:
    instagram = SimulatedInstagram(live_site.simulator_url)
    instagram.mend()
    sign_up(page, f"plain{time.time_ns()}")
    page.goto("/settings/logins/add/")
    page.get_by_label("Instagram user name").fill("@demo_2fa")
    page.get_by_label("Instagram password").fill("demo-pass-2")
    page.get_by_role("button", name="Sign in", exact=True).click()
    login = page.url
    reload_until(page, login, "input[name=code]")
    page.locator("input[name=code]").fill(totp_code(SEED, time.time()))
    page.get_by_role("button", name="Send the code").click()
    reload_until(page, login, "main .tag:text-is('Ready')")

    since = instagram.now()
    scan(page)
    instagram.pass_days(28)  # more would be lost at once than is believed
    scan(page)
    truth = instagram.differences(ACCOUNT, since=since)
    page.get_by_role("link", name=re.compile("^See changes")).click()
    for kind in ("new", "lost"):
        expect(page.locator(f"#h-{kind} .num")).to_have_text(f"{len(truth[kind]):,}")
        address = page.url
        assert read_on(page, kind) == len(truth[kind]) > 30, "more than a page"
        page.goto(address)

    page.goto("/accounts/")
    page.get_by_role("link", name=re.compile(re.escape(ACCOUNT))).first.click()
    page.get_by_role("link", name="People", exact=True).first.click()
    page.get_by_label("Search people by name").fill("a")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("q=a"))
    first = page.locator(".pcard").count()
    page.get_by_role("link", name=re.compile("^Show more")).click()
    assert first == 60
    assert page.locator(".pcard").count()

    page.goto("/scans/new/")
    page.get_by_role("button", name="Start scan").click()
    expect(page.get_by_text("Enter an account, for example").first).to_be_visible()
