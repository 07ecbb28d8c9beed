"""The frame of the pages: navigation, theme, error pages, answers to htmx."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from igsite import navigation, shell
from igsite.navigation import Entry
from tests.people import Cast, cast

__all__ = ["cast"]


def test_an_entry_without_an_address_is_not_shown() -> None:
    shown = navigation.entries([Entry("nowhere:at-all", "Later", "gauge", 1), Entry("dashboard", "Now", "gauge", 2)])
    assert [entry.label for entry in shown] == ["Now"]


def test_the_longest_address_that_fits_is_the_current_one(rf: RequestFactory) -> None:
    entries = [Entry("a", "A", "x", 1, address="/"), Entry("b", "B", "x", 2, address="/scans/")]
    found = [navigation.current(rf.get(path), entries) for path in ("/", "/scans/7/", "/elsewhere/")]
    assert [entry.label if entry else None for entry in found] == ["A", "B", None]


def test_an_entry_is_registered_once() -> None:
    among: list[Entry] = []
    for label in ("first", "second"):
        navigation.register(Entry("dashboard", label, "gauge", 1), among=among)
    assert [entry.label for entry in among] == ["second"]


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("auto", ""), ("<script>", "")])
def test_the_theme_is_kept_in_a_cookie(db: None, chosen: str, kept: str) -> None:
    client = Client()
    answer = client.post("/theme/", {"theme": chosen}, headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/"
    assert client.cookies["theme"].value == kept


def test_strangers_get_a_plain_not_found_page(db: None) -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert b"/nothing/here" not in answer.content


def test_members_get_it_within_the_frame(cast: Cast) -> None:
    answer = cast.client(cast.viewer).get("/nothing/here/")
    assert answer.status_code == 404
    assert b'id="nav"' in answer.content


def test_error_pages_that_must_not_fail_need_no_database(rf: RequestFactory) -> None:
    """Without the ``db`` fixture any query is an error."""
    assert shell.server_error(rf.get("/")).status_code == 500
    assert shell.bad_request(rf.get("/"), ValueError("x")).status_code == 400


def test_a_missing_token_says_that_nothing_was_changed(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.viewer, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert b"open too long" in answer.content


def test_health_is_public_and_says_little(db: None) -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_pages_are_not_cached_and_vary_with_htmx(cast: Cast) -> None:
    answer = cast.client(cast.viewer).get("/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "HX-Request" in answer.headers["Vary"]


def test_an_expired_session_loads_the_whole_sign_in_page(db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/scans/?q=1"}
    answer = Client().get("/scans/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/auth/login/?next=%2Fscans%2F%3Fq%3D1"
    assert "Location" not in answer.headers


def test_patterns_show_what_scans_say_in_each_state(cast: Cast) -> None:
    page = cast.client(cast.owner).get("/patterns/product/").content.decode()
    for words in (
        "not believed yet", "812", "about 86 requests", "is not known yet", "for an account that is tracked",
        "Unfollowed: checked", "Unfollowed: inferred", "Could not be checked", "Export these as",
    ):  # fmt: skip
        assert words in page
    assert "/rescan/" not in page


@pytest.mark.parametrize("path", ["/patterns/", "/patterns/product/"])
def test_patterns_show_hostile_names_as_text(cast: Cast, path: str) -> None:
    answer = cast.client(cast.viewer).get(path)
    assert answer.status_code == 200
    assert b"<script>alert(1)" not in answer.content


@pytest.mark.parametrize(("target", "is_page"), [("more-rows", False), ("../../settings", True), ("", True)])
def test_only_listed_partials_can_be_asked_for(cast: Cast, target: str, is_page: bool) -> None:
    answer = cast.client(cast.viewer).get("/scans/", headers={"HX-Request": "true", "HX-Target": target})
    assert (b"<html" in answer.content) is is_page


def test_what_fills_the_dialog_says_how_and_inherits_it_from_no_row() -> None:
    """A row that replaces itself would hand its ``outerHTML`` down, and the dialog lose its inside for good."""
    openers = [
        (path.name, line)
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "data-modal" in line
    ]
    assert len(openers) > 5
    said = 'hx-target="#modal-body" hx-swap="innerHTML" data-modal'
    assert [name for name, line in openers if line.count("data-modal") != line.count(said)] == []
