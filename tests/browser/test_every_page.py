"""Every page that the resolver knows, as people see it: accessible, within policy and screen, at a finger's reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.architecture.routes import Route, every_route
from tests.browser.looking import Tab, open_tab
from tests.browser.site_pages import FACES, NOT_PAGES, READ_ONLY, SEEN_BY, STATES, nature, visits
from tests.browser.site_world import SiteWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# The admin is Django's own and has its tests (tests/igsite/test_admin.py).
ROUTES = [route for route in every_route() if route.area != "admin"]


@pytest.fixture(scope="module")
def tabs(chromium: Browser, site_world: SiteWorld, axe_script: Path) -> Iterator[dict[str, Tab]]:
    """One open tab for each of the people."""
    people = {**site_world.people, "stranger": ""}
    opened = {who: open_tab(chromium, site_world.site.base_url, cookie, axe_script) for who, cookie in people.items()}
    yield opened
    for tab in opened.values():
        tab.page.context.close()


def test_what_is_said_of_routes_is_said_of_routes_that_exist() -> None:
    assert {*NOT_PAGES, *SEEN_BY, *FACES, *STATES, *READ_ONLY} <= {route.path for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_page_is_accessible_and_fits(route: Route, site_world: SiteWorld, tabs: dict[str, Tab]) -> None:
    for number, visit in enumerate(visits(route, site_world)):
        found = nature(visit, site_world)
        if route.path in NOT_PAGES:
            assert found not in {"page", "500"}, f"{visit}: it is a page: take it off NOT_PAGES"
        elif found == "page":
            assert tabs[visit.who].faults(visit.path, is_new=number == 0) == []
        else:
            assert found in {"change", "data", "part"}, f"{visit}: no page (say why in NOT_PAGES), or seen by others"
