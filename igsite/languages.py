"""In which language the site speaks: the person's choice in a cookie, or else what their browser asks for.

Programs are spoken to in English, whatever they ask for: an API's sentences are part of its contract.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
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


@require_POST
@login_not_required
def choose(request: HttpRequest) -> HttpResponseBase:
    """Keep the posted ``language`` in a cookie and go back to the page; one that the site lacks changes nothing."""
    return set_language(request)
