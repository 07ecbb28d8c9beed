"""Where one can go. An app adds its entry from ``AppConfig.ready``; one whose address does not exist is not shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from igsite.ownership import Role, may


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to go: a URL name, words and an icon. ``order`` sorts; ``quick`` puts it into the bar of small screens.

    ``inside`` is the address under which all pages count as this entry's; by default the entry's own. ``needs``: the
    least role that it is shown to; None: everybody. ``for_staff``: to the staff of the site besides.
    """

    url_name: str
    label: Any
    icon: str
    order: int
    quick: bool = False
    inside: str = ""
    needs: Role | None = None
    for_staff: bool = False
    address: str = ""

    def holds(self, path: str) -> bool:
        """Whether ``path`` is one of this entry's pages."""
        inside = self.inside or self.address
        return path == inside if inside == "/" else path.startswith(inside)


MAIN: list[Entry] = [
    Entry("dashboard", _("Dashboard"), "gauge", 10, quick=True),
    Entry("accounts:list", _("Accounts"), "users", 20, quick=True),
    Entry("scans:list", _("Scans"), "radar", 30, quick=True),
    Entry("jobs:board", _("Tasks"), "list-checks", 70, quick=True),
    Entry("settings:index", _("Settings"), "settings", 90, inside="/settings/"),
]
SETTINGS: list[Entry] = [
    Entry("settings:profile", _("Profile"), "user-round", 10),
    Entry("settings:logins", _("Instagram logins"), "key-round", 20),
    Entry("settings:proxies", _("Proxies"), "route", 22),
    Entry("settings:sources", _("Sources"), "cable", 23),
    Entry("settings:workspaces", _("Workspace"), "building-2", 25),
    Entry("settings:members", _("Members"), "users-round", 30),
    Entry("account_email", _("E-mail addresses"), "mail", 40),
    Entry("account_change_password", _("Password"), "lock", 45),
    Entry("mfa_index", _("Two-factor sign-in"), "shield-check", 50, inside="/auth/2fa/"),
    Entry("usersessions_list", _("Sessions"), "monitor-smartphone", 60),
    Entry("settings:tokens", _("API tokens"), "braces", 70),
    Entry("settings:vault", _("Vault"), "vault", 75),
    Entry("settings:doctor", _("Doctor"), "stethoscope", 78, needs=Role.OWNER, for_staff=True),
    Entry("settings:audit", _("Audit log"), "scroll-text", 80, needs=Role.OWNER),
]


def register(entry: Entry, *, among: list[Entry] = MAIN) -> None:
    """Add an entry once; a second one with the same URL name replaces the first."""
    among[:] = [known for known in among if known.url_name != entry.url_name] + [entry]


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def entries(among: Iterable[Entry]) -> list[Entry]:
    """Those of ``among`` that stand, in order, with their addresses."""
    standing = [replace(entry, address=_address(entry.url_name)) for entry in among]
    return sorted((entry for entry in standing if entry.address), key=lambda entry: entry.order)


def open_to(request: HttpRequest, among: Iterable[Entry]) -> list[Entry]:
    """:func:`entries` that lead this person somewhere: what their role is refused is not shown."""
    is_staff = getattr(getattr(request, "user", None), "is_staff", False)

    def is_shown(entry: Entry) -> bool:
        return entry.needs is None or may(request, entry.needs) or (entry.for_staff and is_staff)

    return [entry for entry in entries(among) if is_shown(entry)]


def current(request: HttpRequest, standing: Iterable[Entry]) -> Entry | None:
    """The entry whose pages the request's page belongs to: the one with the longest address that fits."""
    fitting = [entry for entry in standing if entry.holds(request.path)]
    return max(fitting, key=lambda entry: len(entry.inside or entry.address), default=None)
