"""The whole way of a batch, in Chromium: predict, stage, leave out, confirm, watch it live, read the report, undo."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.looking import listen
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import LOGIN, SitePerson
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]
#: Other tests have Instagram refuse the same account, and what it refuses one workspace holds for all.
RESTED = (
    "from accounts.models import InstagramLogin;"
    "InstagramLogin.objects.update(reads_resume_at=None, writes_resume_at=None)"
)
SOON, AT_LAST = 20_000, 120_000


def strangers(instagram: SimulatedInstagram, count: int) -> dict[str, int]:
    """Public people with whom the login has nothing to do, by name."""
    mine = {*instagram.followers(LOGIN), *instagram.ask("truth", account=LOGIN, direction="following")["pks"]}
    found: dict[str, int] = {}
    for pk in instagram.followers("gap.gallery")[-200:]:
        who: dict[str, Any] = instagram.ask("truth/person", account=pk)
        if pk not in mine and who["exists"] and not who["is_private"]:
            found[str(who["username"])] = pk
        if len(found) == count:
            return found
    raise AssertionError("too few strangers")


def row_of(page: Page, name: str) -> Locator:
    """The person's row in the report."""
    return page.get_by_role("row", name=re.compile(rf"@{re.escape(name)}(?![\w.])"))


def predict_and_stage(page: Page, people: list[str]) -> None:
    """Predictions for people whom nobody here knows: they are read live; then a batch of follows of all of them."""
    page.goto("/predictions/")
    page.get_by_label("Names").fill("\n".join(f"@{name}" for name in people))
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#session")).to_be_visible(timeout=SOON)
    expect(page.locator("#session .chance")).to_have_count(len(people), timeout=AT_LAST)
    expect(page.get_by_text("still to be read")).to_have_count(0, timeout=AT_LAST)
    names = [page.get_by_label(f"Mark {name}", exact=True) for name in people]
    names[0].check()
    expect(page.get_by_role("region", name="Reading")).to_have_count(0, timeout=AT_LAST)
    for box in names[1:]:
        box.check()
    expect(names[0]).to_be_checked()
    page.get_by_role("button", name="Stage follows of those marked").click()
    expect(page.get_by_role("heading", name=f"Follow {len(people)} people from @{LOGIN}")).to_be_visible(timeout=SOON)


def test_a_batch_goes_its_whole_way(page: Page, context: BrowserContext, live_site: SiteProcess) -> None:
    instagram = SimulatedInstagram(live_site.simulator_url)
    live_site.manage("shell", "-c", RESTED)
    person = SitePerson(live_site.base_url).sign_up()
    person.hand_over_login()
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": live_site.base_url} for one in person.cookies]
    )
    people = strangers(instagram, 3)
    left_out, *followed = people
    heard = listen(page)

    predict_and_stage(page, list(people))
    page.get_by_role("button", name=f"Leave out {left_out}").click()
    expect(page.locator("#review .note")).to_contain_text("1 person was left out", timeout=SOON)
    page.get_by_role("button", name=f"Follow 2 people from @{LOGIN}").click()
    expect(page.get_by_role("heading", name="How far it is")).to_be_visible(timeout=SOON)
    page.evaluate("window.sameDocument = true")
    expect(page.locator("#run")).to_contain_text("Undo: unfollow 2 people", timeout=AT_LAST)
    assert page.evaluate("window.sameDocument") is True  # it was watched, not loaded again

    page.reload()
    for name in followed:
        expect(row_of(page, name)).to_contain_text("you follow them")
    expect(row_of(page, left_out)).to_contain_text("Left out by a person")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")

    page.get_by_role("button", name="Undo: unfollow 2 people").click()
    expect(page.get_by_role("heading", name=f"Unfollow 2 people from @{LOGIN}")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Nobody is unfollowed before they were followed for seven days")).to_be_visible()

    verbs = [entry["path"] for entry in instagram.log("friendships/create/")]
    assert [sum(f"/{people[name]}/" in path for path in verbs) for name in people] == [0, 1, 1]
    assert heard == []
    assert page.evaluate("violations") == []
