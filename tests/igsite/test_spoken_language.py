"""The language of a person: stored with them, on every device, and in the mails they receive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from accounts import invitations
from accounts.models import User
from igsite import languages
from igsite.ownership import Role
from tests.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    translation.activate(settings.LANGUAGE_CODE)


def test_the_choice_goes_with_the_person_to_other_devices(cast: Cast) -> None:
    cast.client(cast.owner).post("/language/", {"language": "es"})
    elsewhere = cast.client(cast.owner, **ENGLISH)
    assert '<html lang="es"' in elsewhere.get("/accounts/").content.decode()
    assert '<html lang="en"' in cast.client(cast.editor, **ENGLISH).get("/accounts/").content.decode()
    elsewhere.post("/language/", {"language": "xx"})
    assert User.objects.get(pk=cast.owner.pk).language == "es"


def test_whoever_is_signed_out_has_the_cookie(db: None) -> None:
    client = Client(headers=ENGLISH)
    client.post("/language/", {"language": "es"})
    assert '<html lang="es"' in client.get("/auth/login/").content.decode()


def test_somebody_new_keeps_the_language_they_signed_up_in(db: None) -> None:
    client = Client(headers={"Accept-Language": "es"})
    new = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/auth/signup/", new).status_code == 302
    assert User.objects.get(email="new@example.com").language == "es"


def test_mails_speak_the_receivers_language_whoever_asks_for_them(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.filter(pk=cast.stranger.pk).update(language="es")
    User.objects.filter(pk=cast.owner.pk).update(language="en")
    Client(headers=ENGLISH).post("/auth/password/reset/", {"email": cast.stranger.email})
    Client(headers={"Accept-Language": "es"}).post("/auth/password/reset/", {"email": cast.owner.email})
    invited: dict[str, Any] = {
        "workspace": cast.workspace,
        "email": cast.stranger.email,
        "role": Role.EDITOR,
        "by": cast.owner,
    }
    with django_capture_on_commit_callbacks(execute=True):
        invitations.invite(**invited, link="https://site.example/{}".format)
    spanish, english, welcome = (one.subject for one in mail.outbox)
    assert "contraseña" in spanish
    assert "assword" in english
    assert "Invitación" in welcome


def test_moments_and_figures_in_a_mail_are_the_receivers(cast: Cast) -> None:
    cast.owner.language, cast.owner.time_zone = "es", "Europe/Madrid"
    moment = datetime(2026, 1, 31, 23, 5, tzinfo=UTC)
    template = Template("{{ count|num }} {{ moment|date:'j M H:i' }}")
    with languages.spoken_to(cast.owner):
        text = template.render(Context({"count": 12_345, "moment": moment}))
    assert text.lower().replace("\xa0", " ") == "12 345 1 feb 00:05"
    with languages.spoken_to(None):
        assert translation.get_language() == "en"


def test_the_words_about_passkeys_are_the_pages(cast: Cast) -> None:
    cast.owner.language = "es"
    cast.owner.save()
    page = cast.signed_in(cast.owner).get("/auth/2fa/webauthn/add/").content.decode()
    assert 'data-cancelled="La llave' in page or 'data-cancelled="La clave' in page
