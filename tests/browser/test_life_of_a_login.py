"""In the browser, by the real client: password, second factor, a challenge in mid-session, other processes, a scan."""

from __future__ import annotations

import os
import re
import secrets
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.simulated_instagram import SimulatedInstagram
from tests.browser.test_first_scan import hand_over_login, sign_up
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
PATIENCE = 90_000
ACCOUNT = "tiny.pottery"


@pytest.fixture
def instagram(live_site: SiteProcess) -> Iterator[SimulatedInstagram]:
    """What the person does not see; without faults afterwards."""
    found = SimulatedInstagram(live_site.simulator_url)
    yield found
    found.mend()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def pass_challenge(page: Page, instagram: SimulatedInstagram) -> None:
    """Instagram wants to know who it is in the middle of a session; a code by text message answers it."""
    status = page.locator("#login-status")
    instagram.fault("accounts/current_user", "challenge", count=2)
    press(page, "Check the session")
    expect(status).to_contain_text("Needs your approval", timeout=PATIENCE)
    press(page, "I approved it: resume")
    expect(status).to_contain_text("How shall Instagram send the code?", timeout=PATIENCE)
    page.get_by_label(re.compile("Text message")).check()
    press(page, "Use this way")
    code = page.get_by_label("Code", exact=False).first
    expect(code).to_be_visible(timeout=PATIENCE)
    code.fill("999999")
    press(page, "Send the code")
    expect(status).to_contain_text("did not accept this code", timeout=PATIENCE)
    page.get_by_label("Code", exact=False).first.fill("123456")
    press(page, "Send the code")
    expect(status.locator(".tag").first).to_have_text("Ready", timeout=PATIENCE)


def replace_workers(site: SiteProcess) -> None:
    """Every process that ever held the session ends; others take over, with nothing but the database."""
    before = site.pid("cluster")
    os.kill(before, signal.SIGKILL)
    site.wait_for(lambda: site.pid("cluster") != before, 90, "the supervisor started another cluster")


def test_a_login_lives_through_code_challenge_and_other_processes(
    page: Page, live_site: SiteProcess, instagram: SimulatedInstagram
) -> None:
    sign_up(page, f"{secrets.token_hex(4)}@example.org")
    seen = len(instagram.log("send_login_request"))
    first = max((entry["id"] for entry in instagram.log("")), default=0)
    hand_over_login(page)
    pass_challenge(page, instagram)
    replace_workers(live_site)

    page.goto("/scans/new/")
    page.locator("#id_account").fill(f"@{ACCOUNT}")
    page.get_by_label("Followers", exact=True).check()
    press(page, "Start scan")
    expect(page.locator("[data-state=complete]").first).to_be_visible(timeout=PATIENCE)

    mine = [entry for entry in instagram.log("") if entry["id"] > first and entry["login"] == "demo_2fa"]
    assert len(instagram.log("send_login_request")) == seen + 1, "the password was sent once"
    assert len({entry["device"] for entry in mine if entry["device"]}) == 1, "one device all along"
    page.goto("/settings/logins/")
    page.get_by_role("link", name="@demo_2fa", exact=True).click()
    page.get_by_role("link", name="Requests over time").click()
    expect(page.get_by_role("heading", name="What was refused")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Instagram wanted a confirmation")
