"""A workspace with one row of everything that has an address, all of it recognisable: what strangers look for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from accounts import invitations, tokens
from accounts.models import (
    ApiToken,
    InstagramLogin,
    Invitation,
    LoginStatus,
    Profile,
    Proxy,
    SourceAccess,
    SourceRun,
    TokenScope,
    TrackedAccount,
    User,
)
from automation import lookups, staging
from automation.models import (
    ActionKind,
    AlternativeAccount,
    ComparedAccount,
    Comparison,
    GhostReport,
    Item,
    Safelist,
    SafelistEntry,
    Side,
)
from igsite import audit
from igsite.jobs.models import Job
from igsite.ownership import Role
from monitoring import measurement_rows
from monitoring.measurement_rows import Row
from monitoring.models import Alert, Delivery, Gap, Monitor, MonitorKind, Note, NotificationChannel
from monitoring.models.alerts import AlertFeed, AlertRule
from scans import saved_filters, schedules
from scans.models import (
    Direction,
    EdgeList,
    ExportUpload,
    ListExport,
    ListScan,
    SavedFilter,
    Scan,
    ScanSchedule,
    ScanState,
)
from tests.automation import predicted
from tests.people import Cast

SECRET = "kiln_secret"
DAY = dt.timedelta(days=1)


@dataclass
class World:
    """The cast, and one row of each kind in their workspace. ``params`` fills the parameters of routes."""

    cast: Cast
    params: dict[str, Any] = field(default_factory=dict)
    rows: list[models.Model] = field(default_factory=list)
    _sessions: dict[Any, SimpleCookie] = field(default_factory=dict)

    def sign_everybody_in(self) -> None:
        """Once, for all tests of a module: see :meth:`signed_in`."""
        cast = self.cast
        for user in (cast.owner, cast.editor, cast.viewer, cast.stranger, cast.operator):
            self._sessions[user.pk] = cast.signed_in(user).cookies

    def signed_in(self, user: User) -> Client:
        """A browser of somebody who has just signed in."""
        client = self.cast.client(None)
        client.cookies = SimpleCookie({name: morsel.value for name, morsel in self._sessions[user.pk].items()})
        return client

    def keep(self, parameter: str, row: models.Model, value: Any = None) -> None:
        """Remember a row, and what stands for it in an address."""
        self.rows.append(row)
        self.params[parameter] = value or row.pk

    def snapshot(self) -> list[tuple[int, str]]:
        """All columns of all rows by their place; those that are gone lack."""
        with connection.cursor() as cursor:
            parts = [_columns_of(cursor, place, row) for place, row in enumerate(self.rows)]
            cursor.execute(" union all ".join(parts) + " order by 1")
            found: list[tuple[int, str]] = cursor.fetchall()
        return found


def _columns_of(cursor: Any, place: int, row: models.Model) -> str:
    table, key = row._meta.db_table, row._meta.pk
    value = key.get_db_prep_value(row.pk, connection)
    where = cursor.mogrify(f'"{key.column}" = %s', [value])
    return f'select {place}, to_jsonb(one)::text from "{table}" one where {where}'  # noqa: S608 - our own tables


def _schedule(account: TrackedAccount, now: dt.datetime) -> ScanSchedule:
    wish = schedules.Wish([Direction.FOLLOWERS], at_time=dt.time(2))
    return schedules.save(workspace=account.workspace, account=account, wish=wish, by=None, now=now)


def _follow(profile: Profile, edges: EdgeList) -> None:
    """Put somebody on a list."""
    with connection.cursor() as cursor:
        cursor.execute("insert into edge_current values (%s, %s, 1, 1, 0, 0)", [profile.pk, edges.pk])


def _monitors(world: World, profile: Profile, now: dt.datetime) -> None:
    """A monitored profile with a note, and a monitored post."""
    when = {"interval_seconds": 3_600, "anchor_at": now, "due_at": now, "created_at": now}
    place, texts = world.cast.workspace, {"bio": SECRET, "caption": SECRET}
    watched = Monitor.objects.create(
        workspace=place, kind=MonitorKind.PROFILE, username=SECRET, profile=profile, facts=texts,
        latest={"followers": 1_229}, checked_at=now, **when,
    )  # fmt: skip
    post = Monitor.objects.create(workspace=place, kind=MonitorKind.POST, code=f"{SECRET}_post", facts=texts, **when)
    hours = [now - dt.timedelta(hours=hour) for hour in range(48, 0, -1)]
    counts = [Row(at, {"followers": 900 + 7 * n, "following": 5, "posts": 3}) for n, at in enumerate(hours)]
    measurement_rows.add(watched.pk, counts)
    Gap.objects.create(monitor=watched, since=hours[10], until=hours[14], code="throttled", why=SECRET)
    for name in ("monitor_id", "task_id"):
        world.keep(name, watched, watched.uuid)
    world.keep("user_id", watched, profile.pk)
    world.keep("post_task_id", post, post.uuid)
    world.keep("post_code", post, post.code)
    world.keep("note_id", Note.objects.create(monitor=watched, at=now, text=SECRET))
    _alerts(world, profile, now)
    _channel(world, now)


def _channel(world: World, now: dt.datetime) -> None:
    """A channel with an alert that waits for it; nothing is sent in a site that shows it."""
    later = now + 300 * DAY
    channel = NotificationChannel.objects.create(
        workspace=world.cast.workspace, name=SECRET, kind="webhook", address_sealed=b"sealed", goes_to=SECRET,
        since=later,
    )  # fmt: skip
    alert = Alert.objects.create(
        workspace=world.cast.workspace, rule_key="r", kind="target", subject="monitor:1", about=SECRET, at=now,
        message="target.ended", change_key="1",
    )  # fmt: skip
    Delivery.objects.create(channel=channel, alert=alert, due_at=later)
    world.keep("channel_id", channel)


def _alerts(world: World, profile: Profile, now: dt.datetime) -> None:
    """A rule with an alert of each state, and a feed."""
    account = TrackedAccount.objects.get(profile=profile)
    place, about = world.cast.workspace, {"account": account, "subject": f"account:{account.pk}", "at": now}
    rule = AlertRule.objects.create(workspace=place, kind="threshold", metric="likes", limit=7, tag=SECRET, scope="tag")
    told = {"workspace": place, "rule_key": str(rule.pk), "kind": rule.kind, "about": SECRET, **about}
    words = {"message": "threshold.above", "arguments": {"metric": "likes"}, "value": 9, "limit": 7}
    world.keep("alert_id", rule.alerts.create(change_key="1:on", evidence="/monitoring/", **told, **words))
    rule.alerts.create(change_key="1:off", state="resolved", severity="info", **told, **words)
    world.keep("rule_id", rule)
    feed = {"workspace": place, "account": account, "token_hash": SECRET.encode(), "made_by": world.cast.owner}
    world.keep("feed_id", AlertFeed.objects.create(**feed))


def _upload(account: TrackedAccount, now: dt.datetime) -> ExportUpload:
    job = Job.objects.create(workspace=account.workspace, kind="scans.import", subject=SECRET)
    return ExportUpload.objects.create(
        workspace=account.workspace, account=account, job_uuid=job.uuid, names=[f"{SECRET}.zip"], bytes=1,
        created_at=now,
    )  # fmt: skip


def _filter(world: World, now: dt.datetime) -> SavedFilter:
    return saved_filters.save(
        workspace=world.cast.workspace, name=SECRET, fields={"q": SECRET}, is_shared=True, by=world.cast.owner, now=now
    )


def _export(account: TrackedAccount, now: dt.datetime) -> ListExport:
    job = Job.objects.create(workspace=account.workspace, kind="scans.export", subject=SECRET)
    return ListExport.objects.create(
        workspace=account.workspace, account=account, content="people", format="csv", file_name=f"{SECRET}.csv",
        job_uuid=job.uuid, created_at=now, expires_at=now + DAY,
    )  # fmt: skip


def _files(world: World, account: TrackedAccount, now: dt.datetime) -> None:
    world.keep("upload_id", _upload(account, now))
    world.keep("export_id", _export(account, now))


def _batches(world: World, login: InstagramLogin, profile: Profile, now: dt.datetime) -> None:
    """A batch that waits for its review, a look-up for one, and somebody on a safelist."""
    place, owner = world.cast.workspace, world.cast.owner
    batch = staging.stage(
        workspace=place, login=login, kind=ActionKind.FOLLOW, pks=[profile.pk], by=owner, now=now, reason=SECRET
    )  # fmt: skip
    world.keep("batch_id", batch)
    world.keep("item_id", Item.objects.get(batch=batch))
    job = Job.objects.create(
        workspace=place, kind=lookups.LOOKUP, subject=SECRET, message=SECRET, due_at=now + 300 * DAY, total_units=3
    )
    world.keep("lookup_id", job, job.uuid)
    safe = {"safelist": Safelist.NEVER_UNFOLLOW, "target_pk": profile.pk, "note": SECRET, "added_at": now}
    world.rows.append(SafelistEntry.objects.create(workspace=place, **safe))
    _readings(world, login, profile, now)
    for pk in (profile.pk, profile.pk + 1):
        one = {"person": place.pk, "target_pk": pk, "note": SECRET, "added_at": now}
        world.rows.append(AlternativeAccount.objects.create(workspace=place, **one))
    _predictions(world, login, profile, now)


def _predictions(world: World, login: InstagramLogin, profile: Profile, now: dt.datetime) -> None:
    """A session, one of its predictions, what is kept of the person, and a search."""
    made = predicted.furnish(login, profile, SECRET, now)
    world.keep("session_id", made.session)
    world.keep("prediction_id", made.prediction)
    world.keep("search_id", made.search)
    world.keep("target_pk", made.facts, made.facts.target_pk)
    world.rows.append(made.model)


def _readings(world: World, login: InstagramLogin, profile: Profile, now: dt.datetime) -> None:
    """A comparison, and a report of ghost followers."""
    place = world.cast.workspace
    sizes = {"left_count": 1, "right_count": 1, "created_at": now, "ended_at": now}
    comparison = Comparison.objects.create(workspace=place, login=login, **sizes)
    for side in Side:
        ComparedAccount.objects.create(
            comparison=comparison, side=side, position=0, target_pk=profile.pk, username=SECRET, reading="complete"
        )
    world.keep("comparison_id", comparison)
    account = TrackedAccount.objects.get(workspace=place, username=SECRET)
    world.keep("report_id", GhostReport.objects.create(
        workspace=place, account=account, login=login, posts_wanted=3, created_at=now, ended_at=now
    ))  # fmt: skip


def _paid_run(world: World, now: dt.datetime) -> None:
    """A key of a data service and a run that was ordered by it."""
    access = SourceAccess.objects.create(
        workspace=world.cast.workspace, source="apify", key_sealed=b"sealed", note=SECRET
    )
    run = {"workspace": world.cast.workspace, "access": access, "order": SECRET, "target": SECRET, "state": "unknown"}
    world.rows.append(access)
    world.keep("run_id", SourceRun.objects.create(**run, what="followers", ordered_at=now))


def build(cast: Cast) -> World:
    """Everything in ``cast.workspace``, by its owner."""
    world, place, now = World(cast), cast.workspace, timezone.now()
    profile = Profile.objects.create(pk=4_000_000_001, username=SECRET, full_name=SECRET)
    account = TrackedAccount.objects.create(workspace=place, username=SECRET, profile=profile, note=SECRET)
    login = InstagramLogin.objects.create(workspace=place, username=f"{SECRET}_login", status=LoginStatus.READY)
    job = Job.objects.create(workspace=place, kind="scans.people", subject=SECRET, message=SECRET)
    scan = Scan.objects.create(
        workspace=place, account=account, login=login, directions=[Direction.FOLLOWERS], state=ScanState.RUNNING,
        message=SECRET, created_at=now,
    )  # fmt: skip
    edges = EdgeList.objects.create(account=account, direction=Direction.FOLLOWERS)
    ListScan.objects.create(scan=scan, edge_list=edges)
    invitation, invitation_token = invitations.invite(
        workspace=place, email=f"{SECRET}@example.com", role=Role.OWNER, by=cast.owner, link=str
    )
    mine = cast.membership(cast.owner)
    token, _text = tokens.issue(membership=mine, name=SECRET, scope=TokenScope.WRITE, life=DAY, by=cast.owner)
    key = Authenticator.objects.create(user=cast.owner, type=Authenticator.Type.WEBAUTHN, data={"name": SECRET})
    audit.record(cast.owner, "kiln.fired", SECRET, workspace=place)
    rows = {"account_id": account, "profile_id": profile, "person_id": profile, "login_id": login, "scan_id": scan}
    for parameter, row in (rows | {"pk": key}).items():
        world.keep(parameter, row)
    world.keep("filter_id", _filter(world, now))
    world.keep("schedule_id", _schedule(account, now))
    _follow(profile, edges)
    _monitors(world, profile, now)
    _files(world, account, now)
    _batches(world, login, profile, now)
    _paid_run(world, now)
    world.keep("proxy_id", Proxy.objects.create(workspace=place, name=SECRET, scheme="http", host=SECRET, port=8080))
    for parameter in ("uuid", "job_id"):
        world.keep(parameter, job, job.uuid)
    world.keep("membership_id", mine)
    world.keep("invitation_id", Invitation.objects.get(pk=invitation.pk))
    world.keep("token_id", ApiToken.objects.get(pk=token.pk))
    world.params["token"] = invitation_token
    return world
