"""What a page shows somebody, they may do: no link of any page that they reach leads to a refusal, and no button.

From the dashboard on, over every page that is linked, as each role of the workspace and as staff of the site; what a
button sends is taken back afterwards.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve

from accounts.models import User
from igsite.ownership import Role
from tests.architecture.world import World
from tests.browser.site_world import jobs_in_every_state, logins_in_every_state
from tests.people import make_user

pytestmark = pytest.mark.django_db
#: Refused, unknown, or of no use. (A vault that is not there answers 503, and says so.)
REFUSED = {403, 404, 405, 500}
#: Leave the site's own pages: files, data for programs, and the operator's tables.
ELSEWHERE = ("/static/", "/admin/", "/api/")
#: Ends what the walk stands on.
NOT_PRESSED = {"account_logout", "usersessions_list"}
#: As often is a button of one kind pressed, in whatever rows it stands.
PRESSED = 2


@dataclass
class Form:
    """A form as it stands: where it goes, what it sends by itself, and its buttons."""

    action: str = ""
    is_post: bool = True
    data: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    is_typed: bool = False

    def ways(self) -> list[tuple[str, str]]:
        """What sends it: its buttons; without one, Enter in a field of text."""
        return self.buttons or ([("", "")] if self.is_typed else [])


class Shown(HTMLParser):
    """What a page offers."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._select = ""
        self._is_off = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        found = {name: value or "" for name, value in attrs}
        if found.get("hx-get"):
            self.links.append(urljoin(self.here, found["hx-get"]))
        if tag == "a" and "href" in found:
            self.links.append(urljoin(self.here, found["href"]))
        elif tag == "form":
            self._begin(found)
        elif tag == "fieldset":
            self._is_off = "disabled" in found
        elif "disabled" not in found and not self._is_off:
            form = self._named.setdefault(found["form"], Form()) if found.get("form") else self._open
            if form is not None:
                self._control(form, tag, found)

    def _begin(self, found: dict[str, str]) -> None:
        form = self._named.setdefault(found["id"], Form()) if found.get("id") else Form()
        form.action = urljoin(self.here, found.get("action") or self.here)
        form.is_post = found.get("method", "").lower() == "post"
        self._open = form
        self.forms.append(form)

    def _control(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name, kind = found.get("name", ""), found.get("type", "")
        if tag == "button" and kind in ("", "submit"):
            form.buttons.append((name, found.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in found or self._select not in dict(form.data):
                form.data.append((self._select, found.get("value", "")))
        elif tag == "textarea" or (tag == "input" and (kind not in ("checkbox", "radio") or "checked" in found)):
            form.data.append((name, found.get("value", "")))
            form.is_typed = form.is_typed or kind not in ("hidden", "checkbox", "radio")

    def handle_endtag(self, tag: str) -> None:
        """Its end."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "fieldset":
            self._is_off = False


class Walk:
    """Over all pages that somebody reaches; ``faults`` is what was refused."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self.client = client
        self.faults: list[str] = []
        self.pages = 0
        self.pressed: dict[Any, int] = {}

    def go(self, start: str = "/") -> None:
        """From one page to all."""
        ahead, seen = deque([start]), {_kind(start)}
        while ahead:
            here = ahead.popleft()
            for link in self._look(here):
                if _kind(link) not in seen:
                    seen.add(_kind(link))
                    ahead.append(link)

    def _look(self, here: str) -> Iterator[str]:
        answer = self.client().get(here)
        if answer.status_code in REFUSED:
            self.faults.append(f"GET {here}: {answer.status_code}")
        if answer.status_code == 302:
            yield from _ours([urljoin(here, answer.headers["Location"])])
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.status_code != 200:
            return
        self.pages += 1
        shown = Shown(here)
        shown.feed(answer.content.decode())
        for form in shown.forms:
            if form.is_post:
                self._press(here, form)
        yield from _ours(shown.links)

    def _press(self, here: str, form: Form) -> None:
        view = resolve(urlsplit(form.action).path).view_name
        for name, value in form.ways():
            kind = (view, name, value if name else "")
            self.pressed[kind] = self.pressed.get(kind, 0) + 1
            if view in NOT_PRESSED or self.pressed[kind] > PRESSED:
                continue
            sent = dict(form.data) | ({name: value} if name else {})
            with transaction.atomic():
                answer = self.client().post(form.action, sent)
                transaction.set_rollback(True)
            if answer.status_code in REFUSED:
                self.faults.append(f"POST {form.action} ({name}={value}) from {here}: {answer.status_code}")


def _ours(links: list[str]) -> Iterator[str]:
    for link in links:
        parts = urlsplit(urldefrag(link)[0])
        if not parts.netloc and parts.path.startswith("/") and not parts.path.startswith(ELSEWHERE):
            yield parts.geturl()


def _kind(link: str) -> tuple[str, Any]:
    """Pages of one kind are looked at once for each row and each set of parameters."""
    parts = urlsplit(link)
    return parts.path, frozenset(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))


@pytest.fixture(scope="module")
def newcomer(standing_world: World) -> User:
    """An editor of a workspace in which nothing was begun."""
    somebody = make_user("newcomer")
    standing_world.cast.elsewhere.memberships.create(user=somebody, role=Role.EDITOR)
    return somebody


@pytest.fixture(scope="module")
def world(standing_world: World) -> World:
    """A workspace full of rows, logins and tasks in every state among them."""
    cast = standing_world.cast
    logins_in_every_state(cast.workspace, cast.owner)
    jobs_in_every_state(cast.workspace)
    return standing_world


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("who", ["editor", "viewer", "operator"])
def test_nothing_that_is_shown_is_refused(world: World, who: str) -> None:
    walk = Walk(lambda: world.signed_in(getattr(world.cast, who)))
    walk.go()
    assert walk.faults == []
    assert walk.pages > 20


@pytest.mark.usefixtures("db")
def test_nor_where_nothing_was_begun(world: World, newcomer: User) -> None:
    walk = Walk(lambda: world.cast.client(newcomer))
    walk.go()
    assert walk.faults == []
    assert walk.pages > 20
