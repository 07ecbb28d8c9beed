"""Tracked accounts: added once, looked up with the real client, renamed, let go."""

from __future__ import annotations

import pytest

from accounts import tracking
from accounts.models import Profile, TrackedAccount, Workspace
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import run_inline
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db


def track(instagram: Instagram, account: str) -> TrackedAccount:
    return tracking.track(workspace=instagram.workspace, account=account, by=instagram.person, now=instagram.clock())


def look_up(instagram: Instagram, account: TrackedAccount) -> TrackedAccount:
    for job in Job.objects.open().filter(kind=tracking.RESOLVE, params__account=str(account.pk)):
        run_inline(job, clock=instagram.clock)
    account.refresh_from_db()
    return account


def test_tracking_twice_is_once(instagram: Instagram) -> None:
    instagram.ready()
    first = track(instagram, "@tiny.pottery")
    again = track(instagram, "https://www.instagram.com/Tiny.Pottery/?hl=en")
    assert first.pk == again.pk
    assert Job.objects.filter(kind=tracking.RESOLVE).count() == 1


def test_number_name_and_counts_are_looked_up(instagram: Instagram) -> None:
    instagram.ready()
    account = look_up(instagram, track(instagram, "aurora.studio"))
    truth = instagram.simulator.control("truth/person?account=aurora.studio")
    assert account.profile_id == truth["pk"]
    assert account.followers_count == truth["followers"]
    assert account.following_count == truth["following"]
    assert account.trouble == ""
    profile = Profile.objects.get(pk=truth["pk"])
    assert profile.username == "aurora.studio"
    assert "?" not in profile.picture_path
    assert not profile.picture_path.startswith("http")


def test_an_account_added_before_any_login_is_looked_up_when_one_is_ready(instagram: Instagram) -> None:
    account = track(instagram, "tiny.pottery")
    assert not Job.objects.exists()
    instagram.ready()
    assert look_up(instagram, account).profile_id is not None


def test_a_private_account_is_found_and_said_to_be_private(instagram: Instagram) -> None:
    instagram.ready()
    account = look_up(instagram, track(instagram, "private.garden"))
    assert account.profile is not None
    assert account.profile.is_private is True


def test_a_rename_is_followed_by_its_number(instagram: Instagram) -> None:
    instagram.ready()
    account = look_up(instagram, track(instagram, "tiny.pottery"))
    TrackedAccount.objects.filter(pk=account.pk).update(username="the.old.name")
    account.refresh_from_db()
    tracking.refresh(account=account, by=None)
    assert look_up(instagram, account).username == "tiny.pottery"


def test_the_same_account_under_two_names_is_told(instagram: Instagram) -> None:
    instagram.ready()
    first = look_up(instagram, track(instagram, "tiny.pottery"))
    TrackedAccount.objects.filter(pk=first.pk).update(username="the.old.name")
    second = look_up(instagram, track(instagram, "tiny.pottery"))
    assert "already" in second.trouble
    assert second.profile_id is None


def test_two_workspaces_track_the_same_account_apart(instagram: Instagram) -> None:
    instagram.ready()
    mine = look_up(instagram, track(instagram, "tiny.pottery"))
    other = Workspace.objects.create(name="Other")
    theirs = tracking.track(workspace=other, account="tiny.pottery", by=None, now=instagram.clock())
    tracking.untrack(account=theirs, by=None, now=instagram.clock())
    assert TrackedAccount.objects.get().pk == mine.pk


def test_untracking_cancels_what_is_under_way(instagram: Instagram) -> None:
    instagram.ready()
    account = track(instagram, "tiny.pottery")
    tracking.untrack(account=account, by=instagram.person, now=instagram.clock())
    assert Job.objects.get(kind=tracking.RESOLVE).state == JobState.CANCELLED
    assert not TrackedAccount.objects.exists()


def test_an_account_that_vanishes_while_its_job_waits_ends_it(instagram: Instagram) -> None:
    instagram.ready()
    account = track(instagram, "tiny.pottery")
    account.delete()
    job = Job.objects.get(kind=tracking.RESOLVE)
    assert run_inline(job, clock=instagram.clock).state == JobState.DONE
