"""Paid runs of a service: what was ordered, what it is called there, what it cost. So that nothing is paid twice."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.sources import SourceAccess
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class RunState(models.TextChoices):
    """``intent``: about to be started, or it is not known whether it was. ``started``: the service gave it an id.
    ``over``: it ended, and its rows can be read. ``failed``: it ended without. ``void``: it was never started.
    ``unknown``: nobody can tell whether it was started; a person decides."""

    INTENT = "intent", _("Starting")
    STARTED = "started", _("Running")
    OVER = "over", _("Finished")
    FAILED = "failed", _("Failed")
    VOID = "void", _("Not started")
    UNKNOWN = "unknown", _("Unclear")


OPEN_RUNS = (RunState.INTENT, RunState.STARTED, RunState.UNKNOWN)


class SourceRun(models.Model):
    """One order of a paid run. ``order`` names what it is for (a list of a scan): there is one open or finished run of
    each order, so that a worker that dies in the middle finds it again instead of paying once more.

    ``what``, ``target`` and ``most_results`` are the whole order: by them a run whose number was lost is known again.
    ``run_id`` is what the service called it, "" while that is not known; ``newest_before`` is the newest run that the
    service listed before the order, "" for none. ``cost_dollars`` is None until it tells.
    ``results`` is how many rows it brought, as far as they were read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="source_runs")
    access = models.ForeignKey(SourceAccess, null=True, on_delete=models.SET_NULL, related_name="+")
    order = models.CharField(max_length=120)
    what = models.CharField(max_length=30)
    target = models.CharField(max_length=150)
    most_results = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.INTENT)
    run_id = models.CharField(max_length=100, default="", blank=True)
    newest_before = models.CharField(max_length=100, default="", blank=True)
    results = models.BigIntegerField(default=0)
    note = models.CharField(max_length=300, default="", blank=True)
    cost_dollars = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    ordered_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(state__in=(*OPEN_RUNS, RunState.OVER)),
                name="source_run_once_an_order",
            ),
            models.UniqueConstraint(
                fields=["access", "run_id"], condition=~models.Q(run_id=""), name="source_run_belongs_to_one_order"
            ),
            models.CheckConstraint(condition=models.Q(state__in=RunState.values), name="source_run_state_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "-ordered_at", "-id"], name="source_run_newest")]

    def __str__(self) -> str:
        return f"{self.what} of {self.target}"
