"""What people want to be told, and what they were told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from igsite.ownership import OwnedQuerySet
from monitoring.models.monitors import Monitor
from scans.models import EdgeList


class AlertKind(models.TextChoices):
    """What a rule looks at. ``docs/alerts.md`` says of each when it fires, and from which data."""

    THRESHOLD = "threshold", _("A count crosses a limit")
    CHANGE = "change", _("A count changes by a share")
    ANOMALY = "anomaly", _("Unusual growth")
    POST_BAND = "post_band", _("A post does unusually well or badly")
    NEW_POST = "new_post", _("A new post")
    FACT = "fact", _("The profile changed")
    LOSSES = "losses", _("Confirmed losses")
    PERSON_LOST = "person_lost", _("A certain person left")
    TARGET = "target", _("A target cannot be measured")
    LOGIN = "login", _("A login needs you")
    SOURCE = "source", _("A source is broken")
    SCAN = "scan", _("A scan failed or was quarantined")


#: Rules that every workspace has from the start; they can be muted or switched off, not deleted.
BUILT_IN = (AlertKind.LOGIN, AlertKind.SOURCE, AlertKind.SCAN, AlertKind.LOSSES)


class RuleScope(models.TextChoices):
    """Whom a rule is about."""

    ALL = "all", _("Everything in the workspace")
    MONITOR = "monitor", _("One monitor")
    ACCOUNT = "account", _("One account")
    TAG = "tag", _("Accounts with a tag")


class RuleSide(models.TextChoices):
    """On which side of the limit a rule fires."""

    ABOVE = "above", _("Above or growing")
    BELOW = "below", _("Below or falling")
    EITHER = "either", _("Either way")


class Severity(models.TextChoices):
    """How much it matters."""

    INFO = "info", _("For information")
    WARNING = "warning", _("Warning")
    CRITICAL = "critical", _("Critical")


class AlertRule(models.Model):
    """One thing that a workspace wants to be told.

    ``limit`` is a count for *threshold* and *losses* (more than so many), per cent for *change*; ``window_hours`` the
    time over which a change is counted. ``metric`` is the name of a count, ``facts`` the facts that a *fact* rule looks
    at (empty: all), ``person`` the pk of whom a *person_lost* rule is about. A rule that is not ``is_enabled`` is not
    looked at. One that is ``is_muted``, or snoozed until later, still writes down what happens, silently: it counts as
    read, and nobody is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alert_rules")
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    is_built_in = models.BooleanField(default=False)
    scope = models.CharField(max_length=8, choices=RuleScope.choices, default=RuleScope.ALL)
    monitor = models.ForeignKey(Monitor, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(TrackedAccount, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    tag = models.CharField(max_length=30, default="", blank=True)
    metric = models.CharField(max_length=12, default="", blank=True)
    side = models.CharField(max_length=6, choices=RuleSide.choices, default=RuleSide.EITHER)
    limit = models.FloatField(null=True, blank=True)
    window_hours = models.PositiveIntegerField(null=True, blank=True)
    facts = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    person = models.BigIntegerField(null=True, blank=True)
    person_name = models.CharField(max_length=150, default="", blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARNING)
    is_enabled = models.BooleanField(default=True)
    is_muted = models.BooleanField(default=False)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=AlertKind.values), name="alert_rule_kind"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="alert_rule_severity"),
            models.CheckConstraint(
                condition=Q(scope="all", monitor=None, account=None, tag="")
                | Q(scope="monitor", monitor__isnull=False, account=None, tag="")
                | Q(scope="account", monitor=None, account__isnull=False, tag="")
                | Q(scope="tag", monitor=None, account=None) & ~Q(tag=""),
                name="alert_rule_scope",
            ),
            models.UniqueConstraint(
                fields=["workspace", "kind"], condition=Q(is_built_in=True), name="alert_rule_built_in_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="alert_rule_newest"),
            models.Index(fields=["workspace", "kind"], condition=Q(is_enabled=True), name="alert_rule_at_work"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def is_silent(self, now: datetime) -> bool:
        """Whether nobody is to be told at ``now``: muted, or snoozed until later."""
        return self.is_muted or (self.snoozed_until is not None and self.snoozed_until > now)


class RuleStand(models.Model):
    """Where a rule stands with one subject: fired or not, since when, and how often that turned.

    ``calm`` counts the looks in a row that were well on the quiet side: a rule ends at the second, so that a value that
    trembles at its limit is told once.
    """

    workspace_path = "rule__workspace"

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="stands", db_index=False)
    subject = models.CharField(max_length=80)
    is_fired = models.BooleanField(default=False)
    turns = models.PositiveIntegerField(default=0)
    calm = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "subject"], name="rule_stand_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject}: {self.is_fired}"


