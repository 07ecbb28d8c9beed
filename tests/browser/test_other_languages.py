"""Spanish, which is longer than English, and pages that run from right to left: within screen and finger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import WIDTHS, axe_findings, evaluate, listen, size_faults
from tests.browser.site_world import SiteWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PATHS = (
    "/", "/accounts/", "/scans/", "/scans/new/", "/tasks/", "/monitoring/", "/settings/profile/", "/settings/sources/",
    "/settings/members/",
)  # fmt: skip


def tab(chromium: Browser, world: SiteWorld, who: str) -> Page:
    """A tab of this person in a Spanish browser."""
    context = chromium.new_context(base_url=world.site.base_url, reduced_motion="reduce", locale="es-ES")
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": "igsite-session", "value": world.people[who], "url": world.site.base_url}])
    return context.new_page()


def choose(page: Page, language: str, code: str) -> None:
    """Choose a language in the menu of one's own."""
    page.goto("/")
    page.locator("[popovertarget=me]").click()
    page.get_by_role("button", name=language).click()
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.fixture(scope="module")
def spanish(chromium: Browser, site_world: SiteWorld) -> Iterator[tuple[Page, list[str]]]:
    """The owner's tab, in Spanish, and what its console says. The choice stays with the person: it is taken back."""
    page = tab(chromium, site_world, "owner")
    heard = listen(page)
    choose(page, "Español", "es")
    yield page, heard
    choose(page, "English", "en")
    page.context.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_pages_fit_in_spanish_and_from_right_to_left(
    spanish: tuple[Page, list[str]], axe_script: Path, path: str, direction: str
) -> None:
    page, heard = spanish
    heard.clear()
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("lang", "es")
    evaluate(page, f"document.documentElement.dir = '{direction}'")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {fault}" for fault in size_faults(page)]
    assert found + axe_findings(page, axe_script) == []  # at the narrowest; other widths hold the same elements
    assert heard == []


def test_a_person_chooses_the_language_in_the_menu(chromium: Browser, site_world: SiteWorld) -> None:
    page = tab(chromium, site_world, "viewer")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    choose(page, "English", "en")
    page.reload()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    page.context.close()
