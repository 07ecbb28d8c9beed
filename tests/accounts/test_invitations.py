"""Invitations: for one address, once, for a week."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts import invitations
from accounts.models import Invitation, Membership, User
from igsite.ownership import Role
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def invite(cast: Cast, email: str, role: Role = Role.EDITOR, now: dt.datetime | None = None) -> str:
    _invitation, token = invitations.invite(
        workspace=cast.workspace, email=email, role=role, by=cast.owner, link=str, now=now
    )
    return token


def test_an_owner_invites_by_mail_and_sees_the_link_once(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = cast.client(cast.owner)
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post("/settings/invitations/", {"email": "New@Example.com", "role": "editor"})
    link = re.search(r"http://testserver/settings/join/[\w-]{43}/", page.content.decode())
    assert link
    assert mail.outbox[0].to == ["new@example.com"]
    assert link[0] in mail.outbox[0].body
    assert link[0].encode() not in client.get("/settings/members/").content
    token = link[0].split("/")[-2]
    assert token.encode() not in bytes(Invitation.objects.get().token_hash)


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_others_cannot_invite(cast: Cast, who: str) -> None:
    client = cast.client(getattr(cast, who))
    assert client.post("/settings/invitations/", {"email": "new@example.com", "role": "owner"}).status_code == 403
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(cast: Cast) -> None:
    page = cast.client(cast.owner).post("/settings/invitations/", {"email": "VIEWER@example.com", "role": "owner"})
    assert page.status_code == 422
    assert b"is a member already" in page.content


def test_the_invited_person_joins_with_the_role_offered_once(cast: Cast) -> None:
    token = invite(cast, cast.stranger.email)
    client = cast.client(cast.stranger)
    assert b"Join Pottery" in client.get(f"/settings/join/{token}/").content
    assert client.post(f"/settings/join/{token}/").status_code == 302
    assert cast.membership(cast.stranger).role == Role.EDITOR
    assert b"People in Pottery" in client.get("/settings/members/").content
    assert client.get(f"/settings/join/{token}/").status_code == 404


def test_somebody_else_cannot_use_the_link(cast: Cast) -> None:
    token = invite(cast, "new@example.com")
    answer = cast.client(cast.stranger).post(f"/settings/join/{token}/")
    assert answer.status_code == 409
    assert not Membership.objects.filter(user=cast.stranger, workspace=cast.workspace).exists()


def test_an_invitation_takes_no_role_away(cast: Cast) -> None:
    token = invite(cast, cast.stranger.email, Role.VIEWER)
    Membership.objects.create(workspace=cast.workspace, user=cast.stranger, role=Role.OWNER)
    invitations.accept(token=token, by=cast.stranger)
    assert cast.membership(cast.stranger).role == Role.OWNER


def test_an_expired_revoked_or_invented_link_says_the_same(cast: Cast) -> None:
    expired = invite(cast, "old@example.com", now=timezone.now() - invitations.LIFE - dt.timedelta(seconds=1))
    revoked = invite(cast, "gone@example.com")
    cast.client(cast.owner).post(f"/settings/invitations/{Invitation.objects.get(email='gone@example.com').pk}/revoke/")
    answers = [Client().get(f"/settings/join/{token}/") for token in (expired, revoked, "x" * 43)]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all(b"cannot be used" in answer.content and b"Pottery" not in answer.content for answer in answers)


def test_inviting_again_replaces_the_first_link(cast: Cast) -> None:
    first, second = invite(cast, "new@example.com"), invite(cast, "NEW@example.com")
    assert Client().get(f"/settings/join/{first}/").status_code == 404
    assert Client().get(f"/settings/join/{second}/").status_code == 200


def test_an_invitation_opens_sign_up_for_its_address_and_proves_it(cast: Cast, settings: Settings) -> None:
    settings.OPEN_SIGN_UP = False
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    token = invite(cast, "new@example.com")
    client = Client()
    client.get(f"/settings/join/{token}/")
    form = {"email": "other@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert b"the invitation was sent to" in client.post("/auth/signup/", form).content
    there = f"/settings/join/{token}/"
    answer = client.post("/auth/signup/", {**form, "email": "new@example.com", "next": there})
    assert answer.headers["Location"] == there
    client.post(there)
    assert cast.membership(User.objects.get(email="new@example.com")).role == Role.EDITOR


def test_following_a_link_while_signed_in_does_not_join(cast: Cast) -> None:
    token = invite(cast, cast.stranger.email)
    cast.client(cast.stranger).get(f"/settings/join/{token}/")
    assert not Membership.objects.filter(user=cast.stranger, workspace=cast.workspace).exists()
