"""A workspace in which every page has something to show, and every state of it stands somewhere.

The person signs up, hands over a login and scans from outside, as people do (``tests/site_person.py``). What would take
days to come about — a login that is frozen, a scan in quarantine — is written by :func:`furnish`, inside the site.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from tests.browser.simulated_instagram import SimulatedInstagram
from tests.people import PASSWORD
from tests.site_person import PASSWORD as SIGNED_UP_WITH
from tests.site_person import SitePerson
from tests.site_process import SiteProcess

ACCOUNTS = ("northwind_run", "tiny.pottery")
RUN = "from tests.browser.site_world import furnish; furnish({email!r})"


@dataclass(frozen=True)
class SiteWorld:
    """``params`` fills the parameters of routes; ``rows`` names rows of one kind by their state; ``people`` are the
    session cookies of the owner, a viewer, somebody with a passkey (``keyed``), and somebody with two factors, before
    the second (``half``) and after it (``secured``); ``keys`` are those of links in mails."""

    site: SiteProcess
    owner: SitePerson
    params: dict[str, str]
    rows: dict[str, dict[str, str]]
    people: dict[str, str]
    keys: dict[str, str]


def make_world(site: SiteProcess) -> SiteWorld:
    """Two accounts, each scanned twice a week apart, and everything of :func:`furnish`."""
    instagram = SimulatedInstagram(site.simulator_url)
    instagram.mend()
    owner = SitePerson(site.base_url).sign_up()
    owner.hand_over_login()
    for _time in range(2):
        for scan in [owner.start_scan(name, ("followers", "following")) for name in ACCOUNTS]:
            assert owner.wait_for_end(scan)["state"] == "complete"
        instagram.pass_days(7)
    return furnished(site, owner)


def furnished(site: SiteProcess, owner: SitePerson) -> SiteWorld:
    """The world of somebody who scanned: everything of :func:`furnish` beside it."""
    printed = site.manage("shell", "--no-imports", "-c", RUN.format(email=owner.email)).splitlines()
    said = json.loads(next(line for line in printed if line.startswith("{")))
    return SiteWorld(site, owner, **said)


def furnish(email: str) -> None:
    """Run inside the site: everything else, for the workspace of this person. Prints what it made as JSON."""
    from allauth.mfa.models import Authenticator

    from accounts.models import TrackedAccount, User
    from accounts.workspaces import own_workspace
    from scans.models import ExportUpload
    from tests.architecture.world import build
    from tests.people import Cast

    owner = User.objects.get(email=email)
    place = own_workspace(owner).workspace
    others = {name: _person(name) for name in ("editor", "viewer", "stranger", "operator")}
    for name in ("editor", "viewer"):
        place.memberships.create(user=others[name], role=name)
    cast = Cast(workspace=place, elsewhere=own_workspace(others["stranger"]).workspace, owner=owner, **others)
    world = build(cast)
    Authenticator.objects.filter(user=owner).delete()  # a passkey in name only, which no page of a person can use
    scanned = TrackedAccount.objects.get(workspace=place, username=ACCOUNTS[0])
    empty = {"empty": str(world.params["account_id"])}
    rows = {"login": logins_in_every_state(place, owner), "scan": _scans(place), "account": empty}
    rows["batch"] = _batches(place, rows["login"]["paused"])
    rows["batch"] |= _on_posts(place, rows["login"]["paused"])
    rows["item"] = _comment(place)
    rows["lookup"] = _lookups(place, str(world.params["batch_id"]))
    jobs_in_every_state(place)
    _sources(place)
    ExportUpload.objects.filter(pk=world.params["upload_id"]).update(account=scanned)
    params = world.params | {"account_id": scanned.pk, "scan_id": rows["scan"]["complete"]}
    params |= _changed_person(scanned) | {"login_id": rows["login"]["ready"], "source": "apify"}
    keyed, key = _passkey()
    people = {"owner": _session(owner, SIGNED_UP_WITH), "viewer": _session(others["viewer"]), "keyed": keyed}
    User.objects.filter(pk=others["operator"].pk).update(is_staff=True)
    people["operator"] = _session(others["operator"])
    made = {
        "params": {name: str(value) for name, value in (params | {"pk": key}).items()},
        "rows": rows,
        "people": people | _two_factors(),
        "keys": _keys(_person("mailed")),
    }
    print(json.dumps(made))


def _sources(place: Any) -> None:
    """A source that is broken for everybody, and paid runs in each state."""
    from django.utils import timezone

    from accounts.models import Circuit, Part, RunState, SourceAccess, SourceHealth, SourceRun

    now = timezone.now()
    broken = {"state": Circuit.BROKEN, "since": now, "probe_at": now + dt.timedelta(days=1), "note": "Odd answers."}
    SourceHealth.objects.update_or_create(source="apify", part=Part.COMMENTS, defaults=broken)
    access = SourceAccess.objects.get(workspace=place, source="apify")
    for state in RunState:
        SourceRun.objects.create(
            workspace=place, access=access, order=f"example-{state}", what="followers", target="aurora", state=state,
            ordered_at=now,
        )  # fmt: skip


def _person(name: str) -> Any:
    from tests.people import make_user

    return make_user(f"{name}-{uuid4().hex[:8]}")


def _browser() -> Any:
    from django.test import Client

    return Client(headers={"host": "127.0.0.1"})


def _session(user: Any, password: str = PASSWORD, browser: Any = None) -> str:
    """The cookie of somebody who has just signed in and confirmed the password."""
    browser = browser or _browser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.post("/auth/reauthenticate/", {"password": password}).status_code == HTTPStatus.FOUND
    _confirmed_for_the_day(browser)
    return str(browser.cookies["igsite-session"].value)


def _confirmed_for_the_day(browser: Any) -> None:
    """The site wants the password again after some minutes; on a slow machine the tests take longer."""
    session = browser.session
    for method in session["account_authentication_methods"]:
        method["at"] += dt.timedelta(days=1).total_seconds()
    session.save()


def _two_factors() -> dict[str, str]:
    """Somebody with an authenticator app: signed in, and half-way with only the password given."""
    from accounts.gateway.totp import totp_code

    user, browser, half = _person("secured"), _browser(), _browser()
    cookie = _session(user, browser=browser)
    page = browser.get("/auth/2fa/totp/activate/").content.decode()
    seed = re.search(r'id="authenticator_secret">(\w+)<', page)
    assert seed, page
    code = totp_code(seed[1], dt.datetime.now(dt.UTC).timestamp())
    assert browser.post("/auth/2fa/totp/activate/", {"code": code}).status_code == HTTPStatus.FOUND
    half.post("/auth/login/", {"login": user.email, "password": PASSWORD})
    return {"secured": cookie, "half": str(half.cookies["igsite-session"].value)}


def _passkey() -> tuple[str, str]:
    """Somebody with a passkey: their cookie, and the passkey's number."""
    from allauth.mfa.models import Authenticator

    user = _person("keyed")
    key = Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "My phone"})
    return _session(user), str(key.pk)


