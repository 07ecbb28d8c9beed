"""A page hears of changes without reloading, survives a restart of the web server, and does without the socket."""

from __future__ import annotations

import os
import signal
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.chaos]
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
    expect(page.locator("body")).to_have_attribute("data-live", "on")
    page.evaluate(COUNT_EVENTS, [topic])

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
    context.route_web_socket("**/ws/live/", lambda socket: socket.close())
    page = context.new_page()
    sign_up(page)
    page.evaluate(COUNT_EVENTS, ["job-none"])
    wait_until(page, "window.heard.resync >= 2")
