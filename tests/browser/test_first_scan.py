"""The whole way of a new user, in Chromium: sign up, hand over a login, track, scan, and see what a week changed."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from accounts.gateway.totp import totp_code
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ACCOUNT = "aurora.studio"
SCAN_SECONDS = 180_000


def sign_up(page: Page, email: str) -> None:
    page.goto("/auth/signup/")
    page.get_by_label(re.compile(r"^E-?mail", re.IGNORECASE)).fill(email)
    page.get_by_label("Password", exact=True).fill("a-long-enough-one-77")
    page.get_by_label(re.compile(r"Password.*again", re.IGNORECASE)).fill("a-long-enough-one-77")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def hand_over_login(page: Page) -> None:
    """A login whose second factor is asked for in the page."""
    page.goto("/settings/logins/add/")
    page.get_by_label("Instagram user name").fill("@demo_2fa")
    page.get_by_label("Instagram password").fill("demo-pass-2")
    page.get_by_role("button", name="Sign in").click()
    code = page.get_by_label("Code", exact=False).first
    expect(code).to_be_visible(timeout=60_000)
    code.fill(totp_code("JBSWY3DPEHPK3PXP", time.time()))
    page.get_by_role("button", name="Send the code").click()
    expect(page.locator("#login-status")).to_contain_text("Ready", timeout=60_000)


def scan(page: Page, account: str) -> list[str]:
    """Starts a scan of the followers in the dialog; what its progress said on the way, with no page load."""
    page.goto("/scans/")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="New scan").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account").fill(f"@{account}")
    dialog.get_by_label("Followers", exact=True).check()
    dialog.get_by_role("button", name="Start scan").click()
    card = dialog.locator("article.scan")
    expect(card).to_be_visible()
    seen: list[str] = []
    for _ in range(SCAN_SECONDS // 100):
        said = card.locator("progress").evaluate_all("bars => bars.map(bar => String(bar.value)).join()")
        if said and (not seen or seen[-1] != said):
            seen.append(said)
        if card.get_attribute("data-state") not in {"queued", "running"}:
            break
        page.wait_for_timeout(100)
    expect(card).to_have_attribute("data-state", "complete")
    assert page.evaluate("window.sameDocument") is True
    return seen


def shown(page: Page, kind: str) -> set[str]:
    """Every name in one section of the changes page, read on to its end by scrolling."""
    section = page.locator(f"section[aria-labelledby=h-{kind}]")
    more = section.locator("[data-more]")
    for _ in range(200):
        if not more.count():
            break
        more.evaluate_all("all => all.forEach(one => one.scrollIntoView())")
        page.wait_for_timeout(60)
    assert not more.count()
    selector = "li .who ins" if kind == "renamed" else "li .who"
    return {name.strip() for name in section.locator(selector).all_text_contents()}


def check_changes(page: Page, account: str, instagram: SimulatedInstagram, *, since: str, seen: str = "") -> None:
    """The page against the truth, person by person. Who left is shown with the name of the scan before."""
    truth = instagram.differences(account, since=since, seen=seen)
    assert all(truth[kind] for kind in ("new", "lost", "renamed"))
    assert bool(truth["returned"]) == bool(seen)
    page.goto("/accounts/")
    page.get_by_role("link", name=re.compile(re.escape(account))).first.click()
    page.get_by_role("navigation").get_by_role("link", name="Changes").click()
    for kind, pks in truth.items():
        assert shown(page, kind) == instagram.names(pks, at=since if kind == "lost" else "now"), kind
        count = page.locator(f"#h-{kind} .num")
        expect(count).to_have_text(f"{len(pks):,}")


def test_a_new_user_sees_exactly_what_changed_in_a_week(page: Page, live_site: SiteProcess) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    instagram = SimulatedInstagram(live_site.simulator_url)
    sign_up(page, "newcomer@example.org")
    hand_over_login(page)

    first = instagram.now()
    on_the_way = scan(page, ACCOUNT)
    assert len(on_the_way) > 3, "the bar did not move while the scan ran"

    instagram.pass_days(7)
    second = instagram.now()
    scan(page, ACCOUNT)
    check_changes(page, ACCOUNT, instagram, since=first)

    instagram.pass_days(7)
    scan(page, ACCOUNT)
    check_changes(page, ACCOUNT, instagram, since=second, seen=first)
    assert problems == []
