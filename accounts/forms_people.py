"""What people type on the settings pages."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import TokenScope, User
from igsite.ownership import Role
from igsite.text import clean_text

LIVES: Final = [("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year"))]


@lru_cache(maxsize=1)
def time_zones() -> list[tuple[str, str]]:
    """Every zone that this machine knows, as choices."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/")))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in sorted(names))]


class CleanName(forms.CharField):
    """One line of text without control characters."""

    def to_python(self, value: Any) -> str:
        """The cleaned text."""
        return clean_text(super().to_python(value) or "").strip()


class ZoneField(forms.ChoiceField):
    """A time zone by its IANA name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=time_zones, **options)


class ProfileForm(forms.Form):
    """The person's name and time zone."""

    first_name = CleanName(label=_("First name"), max_length=80, required=False)
    last_name = CleanName(label=_("Last name"), max_length=80, required=False)
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Times are shown in this zone."))

    @classmethod
    def of(cls, user: User) -> ProfileForm:
        """The form filled with what stands."""
        return cls(initial={"first_name": user.first_name, "last_name": user.last_name, "time_zone": user.time_zone})


class WorkspaceForm(forms.Form):
    """The workspace's name and time zone."""

    name = CleanName(label=_("Name"), max_length=80)
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Schedules and daily budgets count in this zone."))


class NewWorkspaceForm(forms.Form):
    """The name of one more workspace."""

    name = CleanName(label=_("Name"), max_length=80, help_text=_("It shares nothing with the others."))


class WorkspaceChoice(forms.Form):
    """Which workspace to work in."""

    workspace = forms.UUIDField()


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """A member's role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class TokenForm(forms.Form):
    """A new API token."""

    name = CleanName(label=_("Name"), max_length=80, help_text=_("What will use it."))
    scope = forms.ChoiceField(label=_("Scope"), choices=TokenScope.choices, initial=TokenScope.READ)
    days = forms.ChoiceField(label=_("Expires after"), choices=LIVES, initial="90")

    @property
    def life(self) -> dt.timedelta:
        """How long the token is to live."""
        return dt.timedelta(days=int(self.cleaned_data["days"]))