class AlertState(models.TextChoices):
    """*Fired*: it began, or happened. *Resolved*: what had begun has ended."""

    FIRED = "fired", _("Fired")
    RESOLVED = "resolved", _("Resolved")


class Alert(models.Model):
    """One change of state that a rule saw: written once, whatever number of workers looks.

    ``subject`` names what it is about (``monitor:<uuid>``, ``account:<uuid>``, ``login:<uuid>``,
    ``source:<name>:<part>``); ``about`` is its name as people know it, ``profile_pk`` the Instagram account concerned,
    where there is one. ``value`` and ``limit`` are in the rule's unit, None where there is no number. ``message`` is a
    key of :data:`monitoring.alert_words.MESSAGES` and ``arguments`` what it is filled with, so that everybody reads it
    in their own language (:func:`monitoring.alert_words.say`). ``evidence`` is the path of the page that shows it.
    ``rule_key`` stays when the rule is deleted. A silent one is told to nobody and counts as read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="alerts")
    rule_key = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=AlertKind.choices)
    subject = models.CharField(max_length=80)
    monitor = models.ForeignKey(Monitor, null=True, on_delete=models.SET_NULL, related_name="alerts")
    account = models.ForeignKey(TrackedAccount, null=True, on_delete=models.SET_NULL, related_name="alerts")
    login = models.ForeignKey(InstagramLogin, null=True, on_delete=models.SET_NULL, related_name="+")
    profile_pk = models.BigIntegerField(null=True)
    about = models.CharField(max_length=150, default="", blank=True)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARNING)
    state = models.CharField(max_length=8, choices=AlertState.choices, default=AlertState.FIRED)
    value = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    at = models.DateTimeField()
    evidence = models.CharField(max_length=300, default="", blank=True)
    message = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict, blank=True)
    change_key = models.CharField(max_length=80)
    is_silent = models.BooleanField(default=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "rule_key", "subject", "change_key"], name="alert_once"),
            models.CheckConstraint(condition=Q(state__in=AlertState.values), name="alert_state_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-at", "-id"], name="alert_newest"),
            models.Index(fields=["workspace", "kind", "-at", "-id"], name="alert_by_kind"),
            models.Index(fields=["workspace", "profile_pk", "-at", "-id"], name="alert_by_profile"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.state}"


class AlertRead(models.Model):
    """One person has read one alert."""

    workspace_path = "alert__workspace"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="reads", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "user"], name="alert_read_once")]

    def __str__(self) -> str:
        return f"{self.alert_id} by {self.user_id}"


class AlertFeed(models.Model):
    """A secret address under which one account's alerts are read as a feed. Only a hash of its token is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alert_feeds")
    account = models.ForeignKey(TrackedAccount, on_delete=models.CASCADE, related_name="feeds")
    token_hash = models.BinaryField(max_length=32, unique=True)
    language = models.CharField(max_length=10, default="en")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "-created_at", "-id"], name="alert_feed_newest")]

    def __str__(self) -> str:
        return f"feed of {self.account_id}"


class ToldLoss(models.Model):
    """A confirmed loss of a list that the rules have seen: each is counted once, whichever of a second scan and a check
    confirmed it first."""

    workspace_path = "edge_list__account__workspace"

    edge_list = models.ForeignKey(EdgeList, on_delete=models.CASCADE, related_name="+", db_index=False)
    profile_id = models.BigIntegerField()
    ended_seq = models.PositiveIntegerField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edge_list", "profile_id", "ended_seq"], name="told_loss_once")
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} of {self.edge_list_id}"
