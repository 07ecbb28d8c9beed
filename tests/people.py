"""The cast of the tests: two workspaces, the people in them, and how each of them comes in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from accounts.models import Membership, User, Workspace
from igsite.ownership import Role

PASSWORD = "correct-horse-battery-4"


@dataclass(frozen=True)
class Cast:
    """Owner, editor and viewer share ``workspace``; the stranger owns ``elsewhere``; the operator is staff."""

    workspace: Workspace
    elsewhere: Workspace
    owner: User
    editor: User
    viewer: User
    stranger: User
    operator: User

    def membership(self, user: User) -> Membership:
        """The person's membership in ``workspace``."""
        return Membership.objects.get(user=user, workspace=self.workspace)

    def client(self, user: User | None, **headers: str) -> Client:
        """A browser of this person (None: of somebody who is not signed in), with CSRF checks switched off."""
        client = Client(headers=headers or None)
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def signed_in(self, user: User, *, strict: bool = False) -> Client:
        """A browser of somebody who is signed in, two factors or not, and has just confirmed the password."""
        client = self.client(user)
        answer = client.post("/auth/reauthenticate/", {"password": PASSWORD})
        assert answer.status_code == 302, answer.content
        client.handler.enforce_csrf_checks = strict
        return client


def make_user(name: str, **extra: object) -> User:
    """Somebody with the password of all tests and a verified address."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(f"{name}@example.com", PASSWORD, first_name=name.title(), **extra)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_workspace(name: str, **members: Role) -> Workspace:
    """A workspace whose members are given as ``name=Role``; they must not exist yet."""
    workspace = Workspace.objects.create(name=name)
    for who, role in members.items():
        Membership.objects.create(workspace=workspace, user=make_user(who), role=role)
    return workspace


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody, in fresh workspaces."""
    return make_cast()


def make_cast() -> Cast:
    """Everybody, in workspaces made now."""
    workspace = make_workspace("Pottery", owner=Role.OWNER, editor=Role.EDITOR, viewer=Role.VIEWER)
    elsewhere = make_workspace("Elsewhere", stranger=Role.OWNER)
    operator = make_user("operator", is_staff=True, is_superuser=True)
    people = {user.first_name.lower(): user for user in User.objects.exclude(pk=operator.pk)}
    return Cast(workspace=workspace, elsewhere=elsewhere, operator=operator, **people)
