"""What is wrong with a page that is open in Chromium: axe, sizes, the policy and the console."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: What another theme can change.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """
axe.run(document, {{runOnly: {rules}, resultTypes: ["violations"]}})
  .then(found => JSON.stringify(found.violations.map(one => [one.id, one.nodes[0].html])))
"""
# Operated by a finger: all but links within a sentence and what only the keyboard reaches.
TOO_SMALL = """
[...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .map(one => one.closest("label") ?? one)
  .filter(one => {
    const box = one.getBoundingClientRect();
    const isInText = one.matches(".skip") || getComputedStyle(one).display === "inline";
    return box.width && box.height && (box.height < 43.5 || box.width < 23.5) && !isInText;
  })
  .map(one => one.outerHTML.slice(0, 120))
"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (event) => violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
# Two frames and the end of every transition. (Playwright's own waiting evaluates strings, which the policy forbids.)
SETTLED = """async () => {
  for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame)
  await Promise.allSettled(document.getAnimations().map((one) => one.finished))
}"""
WIDTHS = (1440, 768, 320)
# Chromium remarks on its own speed where it draws WebGL without a graphics card.
NOT_OURS = "GL Driver Message"


def evaluate(page: Page, script: str) -> Any:
    """Run a script from outside the page's policy, as the developer tools do; wait for what it promises."""
    tools = page.context.new_cdp_session(page)
    answer = tools.send("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
    tools.detach()
    return answer["result"].get("value")


def listen(page: Page) -> list[str]:
    """What the console, the scripts and the policy complain of from now on."""
    heard: list[str] = []
    page.add_init_script(VIOLATIONS)
    page.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def axe_findings(page: Page, axe: Path, rules: list[str] = RULES) -> list[str]:
    """What axe finds on the page as it is shown now."""
    if not page.evaluate("'axe' in window"):
        evaluate(page, axe.read_text())
    return [f"axe {rule}: {html}" for rule, html in json.loads(evaluate(page, RUN.format(rules=json.dumps(rules))))]


def size_faults(page: Page) -> list[str]:
    """What does not fit the screen, or a finger."""
    wide = page.evaluate(TOO_WIDE)
    found = [f"{wide} px wider than the screen"] if wide > 0 else []
    return found + [f"too small for a finger: {html}" for html in page.evaluate(TOO_SMALL)]


def faults_now(page: Page, axe: Path) -> list[str]:
    """What is wrong with the page as it is shown now."""
    return size_faults(page) + axe_findings(page, axe)


@dataclass
class Tab:
    """One open tab of one person; it goes from page to page."""

    page: Page
    axe: Path
    heard: list[str]

    def faults(self, path: str, *, is_new: bool = True) -> list[str]:
        """Open a page and say what is wrong with it: at every width; another face of a page that was
        looked at (not ``is_new``) at the narrowest only."""
        self.heard.clear()
        self._be(WIDTHS[0], "light")
        self.page.goto(path)
        expect(self.page.locator("body:not([data-live-url]), body[data-live=on]")).to_be_attached()
        found = self._every_look() if is_new else self._at(WIDTHS[-1], "light")
        found += [said for said in self.heard if NOT_OURS not in said] + self.page.evaluate("violations")
        return [f"{path}: {fault}" for fault in found]

    def _every_look(self) -> list[str]:
        """The widest in full and for what the other theme changes, the narrowest in the other theme. What is between
        them has the same elements in another order: its size is looked at."""
        widest, between, narrowest = WIDTHS
        found = self._at(widest, "light") + self._at(widest, "dark", rules=COLOURS) + self._at(narrowest, "dark")
        self._be(between, "light")
        return found + [f"{between} px: {one}" for one in size_faults(self.page)]

    def _at(self, width: int, scheme: Literal["light", "dark"], rules: list[str] = RULES) -> list[str]:
        for _twice in range(2):  # a page that was still changing its colours is looked at again; a fault stays
            self._be(width, scheme)
            found = size_faults(self.page) + axe_findings(self.page, self.axe, rules)
            if not found:
                break
        return [f"{width} px, {scheme}: {one}" for one in found]

    def _be(self, width: int, scheme: Literal["light", "dark"]) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.evaluate(SETTLED)


def open_tab(chromium: Browser, base_url: str, cookie: str, axe: Path) -> Tab:
    """A tab of the person with this session cookie; of a stranger without one."""
    context = chromium.new_context(base_url=base_url, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    if cookie:
        context.add_cookies([{"name": "igsite-session", "value": cookie, "url": base_url}])
    page = context.new_page()
    return Tab(page, axe, listen(page))
