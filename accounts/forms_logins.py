"""What people type about Instagram logins. Secrets are never shown again: no form is filled with one."""

from __future__ import annotations

import functools
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.login_settings import LONGEST
from accounts.models import InstagramLogin
from accounts.models.logins import PAUSE_FLOOR, PAUSE_LONGEST, READS_PER_DAY_CEILING, READS_PER_HOUR_CEILING
from igsite.problems import Problem
from igsite.secrets import Secret


class SecretField(forms.CharField):
    """Text that becomes a :class:`~igsite.secrets.Secret` and is not repeated to the browser."""

    def __init__(self, *, auto: str = "off", **options: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": auto}, render_value=False)
        super().__init__(widget=widget, strip=False, max_length=options.pop("max_length", 500), **options)

    def clean(self, value: Any) -> Any:
        """The secret; one that is empty is false."""
        return Secret(super().clean(value) or "")


class SecretArea(forms.Textarea):
    """Several lines that are not repeated to the browser."""

    def format_value(self, value: Any) -> str:  # noqa: ARG002
        """Never what was typed."""
        return ""


class AccountField(forms.CharField):
    """A name like @name or the address of a profile; the domain reads it."""

    def __init__(self, **options: Any) -> None:
        shown = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "placeholder": "@name"}
        super().__init__(max_length=2_000, widget=forms.TextInput(attrs=shown), **options)


class RefusableForm(forms.Form):
    """A form whose use case may refuse what looked well."""

    def refuse(self, problem: Problem) -> None:
        """Show the refusal at the fields it names, else above the form."""
        named = {name: words for name, words in problem.fields.items() if name in self.fields}
        for name, sentences in named.items():
            for sentence in sentences:
                self.add_error(name, sentence)
        if not named:
            self.add_error(None, str(problem))


class SignInForm(RefusableForm):
    """The password of a login that is here already."""

    password = SecretField(label=_("Instagram password"), auto="current-password")
    totp_seed = SecretField(
        label=_("Key of the authenticator app"),
        required=False,
        help_text=_("Optional. With it the site computes the codes itself; without it you are asked for each."),
    )
    keep_password = forms.BooleanField(
        label=_("Keep the password for one new sign-in"),
        required=False,
        help_text=_("If Instagram ends the session, the site signs in again once by itself, on the same device."),
    )


class AddLoginForm(SignInForm):
    """A new login by password."""

    username = AccountField(label=_("Instagram user name"))
    field_order = ("username", "password", "totp_seed", "keep_password")


class SessionForm(RefusableForm):
    """A session from a browser, for a login that is here already."""

    sessionid = SecretField(
        label=_("Cookie “sessionid”"),
        max_length=4_000,
        help_text=_("In the browser where you are signed in: developer tools, storage, cookies of instagram.com."),
    )
    user_agent = forms.CharField(
        label=_("User agent of that browser"),
        required=False,
        max_length=400,
        help_text=_("Without it Instagram may soon end the session. Any page “what is my user agent” shows it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class AddSessionForm(SessionForm):
    """A new login by a session."""

    username = AccountField(label=_("Instagram user name"))
    field_order = ("username", "sessionid", "user_agent")


class SettingsForm(RefusableForm):
    """The settings file of another program, or cookies, for a login that is here already."""

    settings_text = SecretField(
        label=_("Settings or cookies, as JSON"),
        max_length=LONGEST,
        help_text=_(
            "The file that instagrapi's dump_settings writes, or cookies as an extension of a browser exports."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["settings_text"].widget = SecretArea(
            attrs={"autocomplete": "off", "spellcheck": "false", "rows": "6", "maxlength": str(LONGEST)}
        )


class AddSettingsForm(SettingsForm):
    """A new login by settings."""

    username = AccountField(label=_("Instagram user name"))
    field_order = ("username", "settings_text")


class CodeForm(RefusableForm):
    """A code that Instagram sent or that the app shows."""

    code = SecretField(label=_("Code"), auto="one-time-code", max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A code is short-lived and typed from another screen: it may be seen while it is typed.
        self.fields["code"].widget = forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "40"}
        )


class ChannelForm(RefusableForm):
    """How Instagram shall send its code."""

    channel = forms.ChoiceField(label=_("How shall Instagram send the code?"), widget=forms.RadioSelect)

    def __init__(self, login: InstagramLogin, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["channel"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(way["name"], channel_label(way)) for way in login.code_channels]


CHANNEL_WORDS = {
    "totp": _("Authenticator app"),
    "sms": _("Text message"),
    "email": _("E-mail"),
    "backup_code": _("Backup code"),
}


def channel_label(way: dict[str, str]) -> str:
    """A way to get a code in words, with the masked contact if there is one."""
    words = str(CHANNEL_WORDS.get(way["name"], way["name"]))
    return f"{words} ({way['contact']})" if way.get("contact") else words


class Slider(forms.NumberInput):
    """A number between two ends, drawn with a finger. What it says is shown beside it (``logins/_slider.html``)."""

    input_type = "range"


def _slider(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=Slider, **options)


class PaceForm(RefusableForm):
    """Read budgets and pauses, within the ceilings."""

    reads_per_hour = _slider(_("Reads in an hour"), 1, READS_PER_HOUR_CEILING)
    reads_per_day = _slider(_("Reads in a day"), 1, READS_PER_DAY_CEILING)
    pause_min = _slider(_("Shortest pause between two reads, in seconds"), PAUSE_FLOOR, PAUSE_LONGEST, required=False)
    pause_max = _slider(_("Longest pause, in seconds"), PAUSE_FLOOR, PAUSE_LONGEST, required=False)

    @classmethod
    def of(cls, login: InstagramLogin) -> PaceForm:
        """The form filled with what stands."""
        names = ("reads_per_hour", "reads_per_day", "pause_min", "pause_max")
        return cls(initial={name: getattr(login, name) for name in names})


@functools.cache
def _zones() -> frozenset[str]:
    """The zones that people choose among; the directory of a machine also holds others."""
    return frozenset(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")) | {"UTC"}


def _zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(_zones())]


class HoursForm(RefusableForm):
    """The hours in which a login works."""

    opens = forms.TimeField(label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("May lie after midnight. Leave both empty for the whole day."),
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Time zone of these hours"), choices=_zone_choices)

    @classmethod
    def of(cls, login: InstagramLogin) -> HoursForm:
        """The form filled with what stands."""
        written = {"opens": login.opens, "closes": login.closes}
        shown = {name: f"{value:%H:%M}" if value else "" for name, value in written.items()}
        return cls(initial=shown | {"zone": login.time_zone})
