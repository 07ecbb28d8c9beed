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


@pytest.fixture
def page(chromium: Browser, site_world: SiteWorld, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab in a Spanish browser: the owner's, or that of the person who is asked for."""
    cookie = site_world.people[getattr(request, "param", "owner")]
    context = chromium.new_context(base_url=site_world.site.base_url, reduced_motion="reduce", locale="es-ES")
    context.set_default_timeout(20_000)
    context.add_cookies([{"name": "igsite-session", "value": cookie, "url": site_world.site.base_url}])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_pages_fit_in_spanish_and_from_right_to_left(page: Page, axe_script: Path, path: str, direction: str) -> None:
    heard = listen(page)
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("lang", "es")
    evaluate(page, f"document.documentElement.dir = '{direction}'")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width} px: {fault}" for fault in size_faults(page)]
    assert found + axe_findings(page, axe_script) == []  # at the narrowest; other widths hold the same elements
    assert heard == []


# Not the owner, whose language the other tests look at: the choice stays with the person.
@pytest.mark.parametrize("page", ["viewer"], indirect=True)
def test_a_person_chooses_the_language_in_the_menu(page: Page) -> None:
    page.goto("/")
    page.locator("[popovertarget=me]").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
