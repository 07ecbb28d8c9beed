"""The demo fills itself through the real client and the real jobs, and only once."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from accounts.models import TrackedAccount, User
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from monitoring.demo import MONITORS
from monitoring.models import Monitor
from scans import demo
from scans.models import Scan, ScanState
from tests.accounts.instagram import Instagram


def test_the_demo_has_two_scans_of_each_account_and_is_not_filled_twice(instagram: Instagram) -> None:
    def finish(jobs: Iterable[Job]) -> None:
        for job in jobs:
            run_inline(job, clock=instagram.clock)

    control = f"{instagram.simulator.base_url}/_control"
    for _time in range(2):
        demo.seed(finish=finish, control_url=control, say=lambda _text: None)
        assert User.objects.get(email=settings.DEMO_EMAIL).check_password(settings.DEMO_PASSWORD)
        assert TrackedAccount.objects.count() == len(demo.ACCOUNTS)
        assert Scan.objects.filter(state=ScanState.COMPLETE).count() == 2 * len(demo.ACCOUNTS)
    newest = Scan.objects.filter(account__username="aurora.studio").order_by("-created_at").first()
    assert newest is not None
    followers = newest.lists.get(direction="followers")
    assert followers.new_count
    assert followers.lost_count
    assert followers.renamed_count
    assert Monitor.objects.count() == len(MONITORS)  # and what measures, which never ends, is waited for by nobody
