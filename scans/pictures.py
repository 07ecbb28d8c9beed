"""People's pictures: which address is the newest, what pages asked for, who may see them, what is let go.

Addresses are signed and run out after days, and are seen only while a list or a profile is read. A scan's pages keep
those of people whom pages asked for, and of the first ``ALWAYS`` of each list; a million followers cost nothing. No
request of a page fetches anything: :mod:`scans.picture_job` does, gently. See docs/decisions/0007.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.gateway import results
from accounts.models import TrackedAccount, Workspace
from igsite.jobs import runner
from scans import picture_files
from scans.fingerprints import picture_path
from scans.models import EdgeList, PictureState, ProfilePicture
from scans.person_rows import fetch, number_array

FETCH_JOB: Final = "pictures.fetch"
#: So many people of a list have their address kept though nobody asked for them yet.
ALWAYS: Final = 2_000
#: An address that is older has probably run out.
FRESH: Final = timedelta(days=3)
#: How often it is written down that a page still shows somebody.
ASKED_EVERY: Final = timedelta(days=1)
#: How long pictures and addresses stay that no page shows any more.
UNSEEN: Final = timedelta(days=60)
BATCH: Final = 2_000
_LONGEST: Final = 2_000


def ask(profile_ids: Iterable[int], *, now: datetime | None = None) -> dict[int, int]:
    """A page shows these people: of those whose picture is kept, its version by number. The rest is ordered.

    One query when nothing is new. Only for people that the caller's workspace may see.
    """
    now, ids = now or timezone.now(), sorted({pk for pk in profile_ids if pk > 0})
    rows = {row.profile_id: row for row in ProfilePicture.objects.filter(pk__in=ids)}
    due = [pk for pk in ids if pk not in rows or _is_due(rows[pk], now)]
    if due:
        _note_asked(due, now)
    wanted = [row for row in rows.values() if row.state in (PictureState.KNOWN, PictureState.WANTED)]
    if any(row.address and row.seen_at and row.seen_at > now - FRESH for row in wanted):
        order()
    return {pk: int(row.fetched_at.timestamp()) for pk, row in rows.items() if row.fetched_at}


def _is_due(row: ProfilePicture, now: datetime) -> bool:
    return row.state == PictureState.KNOWN or row.asked_at is None or row.asked_at < now - ASKED_EVERY


_ASK: Final = """
insert into scans_profilepicture as p (profile_id, asked_at, state, address, path, failures, fetched_path, size)
select id, %(now)s, 'wanted', '', '', 0, '', 0 from unnest(%(ids)s::bigint[]) id order by id
on conflict (profile_id) do update
set asked_at = excluded.asked_at, state = case when p.state = 'known' then 'wanted' else p.state end
returning p.profile_id
"""


def _note_asked(ids: list[int], now: datetime) -> None:
    fetch(_ASK, {"ids": ids, "now": now})


def order() -> None:
    """Have wanted pictures fetched by one job of the site's own, unless it is at it."""
    runner.enqueue(FETCH_JOB, workspace=None, dedupe_key=FETCH_JOB, lane=FETCH_JOB)


_ASKED: Final = "select profile_id from scans_profilepicture where profile_id = any(%s::bigint[]) and asked_at > %s"


def note(people: Collection[results.Person], *, seen_before: int, now: datetime) -> None:
    """A scan read a page of a list behind ``seen_before`` others: keep the addresses that are worth it."""
    shown = {each.pk: each.picture_url for each in people if each.pk is not None and each.picture_url}
    if seen_before >= ALWAYS and shown:
        asked = fetch(_ASKED, [number_array(shown), now - UNSEEN])
        shown = {pk: shown[pk] for (pk,) in asked}
    _keep(shown, now)


def note_profile(seen: results.Profile, *, now: datetime) -> None:
    """A tracked account's profile was read: its picture is wanted."""
    if seen.picture_url:
        _note_asked([seen.pk], now)
        _keep({seen.pk: seen.picture_url}, now)
        order()


