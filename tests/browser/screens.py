"""Pictures of every page: ``python -m tests.browser.screens`` starts a site of its own and looks at it.

What the README shows lies in ``docs/screens/`` and is kept; all pages in all looks go to ``docs/screens/all/``, which
is not. ``--only readme`` makes the first kind only.
"""

from __future__ import annotations

import argparse
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
django.setup()  # the resolver knows the pages

from tests.architecture.routes import every_route  # noqa: E402
from tests.browser.conftest import chromium_program, program_arguments  # noqa: E402
from tests.browser.looking import SETTLED  # noqa: E402
from tests.browser.simulated_instagram import SimulatedInstagram  # noqa: E402
from tests.browser.site_pages import SEEN_BY, nature, visits  # noqa: E402
from tests.browser.site_world import furnished  # noqa: E402
from tests.site_person import SitePerson  # noqa: E402
from tests.site_process import ROOT, SiteProcess, open_temporary_folder  # noqa: E402

FOLDER = ROOT / "docs" / "screens"
ACCOUNTS = ("aurora.studio", "northwind_run", "gap.gallery", "tiny.pottery")
LOOKS = [(width, scheme) for width in (320, 1440) for scheme in ("light", "dark")]
TALLEST = 2400
FACES_WITHIN = 90
QUALITY = 64


def take(page: Page, file: Path, width: int, scheme: str, *, tallest: int = TALLEST) -> None:
    """A picture of the page that is open, as WebP."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.evaluate(SETTLED)
    high = min(tallest, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": max(high, 640)})
    page.evaluate(SETTLED)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).save(file, "WEBP", quality=QUALITY, method=6)


def scanned_world(site: SiteProcess) -> SitePerson:
    """Somebody with four accounts, each scanned twice, a week apart."""
    instagram = SimulatedInstagram(site.simulator_url)
    owner = SitePerson(site.base_url).sign_up()
    owner.hand_over_login()
    for days in (7, 0):  # addresses of pictures run out: none passes after the last scan
        for scan in [owner.start_scan(name, ("followers", "following")) for name in ACCOUNTS]:
            owner.wait_for_end(scan, 300)
        instagram.pass_days(days)
    return owner


def readme_pictures(page: Page, owner: SitePerson) -> None:
    """The five that the README shows, of a studio at work."""
    account = next(one for one in owner.api("v1/accounts")["items"] if one["username"] == "northwind_run")
    base = f"/accounts/{account['id']}/"
    for _second in range(FACES_WITHIN):  # the profile pictures are fetched when a page asks for them
        page.goto(f"{base}people/")
        if page.locator(".pcard [data-face]").count() > page.locator(".pcard").count() * 0.8:
            break
        page.wait_for_timeout(1000)
    owner.start_scan("aurora.studio")
    for name, path, width, scheme in (
        ("dashboard", "/", 1440, "light"),
        ("people", f"{base}people/", 1440, "light"),
        ("changes", f"{base}changes/", 1440, "dark"),
        ("network", "/network/", 1440, "dark"),
        ("phone", base, 320, "light"),
    ):
        page.goto(path)
        page.wait_for_timeout(1500)  # pictures, and the drawing of the network
        take(page, FOLDER / f"{name}.webp", width, scheme, tallest=900)


def all_pictures(browser: Browser, site: SiteProcess, owner: SitePerson) -> None:
    """Every face of every page, in every look."""
    world = furnished(site, owner)
    for who in {"owner", "viewer", *SEEN_BY.values()}:
        with tab(browser, site, world.people.get(who, "")) as page:
            for route in every_route():
                for number, visit in enumerate(visits(route, world) if route.area != "admin" else []):
                    if visit.who != who or nature(visit, world) != "page":
                        continue
                    page.goto(visit.path)
                    for width, scheme in LOOKS:
                        take(
                            page,
                            FOLDER / "all" / f"{_name(route.path)}{number}-{who}-{width}-{scheme}.webp",
                            width,
                            scheme,
                        )


def _name(path: str) -> str:
    return "".join(f"{part}-" for part in re.sub(r"<[^>]*>", "x", path).split("/") if part) or "dashboard-"


@contextmanager
def tab(browser: Browser, site: SiteProcess, cookie: str) -> Iterator[Page]:
    """An open tab of the person with this cookie."""
    context = browser.new_context(base_url=site.base_url, reduced_motion="reduce")
    if cookie:
        context.add_cookies([{"name": "igsite-session", "value": cookie, "url": site.base_url}])
    yield context.new_page()
    context.close()


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=["readme"])
    only = parser.parse_args().only
    program = chromium_program()
    if program is None:
        raise SystemExit("Chromium is not installed: `apt-get install chromium`, or name it in CHROMIUM.")
    with open_temporary_folder() as folder, SiteProcess(folder) as site, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=program_arguments())
        owner = scanned_world(site)
        cookie = next(one.value or "" for one in owner.cookies if one.name == "igsite-session")
        with tab(browser, site, cookie) as page:
            readme_pictures(page, owner)
        if only is None:
            all_pictures(browser, site, owner)
        browser.close()


if __name__ == "__main__":
    main()
