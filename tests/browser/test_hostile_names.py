"""People whose names are scripts, formulas and walls of accents: shown as text, on every page, within the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.looking import Tab, open_tab
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import SitePerson
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ACCOUNT = "hostile.names"
# Of what people wrote, only the page's own elements may stand in the page.
FOREIGN = """
[...document.querySelectorAll("main [onerror], main script, main [onclick], main [onload], main iframe")]
  .map(one => one.outerHTML)
"""
# A name that runs from right to left, or never ends, must not reach beyond its own box.
SPILLS = """
[...document.querySelectorAll("main .person, main .pcard, main article, main li, main section")].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 1 || box.left < -1) && !one.closest(".scroll");
}).map(one => one.outerHTML.slice(0, 200))
"""


@pytest.fixture(scope="module")
def reader(live_site: SiteProcess) -> SitePerson:
    """Somebody who scanned such an account twice, ten days apart: after a month the loss may be quarantined."""
    instagram = SimulatedInstagram(live_site.simulator_url)
    instagram.mend()
    person = SitePerson(live_site.base_url).sign_up()
    person.hand_over_login()
    for _time in range(2):
        scan = person.scan(ACCOUNT, ("followers", "following"))
        assert scan["state"] == "complete", scan["message"]
        instagram.pass_days(10)
    assert len(person.people(scan)) > 300
    return person


@pytest.fixture
def tab(chromium: Browser, live_site: SiteProcess, reader: SitePerson, axe_script: Path) -> Iterator[Tab]:
    """That person's browser."""
    cookie = next(one.value or "" for one in reader.cookies if one.name == "igsite-session")
    tab = open_tab(chromium, live_site.base_url, cookie, axe_script)
    yield tab
    tab.page.context.close()


def read_on(page: Page) -> None:
    """Scroll until the list has ended."""
    more = page.locator("[data-more]")
    while more.count():
        more.evaluate_all("all => all.forEach(one => one.scrollIntoView())")
        page.wait_for_timeout(80)


def test_hostile_names_are_text_on_every_page(tab: Tab, reader: SitePerson) -> None:
    account = reader.api("v1/accounts")["items"][0]["id"]
    names = [one["full_name"] for one in reader.pages(f"v1/scans/of/{account}/people/followers")]
    assert any("<script" in name for name in names)
    base = f"/accounts/{account}/"
    paths = ["/", "/accounts/", "/scans/", "/tasks/", base, f"{base}people/", f"{base}people/?list=fans&look=table"]
    paths += [f"{base}people/?sort=newest", f"{base}changes/", f"{base}network/", "/accounts/?q=%3Cscript%3E"]
    paths += [f"{base}people/?q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", f"/accounts/{account}/people/?q=%E2%80%AE"]
    page = tab.page
    found: list[Any] = []

    def heard(dialog: Dialog) -> None:
        found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    page.on("dialog", heard)
    for path in paths:
        found += tab.faults(path, is_new=False)
        read_on(page)
        found += [f"{path}: {one}" for one in page.evaluate(FOREIGN) + page.evaluate(SPILLS)]
        expect(page.locator("h1")).to_be_visible()
    assert found == []