# A picture is fetched again when its path is another one, and tried again when a newer address is there.
_KEEP: Final = """
insert into scans_profilepicture as p (profile_id, address, path, seen_at, state, failures, fetched_path, size)
select id, address, path, %(now)s, 'known', 0, '', 0
from unnest(%(ids)s::bigint[], %(addresses)s::text[], %(paths)s::text[]) s (id, address, path) order by id
on conflict (profile_id) do update
set address = excluded.address, path = excluded.path, seen_at = excluded.seen_at, tried_at = null, failures = 0,
    state = case when p.fetched_at is not null and p.fetched_path = excluded.path then 'stored'
                 when p.state = 'refused' and p.path = excluded.path then 'refused'
                 when p.asked_at is null then 'known' else 'wanted' end
returning p.profile_id
"""


def _keep(shown: dict[int, str], now: datetime) -> None:
    kept = {pk: address for pk, address in shown.items() if len(address) <= _LONGEST}
    if kept:
        paths = [picture_path(address) for address in kept.values()]
        fetch(_KEEP, {"ids": list(kept), "addresses": list(kept.values()), "paths": paths, "now": now})


def may_see(workspace: Workspace | None, profile_id: int) -> bool:
    """Whether the workspace tracks this person, or has or had them on one of its lists."""
    if workspace is None or not -(2**63) < profile_id < 2**63:
        return False
    if TrackedAccount.objects.for_workspace(workspace).filter(profile=profile_id).exists():
        return True
    lists = list(EdgeList.objects.for_workspace(workspace).order_by("pk").values_list("pk", flat=True))
    return bool(fetch(_ON_A_LIST, {"lists": lists, "person": profile_id})[0][0])


_ON_A_LIST: Final = """
select exists (select 1 from edge_current where list_id = any(%(lists)s) and profile_id = %(person)s)
    or exists (select 1 from edge_past where list_id = any(%(lists)s) and profile_id = %(person)s)
"""


def kept(profile_id: int) -> bytes | None:
    """The kept picture, a WebP. None: there is none."""
    data = picture_files.read(profile_id)
    if data is None:
        ProfilePicture.objects.filter(pk=profile_id, fetched_at__isnull=False).update(
            fetched_at=None, size=0, state=PictureState.WANTED
        )
    return data


def with_picture(accounts: QuerySet[TrackedAccount]) -> QuerySet[TrackedAccount]:
    """The accounts, each with ``picture_at``: when its kept picture was fetched, None without one."""
    own = ProfilePicture.objects.filter(pk=OuterRef("profile_id"))
    return accounts.annotate(picture_at=Subquery(own.values("fetched_at")[:1]))


def forget(profile_id: int) -> None:
    """Nothing of this person's picture stays here."""
    ProfilePicture.objects.filter(pk=profile_id).delete()
    picture_files.delete(profile_id)


def evict(now: datetime, *, most_bytes: int | None = None) -> int:
    """Let go of what no page shows any more, then of what was shown longest ago until the rest fits.

    At most a batch at a time. Returns how many files went.
    """
    most = settings.PICTURE_CACHE_BYTES if most_bytes is None else most_bytes
    old = Q(asked_at__isnull=True, seen_at__lt=now - UNSEEN) | Q(asked_at__lt=now - UNSEEN, fetched_at__isnull=True)
    stale = ProfilePicture.objects.filter(old, fetched_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    ProfilePicture.objects.filter(pk__in=list(stale[:BATCH])).delete()
    with_file = ProfilePicture.objects.filter(fetched_at__isnull=False)
    over = (with_file.aggregate(size=Sum("size"))["size"] or 0) - most
    gone: list[int] = []
    for row in with_file.order_by("asked_at", "pk").only("pk", "size", "asked_at")[:BATCH]:
        if over <= 0 and row.asked_at is not None and row.asked_at >= now - UNSEEN:
            break
        over -= row.size
        gone.append(row.pk)
    values: dict[str, Any] = {"fetched_at": None, "fetched_path": "", "size": 0, "state": PictureState.KNOWN}
    ProfilePicture.objects.filter(pk__in=gone).update(**values)
    for pk in gone:
        picture_files.delete(pk)
    return len(gone)
