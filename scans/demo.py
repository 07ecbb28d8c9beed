"""Fill an empty demo: a person, a login of the simulator, accounts, and two scans of each a week apart.

Everything goes the way it goes for people: the real client signs in, jobs do the scans. Only the week between the scans
needs a hand on the simulator's clock; without the address of its control, each account is scanned once.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterable
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import logins, tracking, workspaces
from accounts.models import InstagramLogin, LoginStatus, TrackedAccount, User, Workspace
from igsite.jobs.models import Job
from igsite.secrets import Secret
from scans import follower_scan
from scans.models import Direction, Scan, ScanState
from scans.signals import demo_filled

LOGIN: Final = ("demo_creator", "demo-pass-1")
ACCOUNTS: Final = ("tiny.pottery", "northwind_run", "gap.gallery", "aurora.studio")
BOOKMARKED: Final = ("aurora.studio",)
WEEK_DAYS: Final = 7
PATIENCE_SECONDS: Final = 300

#: How the caller works jobs off: waits for the cluster, or runs them itself.
Finish = Callable[[Iterable[Job]], None]


class DemoStuck(RuntimeError):
    """The demo could not be filled; the message says what was waited for."""


def seed(*, finish: Finish, control_url: str = "", say: Callable[[str], None]) -> None:
    """Make whatever is lacking of the demo; running it again changes nothing. Raises :class:`DemoStuck`."""
    workspace, person = _place()
    login = _login(workspace, person, finish)
    say("demo: signed in to the simulator")
    accounts = [_account(workspace, person, name, login) for name in ACCOUNTS]
    finish(_jobs_of(login))
    _scan_each(accounts, 1, login, person, finish)
    say("demo: first scans done")
    second = [account for account in accounts if control_url and _scans_done(account) < 2]
    if second:
        advance(control_url, WEEK_DAYS)
        _scan_each(second, 2, login, person, finish)
    demo_filled.send(sender=Workspace, workspace=workspace, person=person, now=timezone.now())
    say("demo: ready")


@transaction.atomic
def _place() -> tuple[Workspace, User]:
    person = User.objects.filter(email=settings.DEMO_EMAIL).first()
    if person is None:
        person = User.objects.create_user(settings.DEMO_EMAIL, settings.DEMO_PASSWORD, first_name="Demo")
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True, "primary": True})
    return workspaces.own_workspace(person).workspace, person


def _login(workspace: Workspace, person: User, finish: Finish) -> InstagramLogin:
    name, password = LOGIN
    login = InstagramLogin.objects.for_workspace(workspace).filter(username=name).first()
    if login is None:
        login = logins.add_by_password(
            workspace=workspace, username=name, password=Secret(password), by=person, now=timezone.now(), is_warm=True
        )
    finish(_jobs_of(login))
    login.refresh_from_db()
    if login.status != LoginStatus.READY:
        raise DemoStuck(f"The demo's login @{name} is not ready: {login.status_note or login.get_status_display()}")
    return login


def _jobs_of(login: InstagramLogin) -> Iterable[Job]:
    """What is open of signing in and looking accounts up. (What measures with the login never ends.)"""
    kinds = ("login.connect", logins.PROBE, tracking.RESOLVE)
    return Job.objects.open().filter(params__login=str(login.pk), kind__in=kinds).order_by("pk")


def _account(workspace: Workspace, person: User, name: str, login: InstagramLogin) -> TrackedAccount:
    account = tracking.track(workspace=workspace, account=name, by=person, now=timezone.now(), login=login)
    if name in BOOKMARKED:
        tracking.set_bookmark(account=account, is_bookmarked=True)
    return account


def _scans_done(account: TrackedAccount) -> int:
    return Scan.objects.filter(account=account).exclude(state__in=(ScanState.QUEUED, ScanState.RUNNING)).count()


def _scan_each(
    accounts: Iterable[TrackedAccount], wanted: int, login: InstagramLogin, person: User, finish: Finish
) -> None:
    """Scan the accounts that have fewer than ``wanted`` scans. One that runs already is waited for."""
    scans = []
    for account in accounts:
        if _scans_done(account) >= wanted:
            continue
        try:
            scans.append(follower_scan.start(account=account, directions=list(Direction), login=login, by=person))
        except follower_scan.ScanRunning as running:
            scans += [running.scan] if running.scan else []
    finish(Job.objects.open().filter(uuid__in=[scan.job_uuid for scan in scans if scan.job_uuid]).order_by("pk"))


def wait(jobs: Iterable[Job]) -> None:
    """Wait until the site's own workers have done these jobs. Raises :class:`DemoStuck`."""
    waiting = {job.pk for job in jobs}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Job.objects.open().filter(pk__in=waiting).exists():
        if time.monotonic() > deadline:
            raise DemoStuck("The workers did not finish the demo's tasks in time. Look at the task board.")
        time.sleep(0.2)


def advance(control_url: str, days: float) -> None:
    """Move the simulator's clock: the one thing that the demo does and no real source offers."""
    request = urllib.request.Request(  # noqa: S310 - the address is a loopback one of the demo's environment
        f"{control_url.rstrip('/')}/clock",
        data=json.dumps({"advance_days": days}).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        answer.read()
