"""What the forms of this part offer of a workspace's own rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import InstagramLogin, TrackedAccount, Workspace


def logins_of(workspace: Workspace) -> QuerySet[InstagramLogin]:
    """Its Instagram logins, by name."""
    mine: QuerySet[InstagramLogin] = InstagramLogin.objects.for_workspace(workspace)
    return mine.order_by("username", "pk")


def accounts_of(workspace: Workspace) -> QuerySet[TrackedAccount]:
    """Its tracked accounts, by name."""
    mine: QuerySet[TrackedAccount] = TrackedAccount.objects.for_workspace(workspace)
    return mine.order_by("username", "pk")


def offer(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let the choice ``name`` of the form be one of ``rows``, those of the workspace; before that it has none."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
    field.queryset = rows
