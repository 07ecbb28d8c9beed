"""In which language the site speaks: the one that the person chose, stored with them; before they sign in that of a
cookie, or else what their browser asks for. Mails speak the language of who receives them.

Programs are spoken to in English, whatever they ask for: an API's sentences are part of its contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

API: Final = "/api/"
API_PAGE: Final = "/api/docs"


class SpokenLanguage(LocaleMiddleware):
    """Django's own choice for pages, English for the API (its page of documentation is a page)."""

    def process_request(self, request: HttpRequest) -> None:
        """Speak the language of this request until its answer is made."""
        if request.path_info.startswith(API) and request.path_info != API_PAGE:
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)
            chosen = of(getattr(request, "user", None))
            if chosen:
                translation.activate(chosen)
                request.LANGUAGE_CODE = translation.get_language()


def of(person: Any) -> str:
    """The language that somebody chose; empty when they chose none, or one that the site has lost since."""
    chosen = getattr(person, "language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else ""


@contextmanager
def spoken_to(person: Any) -> Iterator[None]:
    """Speak this person's language, on their clock: for what they read elsewhere than here. None, or somebody who
    chose none: the language that is spoken already."""
    try:
        zone = ZoneInfo(getattr(person, "time_zone", "") or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    with translation.override(of(person) or translation.get_language()), timezone.override(zone):
        yield


@require_POST
@login_not_required
def choose(request: HttpRequest) -> HttpResponseBase:
    """Keep the posted ``language`` in a cookie, and with whoever is signed in, and go back to the page; one that the
    site lacks changes nothing."""
    person: Any = request.user
    wanted = request.POST.get("language", "")
    if person.is_authenticated and wanted in dict(settings.LANGUAGES):
        person.language = wanted
        person.save(update_fields=["language"])
    return set_language(request)
