"""Chromium, driven by Playwright against the whole site."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.site_world import SiteWorld, make_world
from tests.site_process import ROOT, SiteProcess

# A machine that runs everything at once may need seconds for a page; a wait that is met costs nothing.
expect.set_options(timeout=30_000)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIET = (
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)


def missing(what: str) -> None:
    """Skip with a reason that the summary shows; where the browser is demanded (CI), fail."""
    if os.environ.get("IGSITE_REQUIRE_CHROMIUM") == "1":
        pytest.fail(what)
    pytest.skip(what)


def chromium_program() -> str | None:
    """The machine's Chromium: CHROMIUM names it, else the usual names on PATH."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def program_arguments() -> list[str]:
    """What Chromium is started with: quiet, and as root without the sandbox that root cannot have."""
    return [*QUIET, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module. Its driver keeps an event loop on the thread, which asynchronous tests cannot share: it
    must be gone when the worker goes on to them."""
    program = chromium_program()
    if program is None:
        missing("Chromium is not installed: `apt-get install chromium`, or name it in CHROMIUM.")
    # Playwright's synchronous driver keeps an event loop on this thread; the tests' own ORM calls are not async.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as driver:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = driver.chromium.launch(executable_path=program, args=program_arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_script() -> Path:
    """The accessibility checker, a development package of package.json."""
    if not AXE.is_file():
        missing("axe-core is not installed: `python3 run.py test` installs it.")
    return AXE


@pytest.fixture(scope="session")
def site_world(live_site: SiteProcess) -> SiteWorld:
    """A workspace with something on every page, once on the one site: its rows bear recognisable names."""
    return make_world(live_site)


@pytest.fixture
def context(chromium: Browser, live_site: SiteProcess) -> Iterator[BrowserContext]:
    """A fresh person: no cookies, 1440 by 900."""
    context = chromium.new_context(
        base_url=live_site.base_url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()
