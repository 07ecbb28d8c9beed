"""Discovery: people to follow, from the lists of accounts like yours and from who likes and comments there.

A search gathers them, leaves out whom its wishes exclude (and counts them by reason), and ranks the others by how
likely they are to follow back, as far as they are known (:mod:`automation.predictions`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import connect
from accounts.gateway.results import Person
from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount, Workspace
from automation import features_stored, predict_training
from automation.features import vector
from automation.features_stored import Known
from automation.models import Candidate, DiscoverySearch, Safelist, SafelistEntry
from automation.predict_model import chance
from igsite import audit
from igsite.jobs import runner
from igsite.problems import Invalid
from scans.models import Direction, EdgeList
from scans.person_rows import fetch

if TYPE_CHECKING:
    from accounts.models import User

SEARCH: Final = "discovery.search"
#: Accounts of one search, people who are ranked, and of each account the newest posts that are looked at.
ACCOUNTS: Final = 10
MOST: Final = 2_000
POSTS: Final = 3
_CHUNK: Final = 500


class NotSearchable(Invalid):
    """The wishes make no search; the message says why. Nothing was changed."""

    code = "not_searchable"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Whom to look for: people on at least ``at_least`` of the followers lists of ``accounts``; with ``posts`` also who
    likes and comments there. Sizes are counts of followers; whose size is not known is not left out for it."""

    accounts: tuple[str, ...]
    at_least: int = 1
    posts: bool = False
    private: bool = False
    smallest: int | None = None
    largest: int | None = None

    @classmethod
    def of(cls, search: DiscoverySearch) -> Wishes:
        """Those of a search."""
        return cls(**search.options | {"accounts": tuple(search.options["accounts"])})


def search(
    *, workspace: Workspace, login: InstagramLogin, wishes: Wishes, by: User | None, now: datetime
) -> DiscoverySearch:
    """A search and its job; it costs reads of the login only with ``posts``. Raises :class:`NotSearchable`."""
    if login.workspace_id != workspace.pk or login.status == LoginStatus.REMOVED:
        raise NotSearchable(_("This login is not one of the workspace."))
    accounts = _accounts(workspace, wishes)
    if not 0 < len(accounts) <= ACCOUNTS or len(accounts) != len(wishes.accounts):
        raise NotSearchable(_("Choose between 1 and %(most)s tracked accounts.") % {"most": ACCOUNTS})
    title = ", ".join(f"@{account.username}" for account in accounts)[:200]
    with transaction.atomic():
        row = DiscoverySearch.objects.create(
            workspace=workspace, login=login, title=title, options=asdict(wishes), created_by=by, created_at=now
        )
        order(row, by=by, phase="posts" if wishes.posts else "rank")
        audit.record(by, "discovery.searched", row, workspace=workspace, now=now, details={"posts": wishes.posts})
    return row


def order(row: DiscoverySearch, *, by: User | None, phase: str = "rank") -> None:
    """Have the search worked out, or ranked anew with what is known by now."""
    job = runner.enqueue(
        SEARCH, workspace=row.workspace, by=by, params={"search": str(row.pk), "phase": phase}, subject=row.title,
        subject_url=reverse("discovery:search", args=[row.pk]), dedupe_key=f"discovery-{row.pk}",
        lane=connect.lane(row.login_id) if phase == "posts" else "",
    )  # fmt: skip
    DiscoverySearch.objects.filter(pk=row.pk).update(job_uuid=job.uuid)
    row.job_uuid = job.uuid


def _accounts(workspace: Workspace, wishes: Wishes) -> list[TrackedAccount]:
    ids = [UUID(one) for one in wishes.accounts[: ACCOUNTS + 1]]
    mine = TrackedAccount.objects.for_workspace(workspace).filter(pk__in=ids).select_related("profile")
    return list(mine.order_by("username", "pk"))


def accounts_of(row: DiscoverySearch) -> list[TrackedAccount]:
    """The accounts of a search that are still tracked."""
    return _accounts(row.workspace, Wishes.of(row))


# -- gathering


