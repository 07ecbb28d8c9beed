"""The job that fills the search text of an account's lists."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run
from scans import names, search_text
from scans.models import EdgeList
from scans.search_text import Place


@register
class FillSearchText(Kind):
    """A batch a step: changed names first, then one list after the other until none is behind its scans."""

    name = search_text.SEARCH_JOB
    label = _("Make names searchable")

    def step(self, run: Run) -> Outcome:
        """The next batch."""
        names.fill()
        with run.save() as progress:
            search_text.lock()
            count = search_text.renew()
            if count:
                progress.done = run.job.done_units + count
                return Again()
            place = _place(run)
            if place is not None:
                following = search_text.fill(place)
                progress.done = run.job.done_units + 1
                if following is None:
                    search_text.finish(place)
                progress.cursor = {"place": asdict(following)} if following else {}
                return Again()
        search_text.tidy()
        return Done()


def _place(run: Run) -> Place | None:
    if run.cursor.get("place"):
        return Place(**run.cursor["place"])
    edges = search_text.behind(EdgeList.objects.filter(account=run.params["account"])).first()
    return search_text.start(edges) if edges else None
