"""What a check of one lost person found out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin
from igsite.ownership import OwnedQuerySet
from scans.models.lists import EdgeList


class LossState(models.TextChoices):
    """How far a loss is to be believed. A withdrawn one was none: the stay goes on as if they were never missed."""

    MISSING = "missing", _("Missing")
    CONFIRMED = "confirmed", _("Confirmed")
    WITHDRAWN = "withdrawn", _("Taken back")


class LossReason(models.TextChoices):
    """Why somebody is no longer on a list, as far as Instagram lets it be told."""

    UNFOLLOWED = "unfollowed", _("Unfollowed")
    UNAVAILABLE = "unavailable", _("Unavailable")
    UNKNOWN = "unknown", _("Could not be checked")
    RENAMED = "renamed", _("Renamed")
    STILL_THERE = "still_there", _("Still there")


class Basis(models.TextChoices):
    """What "unfollowed" rests on: Instagram was asked about the tie itself, or it follows from other things."""

    CHECKED = "checked", _("Checked")
    INFERRED = "inferred", _("Inferred")


def basis_of(state: str, reason: str) -> Basis | None:
    """The basis of a verdict; None for other reasons than *unfollowed*. Only a friendship that was read confirms."""
    if reason != LossReason.UNFOLLOWED:
        return None
    return Basis.CHECKED if state == LossState.CONFIRMED else Basis.INFERRED


#: What each reason says, in full.
_MEANINGS = {
    "unfollowed": _("The profile is there, the tie is not: they ended it, or were removed."),
    "unavailable": _("Deactivated, suspended, or they blocked you: Instagram answers the same to all three."),
    "unknown": _("The check failed. It is tried again after a later scan."),
    "renamed": _("They carry another name now. That is no loss."),
    "still_there": _("Instagram says that the tie stands, the list only did not show it. That is no loss."),
    "": _("Not checked yet."),
}
_INFERRED = _(
    "The profile is there and complete scans no longer show the tie, so they ended it or were removed. Instagram tells"
    " the tie itself only to the account’s own login."
)


def meaning_of(reason: str, basis: str | None) -> str:
    """A verdict in a sentence; the empty reason: that there is none yet."""
    return str(_INFERRED if basis == Basis.INFERRED else _MEANINGS.get(reason, ""))


class LossVerdict(models.Model):
    """One check of the loss that scan ``ended_seq`` of a list showed. One row a loss; a later check replaces it.

    ``state`` is what the check itself proves: *confirmed* where the friendship was read (one's own account),
    *withdrawn* where the loss was none, else *missing*; a second complete scan confirms in ``edge_past``. ``seen_name``
    is the name that the person bore at the check, empty when none was seen. ``tries`` counts failed checks.
    """

    workspace_path = "edge_list__account__workspace"

    edge_list = models.ForeignKey(EdgeList, on_delete=models.CASCADE, related_name="loss_verdicts", db_index=False)
    profile_id = models.BigIntegerField()
    ended_seq = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=LossState.choices, default=LossState.MISSING)
    reason = models.CharField(max_length=12, choices=LossReason.choices)
    seen_name = models.CharField(max_length=150, default="", blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edge_list", "profile_id", "ended_seq"], name="loss_verdict_once"),
            models.CheckConstraint(condition=models.Q(state__in=LossState.values), name="loss_verdict_state"),
            models.CheckConstraint(condition=models.Q(reason__in=LossReason.values), name="loss_verdict_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id}: {self.reason}"

    @property
    def basis(self) -> Basis | None:
        """What *unfollowed* rests on."""
        return basis_of(self.state, self.reason)
