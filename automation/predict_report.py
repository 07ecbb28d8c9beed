"""How good the predictions of a workspace have been: what was said when people were followed, against what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from accounts.models import Workspace
from automation.models import SETTLED, FollowModel, FollowOutcome, OutcomeState
from automation.predict_quality import Quality, quality
from igsite.paging import Page, page_of

#: The newest outcomes that are counted.
MOST: Final = 20_000
#: Fewer outcomes say next to nothing.
FEW: Final = 30


@dataclass(frozen=True, slots=True)
class Report:
    """The same people by three ways to predict: as was said, by the untrained prior, by the base rate alone.

    ``version`` None: all versions together. ``counts`` are outcomes by state.
    """

    version: int | None
    versions: list[int]
    counts: dict[str, int]
    base_rate: float | None
    said: Quality | None
    prior: Quality | None
    base: Quality | None

    @property
    def is_thin(self) -> bool:
        """Whether the figures rest on too few people."""
        return self.said is None or self.said.count < FEW


def report(workspace: Workspace, *, version: int | None = None) -> Report:
    """Of predictions by one version of the model (0: by the prior), or of all."""
    mine = FollowOutcome.objects.for_workspace(workspace)
    versions = sorted(set(mine.filter(state__in=SETTLED).values_list("model_number", flat=True)), reverse=True)
    if version is not None:
        mine = mine.filter(model_number=version)
    counted = mine.values("state").annotate(count=Count("pk")).order_by()
    counts = {row["state"]: row["count"] for row in counted}
    settled = mine.filter(state__in=SETTLED).order_by("-followed_at", "-id")
    rows = list(settled.values_list("probability", "prior_probability", "state")[:MOST])
    happened = [state == OutcomeState.FOLLOWED_BACK for _said, _prior, state in rows]
    rate = sum(happened) / len(rows) if rows else None
    return Report(
        version, versions, counts, rate, quality([said for said, _p, _s in rows], happened),
        quality([prior for _s, prior, _state in rows], happened),
        None if rate is None else quality([rate] * len(rows), happened),
    )  # fmt: skip


def models(workspace: Workspace, *, cursor: str = "", limit: int = 20) -> Page[FollowModel]:
    """The versions, the newest first."""
    mine = FollowModel.objects.for_workspace(workspace)
    return page_of(mine, name="follow-models", order=("-number",), cursor=cursor, limit=limit)
