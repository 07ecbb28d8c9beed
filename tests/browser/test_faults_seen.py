"""What a person sees when Instagram misbehaves in mid-scan: a sentence, a way on, and nobody lost by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import SitePerson
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ACCOUNT = "northwind_run"  # a thousand followers: five pages
NOBODY_LOST = "nobody was counted as lost"


@dataclass
class Onlooker:
    """A person with a login, an account scanned once, and a browser."""

    person: SitePerson
    instagram: SimulatedInstagram
    context: BrowserContext

    def scan_meets(self, kind: str, **more: object) -> Page:
        """A second scan that meets a fault after its second page, and its page in the browser."""
        # This account's list only: what the canonical account meets, too, is broken for everybody on this site.
        self.instagram.fault(f"friendships/{self.instagram.pk(ACCOUNT)}/followers", kind, **{"after_pages": 2, **more})
        scan = self.person.start_scan(ACCOUNT)
        page = self.context.new_page()
        page.goto(f"/scans/{scan['id']}/")
        return page

    def nobody_is_lost(self, page: Page) -> None:
        """Neither the dashboard nor the changes page says so, and the stored list is still everybody."""
        page.goto("/")
        lost = page.get_by_role("region", name="Key figures").locator(".card", has_text="Lost followers")
        expect(lost).to_contain_text(re.compile(r"[–0]"))
        assert not re.search(r"[1-9]", (lost.inner_text()).replace("7 days", ""))
        account = self.person.api("v1/accounts")["items"][0]
        stored = self.person.people({"account_id": account["id"]})
        assert set(self.instagram.followers(ACCOUNT)) <= set(stored)


@pytest.fixture
def onlooker(chromium: Browser, live_site: SiteProcess, request: pytest.FixtureRequest) -> Iterator[Onlooker]:
    """A fresh workspace each: what Instagram does to a login stays with it."""
    instagram = SimulatedInstagram(live_site.simulator_url)
    instagram.mend()
    person = SitePerson(live_site.base_url).sign_up()
    person.hand_over_login(*getattr(request, "param", ()))
    assert person.scan(ACCOUNT)["state"] == "complete"
    context = chromium.new_context(base_url=live_site.base_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": live_site.base_url} for one in person.cookies]
    )
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: said.append(str(error.error)))
    yield Onlooker(person, instagram, context)
    instagram.mend()
    context.close()
    assert said == []


def card(page: Page) -> Locator:
    """The scan on its page."""
    return page.locator("article.scan")


ENDED: dict[str, tuple[dict[str, Any], str, str]] = {
    "limited": ({"after_pages": 0}, "partial", "Instagram shows only part of this list"),
    "early_end": ({}, "partial", "The list ended after 600 people, but the profile counts 1,"),
    "looping_cursor": ({"count": -1}, "partial", "kept sending the same people again"),
    "empty_page": ({"after_pages": 0, "count": -1}, "failed", "the source gave none: it is broken at the moment"),
    "private": ({"count": -1}, "partial", "private"),
    "not_found": ({"count": -1}, "partial", "does not exist"),
    "login_required": ({"count": -1}, "partial", "Log in again"),
}


@pytest.mark.parametrize("kind", ENDED)
def test_a_scan_that_was_cut_short_says_why_and_what_it_is_worth(onlooker: Onlooker, kind: str) -> None:
    more, state, sentence = ENDED[kind]
    page = onlooker.scan_meets(kind, **more)
    expect(card(page)).to_have_attribute("data-state", state, timeout=180_000)
    expect(card(page)).to_contain_text(sentence)
    worth = re.compile(f"{NOBODY_LOST}|Nothing was changed|Nothing was read|Nothing was\\s+changed", re.IGNORECASE)
    expect(card(page)).to_contain_text(worth)
    onlooker.nobody_is_lost(page)


WAITING: dict[str, tuple[str, str]] = {
    "please_wait": ("asks to slow down", "in 14|in 15"),
    "feedback_required": ("blocked actions of this login", "in 59|in 60|in 1 h|in an hour"),
    "proxy_blocked": ("blocks the address", "in 59|in 60|in 1 h|in an hour"),
}


@pytest.mark.parametrize("kind", WAITING)
def test_a_scan_that_waits_says_for_what_and_until_when(onlooker: Onlooker, kind: str) -> None:
    sentence, when = WAITING[kind]
    page = onlooker.scan_meets(kind)
    expect(card(page)).to_contain_text(sentence, timeout=120_000)
    expect(card(page)).to_contain_text("Goes on by itself")
    expect(card(page).locator("time").first).to_contain_text(re.compile(when))
    page.once("dialog", lambda question: question.accept())
    card(page).get_by_role("button", name="Stop").click()
    expect(card(page)).to_have_attribute("data-state", "partial", timeout=30_000)
    expect(card(page)).to_contain_text("cancelled")
    onlooker.nobody_is_lost(page)


# One not understood, one no answer at all; the others are told in the same words (tests/scans/test_scan_faults.py).
@pytest.mark.parametrize("kind", ["html", "reset"])
def test_a_scan_goes_on_by_itself_after_a_hiccup(onlooker: Onlooker, kind: str) -> None:
    page = onlooker.scan_meets(kind, count=-1)
    expect(card(page)).to_contain_text("Goes on by itself", timeout=60_000)
    onlooker.instagram.mend()
    expect(card(page)).to_have_attribute("data-state", "complete", timeout=120_000)
    onlooker.nobody_is_lost(page)


def test_an_approval_in_the_app_lets_the_scan_go_on(onlooker: Onlooker) -> None:
    page = onlooker.scan_meets("checkpoint")
    expect(card(page)).to_contain_text("confirm that it is you", timeout=60_000)
    scan = page.url
    page.get_by_role("link", name="See what is needed").click()
    expect(page.locator("#login-status")).to_contain_text("Open the Instagram app on your phone")
    page.get_by_role("button", name="I approved it: resume").click()
    expect(page.locator("#login-status")).to_contain_text("This login reads for the workspace", timeout=60_000)
    page.goto(scan)
    expect(card(page)).to_have_attribute("data-state", "complete", timeout=60_000)
    onlooker.nobody_is_lost(page)


@pytest.mark.parametrize("onlooker", [("demo_challenge", "demo-pass-3", "654321")], indirect=True, ids=["by e-mail"])
def test_a_challenge_leads_to_the_code_and_the_code_lets_the_scan_go_on(onlooker: Onlooker) -> None:
    onlooker.instagram.fault("current_user", "challenge")
    page = onlooker.scan_meets("challenge")
    expect(card(page)).to_contain_text("confirm that it is you", timeout=60_000)
    scan = page.url
    page.get_by_role("link", name="See what is needed").click()
    status = page.locator("#login-status")
    page.get_by_role("button", name="I approved it: resume").click()
    page.get_by_label("mail", exact=False).first.check(timeout=60_000)
    page.get_by_role("button", name="Use this way").click()
    status.get_by_label("Code", exact=False).first.fill("654321", timeout=60_000)
    page.get_by_role("button", name="Send the code").click()
    expect(status).to_contain_text("This login reads for the workspace", timeout=60_000)
    page.goto(scan)
    expect(card(page)).to_have_attribute("data-state", "complete", timeout=60_000)
    onlooker.nobody_is_lost(page)