def _keys(user: Any) -> dict[str, str]:
    """What the links of mails carry."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.account.utils import user_pk_to_url_str

    address = EmailAddress.objects.create(user=user, email=f"new-{user.email}", verified=False)
    reset = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    return {"confirm": EmailConfirmationHMAC.create(address).key, "reset": reset}


def logins_in_every_state(place: Any, owner: Any) -> dict[str, str]:
    """One in each state, in which a person sees it."""
    from django.utils import timezone

    from accounts.models import InstagramLogin, LoginStatus

    now = timezone.now()
    ready = InstagramLogin.objects.filter(workspace=place, status=LoginStatus.READY).order_by("created_at")[0]
    found = {"ready": str(ready.pk)}
    ways = [{"name": "sms", "contact": "+1 *** *** 99"}, {"name": "email", "contact": "a***@e***.com"}]
    later = now + dt.timedelta(hours=30)
    states: dict[str, tuple[str, dict[str, Any]]] = {
        "new": (LoginStatus.NEW, {}),
        "connecting": (LoginStatus.CONNECTING, {}),
        "needs_code": (LoginStatus.NEEDS_CODE, {"code_channels": ways, "code_channel": "sms"}),
        "needs_choice": (LoginStatus.NEEDS_CODE, {"code_channels": ways}),
        "needs_approval": (LoginStatus.NEEDS_APPROVAL, {}),
        "needs_login": (LoginStatus.NEEDS_LOGIN, {"status_note": "Instagram signed this login out."}),
        "frozen": (LoginStatus.FROZEN, {"writes_resume_at": later, "status_note": "Instagram blocked an action."}),
        "thawing": (LoginStatus.FROZEN, {"writes_resume_at": now}),
        "paused": (LoginStatus.PAUSED, {}),
        "cooling": (LoginStatus.READY, {"reads_resume_at": later}),
    }
    for name, (status, more) in states.items():
        made = InstagramLogin.objects.create(
            workspace=place, username=f"login.{name}", status=status, created_by=owner, **more
        )
        found[name] = str(made.pk)
    return found


def jobs_in_every_state(place: Any) -> None:
    """One in each state; none of them is ever due."""
    from django.utils import timezone

    from igsite.jobs.models import ENDED_STATES, Job, JobState

    now = timezone.now()
    for state in JobState:
        ended = {"finished_at": now} if state in ENDED_STATES else {}
        Job.objects.create(
            workspace=place, kind="scans.people", subject=f"@{state}.example", state=state, done_units=40,
            total_units=120, due_at=now + dt.timedelta(days=300), message="What it does now.", started_at=now, **ended,
        )  # fmt: skip


def _batches(place: Any, login_id: str) -> dict[str, str]:
    """One in each state, with people in each state that fits; no job of theirs is ever due."""
    from django.utils import timezone

    from accounts.models import Profile
    from automation.models import Attempt, Batch, BatchState, Exclusion, Item, ItemState
    from automation.models.batches import OPEN_STATES
    from igsite.jobs.models import Job

    now, found = timezone.now(), {}
    people = list(Profile.objects.filter(pk__gt=0).order_by("username", "pk")[: len(ItemState)])
    for state in BatchState:
        job = Job.objects.create(
            workspace=place, kind="actions.run", state="waiting", due_at=now + dt.timedelta(days=300),
            message="What it waits for.",
        )  # fmt: skip
        begun = {} if state == BatchState.STAGED else {"confirmed_at": now, "job_uuid": job.uuid}
        over = {} if state in OPEN_STATES else {"ended_at": now}
        batch = Batch.objects.create(
            workspace=place, login_id=login_id, kind="follow", state=state, created_at=now, **begun, **over
        )
        found[str(state)] = str(batch.pk)
        for position, (who, is_now) in enumerate(zip(people, ItemState, strict=True)):
            if (begun and is_now == ItemState.WAITING and over) or (over and is_now == ItemState.ANSWERED):
                continue
            if not begun and is_now not in (ItemState.WAITING, ItemState.EXCLUDED):
                is_now = ItemState.WAITING
            why = Exclusion.SAFELIST if is_now == ItemState.EXCLUDED else ""
            item = Item.objects.create(
                batch=batch, position=position, target_pk=who.pk, state=is_now, exclusion=why, settled_at=now,
                reason="Chosen by hand", note="",
            )  # fmt: skip
            if begun and is_now not in (ItemState.WAITING, ItemState.EXCLUDED, ItemState.CANCELLED, ItemState.ALREADY):
                Attempt.objects.create(
                    workspace=place, login_id=login_id, item=item, kind="follow", state="done", reserved_at=now,
                    lease_until=now, sent_at=now, ended_at=now, answer="ok", read_at=now,
                    reading={"seen": True, "following": True, "followed_by": True},
                )  # fmt: skip
    return found


def _on_posts(place: Any, login_id: str) -> dict[str, str]:
    """Comments that wait for their review, and likes that are done and can be taken back."""
    from django.utils import timezone

    from automation.models import Batch, Item

    now, found = timezone.now(), {}
    over = {"state": "done", "confirmed_at": now, "ended_at": now, "job_uuid": uuid4()}
    for kind, more in (("comment", {}), ("like", over)):
        batch = Batch.objects.create(workspace=place, login_id=login_id, kind=kind, created_at=now, **more)
        for position in range(2):
            Item.objects.create(
                batch=batch, position=position, target_pk=3_100_000_000_000_000_001 + position,
                text="A comment of some words. " * 9 if kind == "comment" else "", state="done" if more else "waiting",
            )  # fmt: skip
        found[kind] = str(batch.pk)
    return found


def _comment(place: Any) -> dict[str, str]:
    """One that may still be rewritten."""
    from automation.models import Item

    return {"comment": str(Item.objects.filter(batch__workspace=place, batch__kind="comment").order_by("pk")[0].pk)}


def _lookups(place: Any, batch_id: str) -> dict[str, str]:
    """One that is over, and one that broke; a third that waits is in every world."""
    from django.utils import timezone

    from igsite.jobs.models import Job

    over = {"workspace": place, "kind": "actions.lookup", "subject": "@example", "finished_at": timezone.now()}
    result = {"batch": batch_id, "missing": ["@nobody.of.this.name"]}
    done = Job.objects.create(**over, state="done", message="The batch is ready.", result=result)
    failed = Job.objects.create(**over, state="failed", error="Nobody was found.")
    posts = Job.objects.create(
        workspace=place, kind="actions.posts", subject="@example", state="waiting", total_units=2,
        due_at=timezone.now() + dt.timedelta(days=300),
    )  # fmt: skip
    return {"done": str(done.uuid), "failed": str(failed.uuid), "posts": str(posts.uuid)}


def _scans(place: Any) -> dict[str, str]:
    """One in each state: the complete one is real, the others stand on accounts of their own."""
    from django.utils import timezone

    from accounts.models import TrackedAccount
    from scans.models import Direction, EdgeList, ListScan, Reason, Scan, ScanState

    now = timezone.now()
    latest = Scan.objects.filter(workspace=place, state=ScanState.COMPLETE, account__username=ACCOUNTS[0])
    found = {"complete": str(latest.order_by("-created_at")[0].pk)}
    reasons = {"partial": Reason.THROTTLED, "quarantined": Reason.MASS_LOSS, "failed": Reason.LOGGED_OUT}
    for state, reason in {"queued": Reason.NONE, "running": Reason.NONE, **reasons}.items():
        account = TrackedAccount.objects.create(workspace=place, username=f"{state}.example", followers_count=48_212)
        over = {"finished_at": now} if reason else {}
        scan = Scan.objects.create(
            workspace=place, account=account, directions=[Direction.FOLLOWERS], state=state, created_at=now,
            started_at=now, message="A sentence says what happened." if reason else "", **over,
        )  # fmt: skip
        edges = EdgeList.objects.create(account=account, direction=Direction.FOLLOWERS)
        ListScan.objects.create(
            scan=scan, edge_list=edges, direction=Direction.FOLLOWERS, state=state, reason=reason, people_seen=31_990,
            count_before=48_212, known_count=48_000, gone_count=16_010, started_at=now, sentence=scan.message, **over,
        )  # fmt: skip
        found[state] = str(scan.pk)
    return found


def _changed_person(account: Any) -> dict[str, Any]:
    """Somebody with a past: gone from the account's followers by the second scan."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select p.profile_id from edge_past p join scans_edgelist l on l.id = p.list_id"
            " where l.account_id = %s order by 1 limit 1",
            [account.pk],
        )
        (person,) = cursor.fetchone()
    return {"person_id": person, "profile_id": person}
