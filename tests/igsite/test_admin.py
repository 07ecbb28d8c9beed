"""The admin: behind the site's own sign-in, with a second factor in production, blind to keys."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from pytest_django import Settings

from igsite.admin_site import HIDDEN
from tests.accounts.test_sign_in import turn_on_totp
from tests.people import Cast

pytestmark = pytest.mark.django_db


def test_one_signs_in_to_the_admin_where_everybody_does(cast: Cast) -> None:
    answer = Client().get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/auth/login/?next=/admin/"
    assert b'name="username"' not in answer.content


@pytest.mark.parametrize("who", ["owner", "viewer", "stranger"])
def test_people_who_are_not_staff_do_not_get_in(cast: Cast, who: str) -> None:
    client = cast.client(getattr(cast, who))
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get("/admin/accounts/user/", follow=True).status_code == 403


def test_in_production_staff_need_a_second_factor(cast: Cast, settings: Settings) -> None:
    client = cast.signed_in(cast.operator)
    assert client.get("/admin/").status_code == 200
    settings.PRODUCTION = True
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/auth/2fa/"
    settings.PRODUCTION = False
    turn_on_totp(client)
    settings.PRODUCTION = True
    assert client.get("/admin/").status_code == 200


def test_keys_and_queues_are_not_in_the_admin() -> None:
    labels = {model._meta.app_label for model in admin.site._registry}
    names = {model._meta.model_name for model in admin.site._registry}
    assert not labels & HIDDEN
    assert not names & {"apitoken", "apisession", "datakey", "keptanswer", "session", "ormq", "authenticator"}


def test_every_list_of_the_admin_opens(cast: Cast) -> None:
    client = cast.client(cast.operator)
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(address).status_code == 200, address


def test_passwords_are_changed_where_everybody_does(cast: Cast) -> None:
    client = cast.client(cast.operator)
    assert client.get("/admin/password_change/").headers["Location"] == "/auth/password/change/"
