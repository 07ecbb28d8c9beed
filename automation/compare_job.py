"""The job that reads the lists of a comparison, one page a step."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect
from accounts.gateway.errors import Gone, Private
from accounts.gateway.results import PeoplePage
from accounts.login_steps import guarded
from accounts.models import InstagramLogin
from automation import compare
from automation.models import ComparedAccount, ComparedPair, Comparison, ListReading, Side
from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run

#: Of the profile's count, so much makes a list that ended by itself a complete one; small ones may lack three.
WHOLE, SMALL_GAP = 0.98, 3


@register
class CompareLists(Kind):
    """Reads followers of the left accounts until each right one is found or the list ends."""

    name = compare.COMPARE
    label = gettext_lazy("Compare followers")

    def step(self, run: Run) -> Outcome:
        """One request."""
        comparison = Comparison.objects.select_related("login").filter(pk=run.params["comparison"]).first()
        if comparison is None:
            return Done(_("The comparison was removed."))
        lefts = ComparedAccount.objects.filter(comparison=comparison, side=Side.LEFT, reading=ListReading.WAITING)
        left = lefts.order_by("position").first()
        if left is None:
            return Done(_("Every list was read as far as it can be."))
        return guarded(run, comparison.login, lambda login: _read(run, login, left))

    def ended(self, job: Job) -> None:
        """However it ended, nothing more is read."""
        now = job.finished_at or timezone.now()
        Comparison.objects.filter(pk=job.params["comparison"], ended_at=None).update(ended_at=now)
        waiting = ComparedAccount.objects.filter(comparison_id=job.params["comparison"], reading=ListReading.WAITING)
        waiting.update(reading=ListReading.UNREADABLE, note=(job.error or _("It was cancelled before."))[:300])


def _read(run: Run, login: InstagramLogin, left: ComparedAccount) -> Outcome:
    state: dict[str, Any] = run.cursor if run.cursor.get("left") == left.pk else {"left": left.pk}
    with connect.gateway_for(login, clock=run.now) as gateway:
        try:
            if "count" not in state:
                claimed = gateway.profile(left.target_pk).followers_count
                with run.save(cursor=state | {"count": claimed}):
                    return Again()
            page = gateway.followers(left.target_pk, state.get("page"))
        except (Gone, Private) as gone:
            return _over(run, left, ListReading.UNREADABLE, str(gone))
    return _matched(run, left, state, page)


def _matched(run: Run, left: ComparedAccount, state: dict[str, Any], page: PeoplePage) -> Outcome:
    mine = ComparedAccount.objects.filter(comparison_id=left.comparison_id, side=Side.RIGHT)
    rights = set(mine.values_list("target_pk", flat=True))
    found = [(left.target_pk, one.pk) for one in page.people if one.pk in rights]
    seen, pages = left.seen + len(page.people), state.get("pages", 0) + 1
    is_limited = state.get("limited", False) or page.is_limited
    cursor = state | {"page": page.next_cursor, "pages": pages, "limited": is_limited, "failures": 0}
    left.seen, left.as_of = seen, run.now()
    is_stuck = page.next_cursor is not None and page.next_cursor == state.get("page")
    with run.save(cursor=cursor):
        compare.add_pairs(left.comparison, found)
        known = ComparedPair.objects.filter(comparison_id=left.comparison_id, left_pk=left.target_pk).count()
        reading, note = _verdict(known == len(rights), page, pages, seen, state["count"], is_limited or is_stuck)
        left.reading, left.note = reading, note
        left.save(update_fields=["seen", "as_of", "reading", "note"])
    return Again()


def _verdict(
    is_settled: bool, page: PeoplePage, pages: int, seen: int, claimed: int | None, is_limited: bool
) -> tuple[ListReading, str]:
    if is_settled:
        return ListReading.COMPLETE, ""
    if is_limited:
        return ListReading.PARTIAL, _("Instagram shows a part of this list only.")
    if page.next_cursor is None:
        is_whole = claimed is not None and seen >= min(claimed * WHOLE, claimed - SMALL_GAP)
        return (ListReading.COMPLETE, "") if is_whole else (ListReading.PARTIAL, _("The list ended early."))
    if pages >= compare.PAGES:
        return ListReading.PARTIAL, _("The list is longer than what one comparison reads.")
    return ListReading.WAITING, ""


def _over(run: Run, left: ComparedAccount, reading: ListReading, note: str) -> Outcome:
    with run.save(cursor={}):
        ComparedAccount.objects.filter(pk=left.pk).update(reading=reading, note=note[:300], as_of=run.now())
    return Again()
