"""What a page costs a browser: bytes of the first page and of the next, layout shift, first paint and blocked time.

A whole site of its own, furnished as that of the browser tests; Chromium with the processor slowed down four times.
Goals: 130 kB compressed for a first page (220 kB where the network is drawn), 15 kB for each further one, no layout
shift.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.browser.conftest import chromium_program, program_arguments
from tests.browser.site_world import make_world
from tests.site_person import SitePerson
from tests.site_process import SiteProcess, open_temporary_folder

SLOWER: Final = 4
#: The page before a next one: nothing on it reads itself again and is counted for that one.
QUIET: Final = "/settings/profile/"
TIMES: Final = 2
#: Seconds in which the pictures of a page of people are fetched.
FACES_WITHIN: Final = 60
FIRST_BYTES, NETWORK_BYTES, NEXT_BYTES = 130_000, 220_000, 15_000
LISTENING: Final = """
window.shift = 0; window.blocked = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) shift += one.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) blocked += Math.max(0, one.duration - 50);
}).observe({type: "longtask", buffered: true});
"""
PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass(frozen=True)
class Cost:
    """Of one page: bytes over the wire, layout shift (0 is none), milliseconds to the first paint and of blocking."""

    wire: int
    shift: float
    paint: float
    blocked: float


class Visitor:
    """A browser with an empty cache that counts what it receives."""

    def __init__(self, browser: Browser, site: SiteProcess, person: SitePerson, width: int) -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=site.base_url, viewport={"width": width, "height": 800}
        )
        self.context.add_cookies(
            [{"name": one.name, "value": one.value or "", "url": site.base_url} for one in person.cookies]
        )
        self.page: Page = self.context.new_page()
        self.page.add_init_script(LISTENING)
        self.received = 0
        tools: CDPSession = self.context.new_cdp_session(self.page)
        tools.on("Network.loadingFinished", self._received)
        tools.send("Network.enable")
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def _received(self, event: dict[str, Any]) -> None:
        self.received += int(event["encodedDataLength"])

    def open(self, path: str) -> Cost:
        """Go there, wait until it rests, and say what it cost."""
        self.received = 0
        self.page.goto(path, wait_until="networkidle")
        self.page.wait_for_timeout(300)
        shift, paint, blocked = (self.page.evaluate(script) for script in ("shift", PAINT, "blocked"))
        return Cost(self.received, round(shift, 4), round(paint), round(blocked))


def measured(browser: Browser, site: SiteProcess, person: SitePerson, path: str, width: int) -> tuple[Cost, Cost]:
    """The median cost of the page as the first one of a browser, and as the next one after :data:`QUIET`."""
    firsts, nexts = [], []
    for _time in range(TIMES):
        visitor = Visitor(browser, site, person, width)
        firsts.append(visitor.open(path))
        visitor.open(QUIET)
        nexts.append(visitor.open(path))
        visitor.context.close()
    return _median(firsts), _median(nexts)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        int(statistics.median(one.wire for one in costs)),
        max(one.shift for one in costs),
        statistics.median(one.paint for one in costs),
        statistics.median(one.blocked for one in costs),
    )


#: The pages that people open most, the heaviest among them; their parameters are those of the furnished site.
PAGES: Final = (
    "/", "/accounts/",
    *(f"/accounts/{{account_id}}/{part}" for part in ("", "people/", "changes/", "history/", "network/")),
    "/network/", "/scans/", "/scans/{scan_id}/", "/tasks/", "/settings/profile/", "/settings/notifications/",
    "/settings/notifications/{channel_id}/", "/alerts/", "/alerts/rules/", "/monitoring/", "/monitoring/{monitor_id}/",
    "/monitoring/compare/", "/actions/", "/actions/{batch_id}/", "/actions/compare/{comparison_id}/",
    "/actions/safelists/never-unfollow/", "/predictions/", "/predictions/{session_id}/", "/predictions/quality/",
    "/discovery/", "/discovery/{search_id}/", "/actions/linked/", "/actions/ghosts/", "/alerts/feeds/", "/exports/",
    "/settings/logins/", "/settings/logins/{login_id}/", "/settings/logins/{login_id}/usage/", "/settings/sources/",
    "/settings/members/", "/settings/doctor/",
)  # fmt: skip


def fetch_faces(browser: Browser, site: SiteProcess, person: SitePerson, path: str) -> None:
    """Show people until the site has their pictures, as it has them from the second visit on."""
    visitor = Visitor(browser, site, person, 1440)
    for _second in range(FACES_WITHIN):
        visitor.page.goto(path)
        if visitor.page.locator("[data-face]").count() > visitor.page.locator(".pcard").count() * 0.85:
            break
        visitor.page.wait_for_timeout(1000)
    visitor.context.close()


def main(out: Any) -> None:
    """Measure and print, each figure beside its goal."""
    with open_temporary_folder() as folder, SiteProcess(folder) as site, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_program(), args=program_arguments())
        world = make_world(site)
        person, paths = world.owner, [path.format(**world.params) for path in PAGES]
        person.scan("northwind_run")  # days have passed: the addresses of faces had run out
        fetch_faces(browser, site, person, next(path for path in paths if path.endswith("/people/")))
        out.write(f"processor {SLOWER} times slower; median of {TIMES}; bytes over the wire, headers included\n")
        out.write(f"{'page':34}{'width':>6}{'first':>9}{'next':>9}{'shift':>8}{'paint':>10}{'blocked':>9}")
        for path in paths:
            for width in (320, 1440):
                first, after = measured(browser, site, person, path, width)
                out.write(_line(path, width, first, after))
        browser.close()


def _line(path: str, width: int, first: Cost, after: Cost) -> str:
    most = NETWORK_BYTES if path.endswith("network/") and path != "/network/" else FIRST_BYTES
    missed = [
        *(["first"] if first.wire > most else []),
        *(["next"] if after.wire > NEXT_BYTES else []),
        *(["shift"] if max(first.shift, after.shift) else []),
    ]
    name = "/".join(part if len(part) < 30 else "…" for part in path.split("/"))
    return (
        f"{name:34}{width:>6}{first.wire:>9,}{after.wire:>9,}{max(first.shift, after.shift):>8}"
        f"{first.paint:>7.0f} ms{first.blocked:>6.0f} ms  {'missed: ' + ', '.join(missed) if missed else 'kept'}"
    )
