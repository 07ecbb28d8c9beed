"""A page hears of changes without reloading, survives a restart of the web server, and does without the socket."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import SitePerson
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.chaos]
LIVE = re.compile("/ws/live/")
PASSWORD = "a-long-password-2026"
HINT = """
from igsite.live import hint
from accounts.models import Membership
hint({topic!r}, Membership.objects.get(user__email={email!r}).workspace_id)
"""
COUNT_EVENTS = """
([topic]) => {
  window.heard = {topic: 0, resync: 0};
  document.body.addEventListener("live:" + topic, () => { window.heard.topic += 1; });
  document.body.addEventListener("resync", () => { window.heard.resync += 1; });
}
"""


def wait_until(page: Page, expression: str) -> None:
    """Poll the page from outside: a waiting script inside it would need what the CSP forbids."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}; {page.evaluate('window.heard')}")


def sign_up(page: Page) -> str:
    """A new person, on the dashboard."""
    email = f"{uuid4().hex[:12]}@igsite.example"
    page.goto("/auth/signup/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.locator("form:has(input[name=password1]) [type=submit]").click()
    page.wait_for_load_state()
    page.goto("/")
    return email


def test_hints_reach_the_page_also_after_the_web_server_was_killed(page: Page, live_site: SiteProcess) -> None:
    email = sign_up(page)
    topic = f"job-{uuid4()}"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "hx-request" in request.headers else None)
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-live", "on")
    page.evaluate(COUNT_EVENTS, [topic])
    page.wait_for_timeout(500)
    assert asked == [], "nothing has changed since the page was made: nothing is read again"

    live_site.manage("shell", "-c", HINT.format(topic=topic, email=email))
    wait_until(page, "window.heard.topic === 1")

    page.evaluate("window.heard.resync = 0")
    os.kill(live_site.pid("web"), signal.SIGKILL)
    expect(page.locator("body")).to_have_attribute("data-live", "off")
    expect(page.locator("body")).to_have_attribute("data-live", "on", timeout=60_000)
    wait_until(page, "window.heard.resync >= 1")
    live_site.manage("shell", "-c", HINT.format(topic=topic, email=email))
    wait_until(page, "window.heard.topic === 2")


def test_without_the_socket_the_page_asks_by_itself(context: BrowserContext) -> None:
    context.route_web_socket(LIVE, lambda socket: socket.close())
    page = context.new_page()
    sign_up(page)
    page.evaluate(COUNT_EVENTS, ["job-none"])
    wait_until(page, "window.heard.resync >= 2")


@pytest.fixture
def slow_scan(live_site: SiteProcess) -> Iterator[tuple[SitePerson, dict[str, Any]]]:
    """A scan whose pages come slowly, so that it still runs while something happens to the site."""
    instagram = SimulatedInstagram(live_site.simulator_url)
    instagram.mend()
    person = SitePerson(live_site.base_url).sign_up()
    person.hand_over_login()
    instagram.fault("/followers/", "slow", ms=1500, count=-1)
    yield person, person.start_scan("northwind_run")
    instagram.mend()


def watch(context: BrowserContext, site: SiteProcess, person: SitePerson, scan: dict[str, Any]) -> Page:
    """The scan's page, marked: a reload would lose the mark."""
    cookies = [{"name": one.name, "value": one.value or "", "url": site.base_url} for one in person.cookies]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"/scans/{scan['id']}/")
    page.evaluate("window.mark = true")
    return page


def test_a_live_scan_is_shown_on_after_the_web_server_was_killed(
    context: BrowserContext, live_site: SiteProcess, slow_scan: tuple[SitePerson, dict[str, Any]]
) -> None:
    page = watch(context, live_site, *slow_scan)
    card = page.locator("article.scan")
    expect(card).to_have_attribute("data-state", "running", timeout=30_000)
    expect(page.locator("body")).to_have_attribute("data-live", "on")
    os.kill(live_site.pid("web"), signal.SIGKILL)
    expect(page.locator("body")).to_have_attribute("data-live", "off")
    expect(card).to_have_attribute("data-state", "complete", timeout=90_000)
    expect(page.locator("#conn")).to_be_hidden()
    assert page.evaluate("window.mark")


def test_a_live_scan_is_shown_to_its_end_with_the_socket_blocked(
    context: BrowserContext, live_site: SiteProcess, slow_scan: tuple[SitePerson, dict[str, Any]]
) -> None:
    context.route_web_socket(LIVE, lambda socket: socket.close())
    page = watch(context, live_site, *slow_scan)
    expect(page.locator("article.scan")).to_have_attribute("data-state", "complete", timeout=90_000)
    expect(page.locator("#conn")).to_be_visible()
    assert page.evaluate("window.mark")
