"""The site in other languages: complete catalogues, figures and dates, the choice; the API stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation

from igsite import catalogues
from igsite.figures import compact, number, signed
from tests.igsite.said_messages import said
from tests.people import Cast, cast

__all__ = ["cast"]
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Django leaves the language of a request active until the next one: other tests must not meet it."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


def catalogue(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize("language", OTHERS)
def test_everything_that_is_said_is_translated(language: str) -> None:
    known = {message.key for message in catalogues.read(catalogue(language))}
    assert {message: place for message, place in said().items() if message not in known} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_half_translated(language: str) -> None:
    messages = catalogues.read(catalogue(language))
    assert [one.said for one in messages if one.is_fuzzy or not all(one.translated)] == []
    assert [one.said for one in messages if len(one.translated) != (2 if one.plural else 1)] == []
    for one in messages[1:]:
        wanted = sorted(PLACEHOLDERS.findall(one.plural or one.said))
        assert [sorted(PLACEHOLDERS.findall(form)) for form in one.translated] == [wanted] * len(one.translated), (
            one.said
        )
        edges = one.said[:1].isspace(), one.said[-1:].isspace()
        assert {(form[:1].isspace(), form[-1:].isspace()) for form in one.translated} == {edges}, one.said


@pytest.mark.parametrize("language", OTHERS)
def test_what_django_reads_is_made_from_what_people_edit(language: str) -> None:
    source = catalogue(language)
    assert catalogues.compiled_file(source).read_bytes() == catalogues.compiled(catalogues.read(source)), (
        "run: manage.py compile_languages"
    )


def test_a_line_that_is_none_of_a_catalogue_is_named(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text('msgid "one"\nmsgstr "uno" and more\n')
    with pytest.raises(catalogues.OddCatalogue, match="and more"):
        catalogues.read(source)


def test_long_plural_and_doubtful_entries_are_compiled_as_gettext_reads_them(tmp_path: Path) -> None:
    import gettext

    source = tmp_path / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
        '# why\nmsgid "a "\n"\\"list\\""\nmsgstr "una lista"\n\n'
        'msgid "one day"\nmsgid_plural "%d days"\nmsgstr[0] "un día"\nmsgstr[1] "%d días"\n\n'
        '#, fuzzy\nmsgid "doubt"\nmsgstr "duda"\n\nmsgctxt "door"\nmsgid "open"\nmsgstr "abierta"\n'
    )
    target = catalogues.compiled_file(source)
    target.write_bytes(catalogues.compiled(catalogues.read(source)))
    with target.open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    assert spoken.gettext('a "list"') == "una lista"
    assert [spoken.ngettext("one day", "%d days", n) for n in (1, 2)] == ["un día", "%d días"]
    assert spoken.gettext("doubt") == "doubt"
    assert spoken.pgettext("door", "open") == "abierta"


def test_figures_have_the_marks_of_the_language_and_attributes_have_none() -> None:
    with translation.override("es"):
        assert (number(1_284_392), number(-3.5), signed(1204)) == ("1\xa0284\xa0392", "−3,5", "+1\xa0204")
        assert [compact(value) for value in (18_204, 1_284_392, 5e9, -2_500)] == [
            "18,2 mil", "1,28 M", "5,00 mil M", "−2,50 mil",
        ]  # fmt: skip
        drawn = Template("{{ 1234.5|plain }} {% spark points %}").render(Context({"points": [1.5, 1204.25, 3.0]}))
        assert drawn.startswith("1234.5 ")
        assert not re.search(r'[ "]\d+,\d+,', drawn)
        assert "\xa0" not in drawn
    assert number(1_284_392) == "1,284,392"


def test_dates_are_written_in_the_language_and_the_zone_of_the_person() -> None:
    moment = datetime(2026, 1, 31, 23, 5, tzinfo=UTC)
    with timezone.override("Europe/Madrid"):
        template = Template("{{ moment|when }}")
        assert ">1 Feb 2026, 00:05</time>" in template.render(Context({"moment": moment}))
        with translation.override("es"):
            text = template.render(Context({"moment": moment}))
    assert 'datetime="2026-01-31T23:05:00+00:00"' in text
    assert ">1 feb 2026, 00:05</time>" in text.lower()
    assert "1 de febrero de 2026" in text.lower()


PAGES = {
    "/": "Panel", "/accounts/": "Cuentas", "/scans/": "Escaneos", "/tasks/": "Tareas", "/monitoring/": "Monitorización",
    "/settings/profile/": "Guardar el perfil", "/settings/logins/": "Añadir un acceso", "/api/docs": "Respuestas:",
}  # fmt: skip


@pytest.mark.parametrize(("path", "words"), PAGES.items())
def test_pages_speak_the_language_that_the_browser_asks_for(cast: Cast, path: str, words: str) -> None:
    answer = cast.client(cast.owner).get(path, headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"})
    page = answer.content.decode()
    assert '<html lang="es" dir="ltr"' in page
    assert words in page
    assert answer.headers["Content-Language"] == "es"


def test_a_language_that_the_site_lacks_is_answered_in_english(db: None) -> None:
    page = Client().get("/auth/login/", headers={"Accept-Language": "fi"}).content.decode()
    assert '<html lang="en" dir="ltr"' in page


def test_the_chosen_language_outweighs_the_browsers(db: None) -> None:
    client = Client(headers={"Accept-Language": "en"})
    answer = client.post("/language/", {"language": "es"}, headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/"
    page = client.get("/auth/login/").content.decode()
    assert '<html lang="es"' in page
    assert re.search(r'value="es" lang="es" aria-pressed="true"', page)


@pytest.mark.parametrize("chosen", ["xx", "<script>", "", "es\x00"])
def test_a_choice_that_is_none_changes_nothing(db: None, chosen: str) -> None:
    client = Client()
    assert client.post("/language/", {"language": chosen}).status_code == 302
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_looking_at_the_address_of_the_choice_changes_nothing(db: None) -> None:
    assert Client().get("/language/?language=es").status_code == 405


def test_programs_are_answered_in_english_whatever_they_ask_for(cast: Cast) -> None:
    client = cast.client(cast.owner, **{"Accept-Language": "es"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    answer = client.get("/api/v1/nothing-of-this-name")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.content.decode()
    assert translation.get_language() == "en"
