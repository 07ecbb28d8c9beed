"""The job that works out the bitmaps and figures of an account's lists."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run
from scans import bitmaps
from scans.models import EdgeList


@register
class WorkOutFigures(Kind):
    """One list a step, until none of the account's lists is behind its scans."""

    name = bitmaps.FIGURES_JOB
    label = _("Work out overlaps and shares")

    def step(self, run: Run) -> Outcome:
        """The next list, each once as it stands: one whose count says otherwise would go round for ever."""
        built: list[list[int]] = run.cursor.get("built", [])
        behind = bitmaps.stale(EdgeList.objects.filter(account=run.params["account"]))
        following = next((edges for edges in behind if [edges.pk, edges.last_seq] not in built), None)
        bitmap = bitmaps.build(following.pk, now=run.now()) if following else None
        if bitmap is None:
            return Done()
        with run.save(cursor={"built": [*built, [bitmap.pk, bitmap.seq]]}, done=run.job.done_units + 1):
            bitmaps.store(bitmap)
        return Again()
