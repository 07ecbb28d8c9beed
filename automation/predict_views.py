"""Predictions: a new session, one session, one person, how good they have been."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from automation import (
    outcomes,
    predict_drawing,
    predict_lists,
    predict_report,
    predict_training,
    predict_words,
    predictions,
    staging,
)
from automation.choices import logins_of
from automation.features import NAMES
from automation.models import ActionKind, Prediction, PredictionSession
from automation.outcomes_rules import WINDOW
from automation.predict_forms import FeedbackForm, PredictForm
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from igsite.text import whole_number, whole_numbers
from scans import people
from scans.people_choice import PeopleList

PAGE: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: MemberRequest) -> HttpResponse:
    """The form and the sessions; a good form makes one and leads to it."""
    form = PredictForm(request.POST or None, workspace=request.workspace, initial=_wanted(request))
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        if form.is_valid():
            try:
                return redirect(request, "predictions:session", _predict(request, form).pk)
            except Problem as refused:
                form.refuse(str(refused))
    page = predict_lists.sessions(request.workspace, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "form": form,
        "page": page,
        "can_edit": may(request, Role.EDITOR),
        "has_login": logins_of(request.workspace).exists(),
        "section": "predictions",
    }
    parts = {"more-rows": "automation/_predict_sessions.html"}
    return render_page(
        request, "automation/predict_index.html", context, partials=parts, status=422 if form.errors else 200
    )


def _wanted(request: MemberRequest) -> dict[str, Any]:
    return {"names": request.GET.get("names", "")[:2_000], "reads": True, "which": PeopleList.FOLLOWERS.value}


def _predict(request: MemberRequest, form: PredictForm) -> PredictionSession:
    wanted = form.cleaned_data
    pks, title = [], ", ".join(f"@{name}" for name in wanted["names"][:5])
    if wanted["account"] is not None:
        which = PeopleList(wanted["which"] or PeopleList.FOLLOWERS)
        left = predictions.MOST - len(wanted["names"])
        listed = people.people(wanted["account"], which, limit=max(1, left)).items if left else []
        pks = [row.pk for row in listed if row.pk is not None]
        title = _("%(list)s of @%(account)s") % {"list": which.label, "account": wanted["account"].username}
    return predictions.predict(
        workspace=request.workspace, login=wanted["login"], names=wanted["names"], pks=pks, title=title,
        reads=wanted["reads"], by=request.user, now=timezone.now(),
    )  # fmt: skip


@require_safe
def session_page(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """The people of a session, the likeliest first; live while a job reads."""
    session = _session(request, session_id)
    page = predict_lists.predictions(session, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "row": predict_lists.with_outcomes(request.workspace, [session])[0],
        "session": session,
        "page": page,
        "can_edit": may(request, Role.EDITOR),
        "section": "predictions",
    }
    parts = {"more-rows": "automation/_predict_rows.html", "session": "automation/_predict_session.html"}
    return render_page(request, "automation/predict_session.html", context, partials=parts)


@require_POST
def stage(request: MemberRequest, session_id: UUID) -> HttpResponse:
    """A batch of follows from those who are marked; it waits for its review."""
    session = _session(request, session_id)
    require_role(request, Role.EDITOR)
    mine = Prediction.objects.for_workspace(request.workspace).filter(session=session, target_pk__isnull=False)
    marked = whole_numbers(request.POST.getlist("ids")[: predictions.MOST])
    chosen = mine.filter(pk__in=marked).order_by("-probability", "-id")
    return staged(request, session.login, [row.target_pk for row in chosen if row.target_pk], back=session)


def staged(request: MemberRequest, login: Any, pks: list[int], *, back: Any) -> HttpResponse:
    """Stage follows of these people and lead to the review; ``back`` is shown again where that is refused."""
    home = reverse("predictions:session" if isinstance(back, PredictionSession) else "discovery:search", args=[back.pk])
    if not pks:
        messages.warning(request, _("Mark the people to follow first."))
        return redirect(request, home)
    try:
        batch = staging.stage(
            workspace=request.workspace, login=login, kind=ActionKind.FOLLOW, pks=pks, by=request.user,
            now=timezone.now(), reason=_("Predicted to follow back"),
        )  # fmt: skip
    except Problem as refused:
        messages.warning(request, str(refused))
        return redirect(request, home)
    messages.success(request, _("A batch was made. Nothing is sent before you have reviewed and confirmed it."))
    return redirect(request, "automation:detail", batch.pk)


@require_safe
def person_page(request: MemberRequest, prediction_id: int) -> HttpResponse:
    """One person: the probability, its reasons, what is not known, what came of it."""
    return _person(request, _prediction(request, prediction_id))


def _person(request: MemberRequest, row: Prediction, status: int = 200) -> HttpResponse:
    context = {
        "line": predict_lists.lines([row])[0],
        "form": FeedbackForm(initial={"happened": row.feedback}),
        "can_edit": may(request, Role.EDITOR),
        "section": "predictions",
    }
    return render_page(request, "automation/predict_person.html", context, status=status)


@require_POST
def feedback(request: MemberRequest, prediction_id: int) -> HttpResponse:
    """What happened, as the person saw it."""
    row = _prediction(request, prediction_id)
    require_role(request, Role.EDITOR)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _person(request, row, status=422)
    predictions.tell(prediction=row, happened=form.cleaned_data["happened"], by=request.user, now=timezone.now())
    messages.success(request, _("Thank you. It is kept with the prediction."))
    return redirect(request, "predictions:person", row.pk)


@require_safe
def quality_page(request: MemberRequest) -> HttpResponse:
    """How good predictions have been, and the versions of the model."""
    version = whole_number(request.GET.get("version", ""), digits=8)
    report = predict_report.report(request.workspace, version=version)
    model = predict_training.current(request.workspace)
    weights = predict_training.weights_of(model)
    prior = predict_training.weights_of(None)
    context = {
        "report": report,
        "plot": predict_drawing.plot(report.said.groups, report.prior.groups) if report.said and report.prior else None,
        "model": model,
        "weights": [
            (predict_words.label(name), prior.mean[i], weights.mean[i], weights.covariance[i][i] ** 0.5)
            for i, name in enumerate(NAMES)
        ],
        "page": predict_report.models(request.workspace, cursor=request.GET.get("cursor", "")),
        "window": WINDOW,
        "can_edit": may(request, Role.EDITOR),
        "section": "predictions",
    }
    parts = {"more-rows": "automation/_predict_versions.html"}
    return render_page(request, "automation/predict_quality.html", context, partials=parts)


@require_POST
def train(request: MemberRequest) -> HttpResponse:
    """Learn the next version now."""
    require_role(request, Role.EDITOR)
    predict_training.order(request.workspace, by=request.user)
    messages.info(request, _("The next version is being learned. Reload this page in a moment."))
    return redirect(request, "predictions:quality")


@require_POST
def look(request: MemberRequest) -> HttpResponse:
    """Look now who followed back, as far as scans show it."""
    require_role(request, Role.EDITOR)
    outcomes.order(request.workspace)
    messages.info(request, _("Follows are being compared with the scans. Reload this page in a moment."))
    return redirect(request, "predictions:quality")


def _session(request: MemberRequest, session_id: UUID) -> PredictionSession:
    mine = PredictionSession.objects.for_workspace(request.workspace).select_related("login", "workspace")
    return get_object_or_404(mine, pk=session_id)


def _prediction(request: MemberRequest, prediction_id: int) -> Prediction:
    mine = Prediction.objects.for_workspace(request.workspace).select_related("session__login", "session__workspace")
    return get_object_or_404(mine, pk=min(prediction_id, (1 << 63) - 1))
