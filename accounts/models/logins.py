"""Instagram logins: the keys that people hand us. Their secrets are sealed by :mod:`accounts.vault`."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Profile
from accounts.models.proxies import Proxy
from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet

#: Hard ceilings (``docs/domain.md``): no form, request, import or admin gets above them.
READS_PER_HOUR_CEILING = 200
READS_PER_DAY_CEILING = 24 * READS_PER_HOUR_CEILING
#: Seconds between two reads: the least that is ever allowed, and the most that makes sense.
PAUSE_FLOOR = 1
PAUSE_LONGEST = 120


class LoginStatus(models.TextChoices):
    """Where a login stands; each value has one next step for the person."""

    NEW = "new", _("Not signed in yet")
    CONNECTING = "connecting", _("Signing in")
    READY = "ready", _("Ready")
    NEEDS_CODE = "needs_code", _("Needs a code")
    NEEDS_APPROVAL = "needs_approval", _("Needs your approval in the Instagram app")
    NEEDS_LOGIN = "needs_login", _("Needs a new sign-in")
    FROZEN = "frozen", _("Frozen")
    PAUSED = "paused", _("Paused")
    REMOVED = "removed", _("Removed")


class LoginQuerySet(OwnedQuerySet["InstagramLogin"]):
    """Logins behind the door. What was removed is not found through it."""

    def for_workspace(self, workspace: Any) -> Self:
        """The logins of one workspace that were not removed."""
        return super().for_workspace(workspace).exclude(status=LoginStatus.REMOVED)


class InstagramLogin(models.Model):
    """One Instagram login of a workspace, with its stable device.

    ``session_sealed`` holds the client's settings (device ids, cookies, authorization) as sealed JSON;
    ``pending_sealed`` what a half-finished sign-in needs to go on in another process; ``totp_sealed`` the seed of its
    codes; ``password_sealed`` the password, only where the person wants the site to sign in again once by itself
    (``relogin_at`` says when it did). ``reads_resume_at`` and ``writes_resume_at`` are in the future while Instagram
    has said no. ``next_read_at`` is when the pause after the last read is over.

    A removed login keeps its row without its secrets, so that its budget and its freezes are there again when the same
    name comes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="logins")
    username = models.CharField(max_length=150)
    profile = models.ForeignKey(Profile, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    #: The address it is always seen from; None is the site's own.
    proxy = models.ForeignKey(Proxy, null=True, blank=True, on_delete=models.RESTRICT, related_name="logins")
    status = models.CharField(max_length=20, choices=LoginStatus.choices, default=LoginStatus.NEW)
    status_note = models.CharField(max_length=500, default="", blank=True)
    status_at = models.DateTimeField(auto_now_add=True)
    session_sealed = models.BinaryField(null=True)
    pending_sealed = models.BinaryField(null=True)
    totp_sealed = models.BinaryField(null=True)
    password_sealed = models.BinaryField(null=True)
    relogin_at = models.DateTimeField(null=True)
    #: The ways to get a code, as Instagram named them: ``[{"name": "sms", "contact": "+1 *** 99"}]``.
    code_channels = models.JSONField(default=list, blank=True)
    code_channel = models.CharField(max_length=20, default="", blank=True)
    reads_resume_at = models.DateTimeField(null=True)
    writes_resume_at = models.DateTimeField(null=True)
    next_read_at = models.DateTimeField(null=True)
    throttle_level = models.PositiveSmallIntegerField(default=0)
    reads_per_hour = models.PositiveSmallIntegerField(default=100)
    reads_per_day = models.PositiveIntegerField(default=1000)
    #: Seconds; each pause between two reads is drawn between them.
    pause_min = models.PositiveSmallIntegerField(default=2, db_default=2)
    pause_max = models.PositiveSmallIntegerField(default=5, db_default=5)
    #: The hours in which it works, by the wall clock of ``time_zone``; None: always. May reach over midnight.
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ready_since = models.DateTimeField(null=True)

    objects = LoginQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "username"], name="login_username_once"),
            models.CheckConstraint(condition=models.Q(status__in=LoginStatus.values), name="login_status_known"),
            models.CheckConstraint(
                condition=models.Q(reads_per_hour__range=(1, READS_PER_HOUR_CEILING))
                & models.Q(reads_per_day__range=(1, READS_PER_DAY_CEILING)),
                name="login_reads_ceiling",
            ),
            models.CheckConstraint(
                condition=models.Q(pause_min__gte=PAUSE_FLOOR)
                & models.Q(pause_max__gte=models.F("pause_min"))
                & models.Q(pause_max__lte=PAUSE_LONGEST),
                name="login_pause_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(opens=None, closes=None)
                | (models.Q(opens__isnull=False, closes__isnull=False) & ~models.Q(opens=models.F("closes"))),
                name="login_hours_make_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"
