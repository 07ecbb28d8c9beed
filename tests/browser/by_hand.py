"""What people do by the pages: sign up, track an account, import an export, look again until it is there."""

from __future__ import annotations

import io

from playwright.sync_api import Page, expect

from tests.gateway.export_files import FOLDER, v1, zipped

PASSWORD = "a-long-passphrase-7"


def sign_up(page: Page, name: str) -> None:
    """A new person, on the dashboard."""
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
    scan = page.get_by_role("link", name="How it went")
    expect(scan).to_be_visible()  # the page hears of the end of the job
    return str(scan.get_attribute("href"))


def reload_until(page: Page, address: str, selector: str) -> None:
    """What a person without scripts does."""
    for _ in range(120):
        page.goto(address)
        if page.locator(selector).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{selector} never came: {page.locator('main').inner_text()}")
