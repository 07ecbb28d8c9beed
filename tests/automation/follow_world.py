"""A login with its own scanned account, people it might follow, and time that goes by: for tests of predictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from accounts.gateway.results import Person
from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount, Workspace
from automation import outcomes
from automation.models import PredictionSession, TargetFacts
from automation.predictions import predict
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_inline
from scans.models import Direction, ListScan
from tests.automation.follow_backs import Target
from tests.scans import listed

ME = 77
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class FollowWorld:
    """``followers`` and ``following`` are those of the login's account; scans show them as they are."""

    workspace: Workspace
    now: datetime = START
    followers: set[int] = field(default_factory=lambda: {1, 2, 3})
    following: set[int] = field(default_factory=lambda: {1, 4})

    def __post_init__(self) -> None:
        me = Profile.objects.create(pk=ME, username="me.myself", followers_count=3, following_count=2)
        self.login = InstagramLogin.objects.create(
            workspace=self.workspace, username=me.username, profile=me, status=LoginStatus.READY
        )
        self.account = TrackedAccount.objects.create(
            workspace=self.workspace, username=me.username, profile=me, last_scanned_at=self.now
        )

    def scan(self, *directions: Direction) -> None:
        """Complete readings of the lists, one after the other, five minutes each; by default both."""
        for direction in directions or tuple(Direction):
            people = self.followers if direction == Direction.FOLLOWERS else self.following
            row = listed.scanned(
                self.account, [Person(pk, f"person{pk}") for pk in sorted(people)], direction=direction
            )
            end = self.now + timedelta(minutes=5)
            ListScan.objects.filter(pk=row.pk).update(started_at=self.now, finished_at=end)
            self.now = end + timedelta(minutes=1)

    def people(self, targets: Iterable[Target]) -> None:
        """What a source showed of them is stored."""
        rows = list(targets)
        Profile.objects.bulk_create(
            Profile(
                pk=one.pk, username=f"person{one.pk}", is_private=bool(one.is_private),
                is_verified=bool(one.is_verified), is_business=bool(one.is_business), followers_count=one.followers,
                following_count=one.following, posts_count=one.posts, details_at=self.now,
            )
            for one in rows
        )  # fmt: skip
        TargetFacts.objects.bulk_create(
            TargetFacts(
                workspace=self.workspace, login=self.login, target_pk=one.pk, relationship_read_at=self.now,
                follows_you=False, you_follow=False, sample=one.sample or None,
                sample_follow_you=one.sample_follow_you if one.sample else None,
                sample_you_follow=one.sample_you_follow if one.sample else None,
            )
            for one in rows
        )  # fmt: skip

    def predict(self, pks: list[int]) -> PredictionSession:
        """From what is stored."""
        return predict(
            workspace=self.workspace, login=self.login, pks=pks, reads=False, by=None, now=self.now, title="people"
        )

    def live_through(self, targets: list[Target]) -> None:
        """Follow them, and let a week go by in which those who do follow back; scans see it all."""
        self.following |= {one.pk for one in targets}
        self.now += HOUR
        self.scan(Direction.FOLLOWING, Direction.FOLLOWERS)
        self.now += 6 * DAY
        self.followers |= {one.pk for one in targets if one.follows_back}
        self.scan(Direction.FOLLOWERS)
        self.now += 2 * DAY
        self.scan(Direction.FOLLOWERS)

    def look(self) -> Job:
        """The job that looks who followed back, and the training that it may order."""
        job = outcomes.order(self.workspace)
        for one in Job.objects.open().filter(kind__startswith="predictions.").order_by("pk"):
            Job.objects.filter(pk=one.pk).update(due_at=self.now)
        run_inline(job, clock=ManualClock(self.now))
        for one in Job.objects.open().filter(kind="predictions.train"):
            Job.objects.filter(pk=one.pk).update(due_at=self.now)
            one.refresh_from_db()
            run_inline(one, clock=ManualClock(self.now))
        job.refresh_from_db()
        return job
