"""What is done with people who were looked up, once they all were: by what they were looked up for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import InstagramLogin
from automation import alternatives, compare, safelisting, staging
from automation.models import ActionKind, Safelist, Side
from igsite.jobs.run import Run


def _staged(run: Run, login: InstagramLogin) -> dict[str, Any]:
    starts_at = run.params.get("starts_at")
    batch = staging.stage(
        workspace=login.workspace, login=login, kind=ActionKind(run.params["kind"]),
        pks=[*run.params["known"], *run.cursor.get("found", [])], by=run.job.created_by, now=run.now(),
        reason=run.params["reason"], starts_at=datetime.fromisoformat(starts_at) if starts_at else None,
    )  # fmt: skip
    return {"batch": str(batch.pk), "said": _("The batch is ready for your review.")}


def _safe(run: Run, login: InstagramLogin) -> dict[str, Any]:
    notes = run.params["notes"]
    found = zip(run.cursor.get("found", []), run.cursor.get("named", []), strict=True)
    people = {int(pk): str(note) for pk, note in run.params["known"]} | {pk: notes.get(name, "") for pk, name in found}
    which = Safelist(run.params["safelist"])
    count = safelisting.add(
        workspace=login.workspace, which=which, people=people, by=run.job.created_by, now=run.now()
    )  # fmt: skip
    said = ngettext("%(count)s person was added.", "%(count)s people were added.", count) % {"count": count}
    return {"url": reverse("automation:safelist", args=[which.value]), "said": said}


def _linked(run: Run, login: InstagramLogin) -> dict[str, Any]:
    pks = [*run.params["known"], *run.cursor.get("found", [])]
    alternatives.link(
        workspace=login.workspace, pks=pks, note=run.params["note"], by=run.job.created_by, now=run.now()
    )  # fmt: skip
    return {"url": reverse("automation:alternatives"), "said": _("They are linked as one person’s accounts.")}


def _compared(run: Run, login: InstagramLogin) -> dict[str, Any]:
    """Whoever was not found is missing on their side."""
    found = dict(zip(run.cursor.get("named", []), run.cursor.get("found", []), strict=True))
    lefts, rights = (
        [pk for pk in (one if isinstance(one, int) else found.get(one) for one in run.params["sides"][side]) if pk]
        for side in (Side.LEFT.value, Side.RIGHT.value)
    )
    made = compare.prepare(
        workspace=login.workspace, login=login, lefts=lefts, rights=rights, by=run.job.created_by, now=run.now()
    )  # fmt: skip
    url = reverse("automation:comparison", args=[made.pk])
    return {"comparison": str(made.pk), "url": url, "said": _("The comparison is made.")}


#: By ``then`` of the job's parameters. Each says what came of it, with ``batch`` or the ``url`` where it is seen.
ENDS: Final[dict[str, Callable[[Run, InstagramLogin], dict[str, Any]]]] = {
    "stage": _staged, "safelist": _safe, "link": _linked, "compare": _compared,
}  # fmt: skip
