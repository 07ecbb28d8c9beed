"""Proxies: the addresses that logins and sources are read from. Credentials are sealed by :mod:`accounts.vault`."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class ProxyScheme(models.TextChoices):
    """How a proxy is spoken to."""

    HTTP = "http", _("HTTP")
    SOCKS5 = "socks5", _("SOCKS5")


class ProxyState(models.TextChoices):
    """What is known of a proxy. A bad one is left alone until ``retry_at``, then tried again by whoever needs it."""

    UNTRIED = "untried", _("Not tried yet")
    GOOD = "good", _("Works")
    BAD = "bad", _("Does not work")


class Proxy(models.Model):
    """One proxy of a workspace.

    ``credentials_sealed`` holds ``{"username", "password"}`` as sealed JSON. ``failures`` counts requests in a row that
    brought no answer, ``strikes`` how often it was found bad since it last worked; both lengthen nothing once it works.
    ``last_error`` stays as history after it works again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="proxies")
    name = models.CharField(max_length=80)
    scheme = models.CharField(max_length=10, choices=ProxyScheme.choices)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    credentials_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=ProxyState.choices, default=ProxyState.UNTRIED)
    last_error = models.CharField(max_length=300, default="", blank=True)
    last_error_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    strikes = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "name"], name="proxy_name_once"),
            models.CheckConstraint(condition=models.Q(scheme__in=ProxyScheme.values), name="proxy_scheme_known"),
            models.CheckConstraint(condition=models.Q(state__in=ProxyState.values), name="proxy_state_known"),
            models.CheckConstraint(condition=models.Q(port__range=(1, 65_535)), name="proxy_port"),
            models.CheckConstraint(
                condition=~models.Q(state=ProxyState.BAD) | models.Q(retry_at__isnull=False), name="proxy_bad_until"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def endpoint(self) -> str:
        """Kind, host and port, without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class SourceProxy(models.Model):
    """Which proxy a source without a login is read through, in one workspace. No row: none."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=30)
    proxy = models.ForeignKey(Proxy, on_delete=models.RESTRICT, related_name="sources")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "source"], name="source_proxy_once")]

    def __str__(self) -> str:
        return f"{self.source}: {self.proxy_id}"
