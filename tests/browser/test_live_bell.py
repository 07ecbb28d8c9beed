"""The bell counts an alert in the moment in which it is raised, on a page that nobody loads again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_live import sign_up
from tests.site_process import SiteProcess

pytestmark = [pytest.mark.browser, pytest.mark.chaos]
RAISE = """
from django.db import transaction
from django.utils import timezone
from accounts.models import Membership
from monitoring import alerts
from monitoring.models import AlertRule
place = Membership.objects.get(user__email={email!r}).workspace_id
rule = AlertRule.objects.get(workspace=place, kind="losses")
with transaction.atomic():
    finding = alerts.Finding("losses.followers", "bell", value=3)
    alerts.write(rule, alerts.Subject("account:bell", "@mira", "/accounts/"), finding, at=timezone.now())
"""


def test_an_alert_is_counted_without_a_reload(page: Page, live_site: SiteProcess) -> None:
    email = sign_up(page)
    expect(page.locator("body")).to_have_attribute("data-live", "on")
    page.evaluate("window.mark = true")
    bell = page.locator("#bell")
    expect(bell).to_contain_text("Alerts, none unread")

    live_site.manage("shell", "--no-imports", "-c", RAISE.format(email=email))
    expect(bell.locator(".count")).to_have_text("1")
    expect(bell).to_contain_text("1 unread alert")
    assert page.evaluate("window.mark")
