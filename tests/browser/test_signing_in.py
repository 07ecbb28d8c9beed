"""In the browser: passkeys and codes, under the strict policy."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import BrowserContext, Page, expect

from tests.site_process import SiteProcess

pytestmark = pytest.mark.browser
PASSWORD = "correct-horse-battery-4"


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the console says: violations of the policy and errors of scripts. None is allowed."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


def new_person(page: Page, site: SiteProcess) -> str:
    """Sign up, under the name of this machine that passkeys accept; returns the address."""
    email = f"kira-{secrets.token_hex(4)}@example.com"
    page.goto(f"{here(site)}/auth/signup/")
    page.get_by_label("Email").fill(email)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.locator("main button.primary").click()
    expect(page.locator("aside.side")).to_be_attached()
    return email


def here(site: SiteProcess) -> str:
    """The site's address by name: WebAuthn knows no addresses in numbers."""
    return site.base_url.replace("127.0.0.1", "localhost")


def sign_in(page: Page, site: SiteProcess, email: str) -> None:
    page.goto(f"{here(site)}/auth/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button.primary").click()


def confirm_password(page: Page) -> None:
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button.primary").click()


def sign_out(page: Page, site: SiteProcess) -> None:
    page.goto(f"{here(site)}/auth/logout/")
    page.locator("main form button").click()
    expect(page).to_have_url(re.compile("/auth/login/"))


def code_for(secret: str) -> str:
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


def test_a_passkey_is_added_and_signs_in(
    context: BrowserContext, page: Page, live_site: SiteProcess, complaints: list[str]
) -> None:
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    new_person(page, live_site)
    page.goto(f"{here(live_site)}/auth/2fa/webauthn/add/")
    confirm_password(page)
    page.locator("#id_passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url(re.compile("/auth/2fa/recovery-codes/"))
    sign_out(page, live_site)
    page.locator("#passkey_login").click()
    expect(page).to_have_url(f"{here(live_site)}/")


def test_an_authenticator_app_is_set_up_and_asked_for(
    page: Page, live_site: SiteProcess, complaints: list[str]
) -> None:
    email = new_person(page, live_site)
    page.goto(f"{here(live_site)}/auth/2fa/totp/activate/")
    confirm_password(page)
    drawn = page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 0")
    assert drawn
    secret = page.locator("#authenticator_secret").inner_text()
    page.locator("#id_code").fill(code_for(secret))
    page.locator("main button.primary").click()
    expect(page).to_have_url(re.compile("/auth/2fa/"))
    recovery = page.request.get(f"{here(live_site)}/auth/2fa/recovery-codes/download/").text().split()
    sign_out(page, live_site)
    sign_in(page, live_site, email)
    expect(page).to_have_url(re.compile("/auth/2fa/authenticate/"))
    page.locator("input[name=code]").first.fill(recovery[0])
    page.locator("main button.primary").first.click()
    expect(page).to_have_url(f"{here(live_site)}/")