def saw(row: DiscoverySearch, people: Iterable[Person], *, how: str) -> None:
    """Somebody likes (``liked``) or comments (``commented``) a post; each counts once a post."""
    seen = {person.pk: person for person in people if person.pk is not None}
    Profile.objects.bulk_create(
        [
            Profile(
                pk=pk, username=one.username, full_name=one.full_name[:300], is_private=one.is_private,
                is_verified=one.is_verified,
            )
            for pk, one in sorted(seen.items())
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    Candidate.objects.bulk_create([Candidate(search=row, target_pk=pk) for pk in sorted(seen)], ignore_conflicts=True)
    Candidate.objects.filter(search=row, target_pk__in=seen).update(**{how: F(how) + 1})


_ON_LISTS: Final = """
select profile_id, count(*) from edge_current where list_id = any(%s) and profile_id > 0
group by profile_id having count(*) >= %s order by count(*) desc, profile_id limit %s
"""


def gather_lists(row: DiscoverySearch) -> None:
    """People on enough of the followers lists, those on the most lists first."""
    wishes = Wishes.of(row)
    lists = EdgeList.objects.for_workspace(row.workspace).filter(
        account__in=[UUID(one) for one in wishes.accounts], direction=Direction.FOLLOWERS, last_seq__gt=0
    )
    found = fetch(_ON_LISTS, [list(lists.values_list("pk", flat=True)), max(1, wishes.at_least), MOST])
    rows = [Candidate(search=row, target_pk=pk, lists=count) for pk, count in sorted(found)]
    Candidate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["search", "target_pk"], update_fields=["lists"], batch_size=_CHUNK
    )


# -- leaving out and ranking


def rank(row: DiscoverySearch) -> Counter[str]:
    """Leave out whom the wishes exclude, and give the others their probability. Returns who was left out, by reason."""
    wishes, login = Wishes.of(row), row.login
    weights = predict_training.weights_of(predict_training.current(row.workspace))
    left_out: Counter[str] = Counter()
    after = 0
    while True:
        pool = Candidate.objects.filter(search=row, target_pk__gt=after).order_by("target_pk")[:_CHUNK]
        rows = list(pool)
        if not rows:
            break
        after = rows[-1].target_pk
        known = features_stored.known(login, [one.target_pk for one in rows])
        safe = _safe(row.workspace, known)
        kept, gone = [], []
        for one in rows:
            why = _why_out(wishes, known.get(one.target_pk), one.target_pk == login.profile_id, one.target_pk in safe)
            if why:
                left_out[why] += 1
                gone.append(one.pk)
            else:
                person = known[one.target_pk]
                one.probability, one.knowledge = chance(weights, vector(person.facts)).probability, person.knowledge
                kept.append(one)
        Candidate.objects.bulk_update(kept, ["probability", "knowledge"])
        Candidate.objects.filter(pk__in=gone).delete()
    return left_out


def _safe(workspace: Workspace, pks: Collection[int]) -> set[int]:
    listed = SafelistEntry.objects.for_workspace(workspace).filter(safelist=Safelist.DO_NOT_FOLLOW, target_pk__in=pks)
    return set(listed.values_list("target_pk", flat=True))


def _why_out(wishes: Wishes, known: Known | None, is_me: bool, is_safe: bool) -> str:
    """The reason to leave somebody out, empty for none."""
    if known is None or is_me:
        return "not_accessible"
    facts, size = known.facts, known.facts.followers
    if is_safe:
        return "safelist"
    if facts.you_follow:
        return "you_follow"
    if facts.follows_you:
        return "follows_you"
    if facts.is_private and not wishes.private:
        return "private"
    is_small = size is not None and wishes.smallest is not None and size < wishes.smallest
    is_large = size is not None and wishes.largest is not None and size > wishes.largest
    return "size" if is_small or is_large else ""


def finished(row: DiscoverySearch, left_out: Counter[str]) -> None:
    """Keep the counts. Whom an earlier ranking left out stays counted."""
    total = Counter(row.left_out) + left_out
    values: dict[str, Any] = {"found": Candidate.objects.filter(search=row).count(), "left_out": dict(total)}
    DiscoverySearch.objects.filter(pk=row.pk).update(**values)
