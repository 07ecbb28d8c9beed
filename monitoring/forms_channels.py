"""What people type about notification channels. Where a channel leads is never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms_logins import RefusableForm, SecretField
from monitoring import channel_addresses
from monitoring.channel_addresses import Address
from monitoring.channel_words import PLACEHOLDERS
from monitoring.channels import Wish
from monitoring.models import AlertKind, ChannelKind, NotificationChannel, Pace, Severity

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
DAYS = [(0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
        (5, _("Saturday")), (6, _("Sunday"))]  # fmt: skip
SECURITIES = [("starttls", "STARTTLS"), ("ssl", "TLS"), ("insecure", _("Not encrypted"))]


def _text(label: Any, help_text: Any = "", *, longest: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=longest, help_text=help_text, widget=forms.TextInput(attrs=_PLAIN)
    )


def _address_fields(kind: str) -> dict[str, forms.Field]:
    """The fields of :data:`monitoring.channel_addresses.FIELDS` for a kind, in order."""
    server = _("Leave the mail server empty to send by the site’s own.")
    hook = _("In Discord: channel settings, Integrations, Webhooks, Copy webhook URL.")
    if kind == ChannelKind.SLACK:
        hook = _("In Slack: an app with incoming webhooks; copy the address of one.")
    elif kind == ChannelKind.WEBHOOK:
        hook = _("Gets a POST with title and message as JSON.")
    known: dict[str, forms.Field] = {
        "recipients": _text(_("Recipients"), _("E-mail addresses, with commas between them."), longest=2_000),
        "mail_host": _text(_("Mail server"), server),
        "mail_port": forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65_535),
        "mail_security": forms.ChoiceField(label=_("Encryption"), choices=SECURITIES, required=False),
        "mail_user": _text(_("User name")),
        "mail_password": SecretField(label=_("Password"), required=False),
        "sender": _text(_("Sender"), _("The address that mails come from. With a mail server of your own only.")),
        "bot_token": SecretField(label=_("Token of the bot"), required=False, help_text=_("@BotFather gives it.")),
        "chat": _text(_("Chat"), _("The number of a chat that the bot is in, or the @name of a channel.")),
        "webhook_url": SecretField(label=_("Address of the webhook"), required=False, max_length=2_000, help_text=hook),
        "topic": SecretField(label=_("Topic"), required=False, help_text=_("Whoever knows the topic can read it.")),
        "server": _text(_("Server"), _("Empty: https://ntfy.sh")),
        "access_token": SecretField(label=_("Access token"), required=False, help_text=_("Optional.")),
        "address": SecretField(
            label=_("Apprise address"), required=False, max_length=2_000,
            help_text=_("As the documentation of Apprise writes it, like gotify://host/token."),
        ),
    }  # fmt: skip
    return {name: known[name] for name in channel_addresses.FIELDS[kind]}


def _time(label: Any, help_text: Any = "") -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, help_text=help_text, widget=widget)


class ChannelForm(RefusableForm):
    """One channel of a kind: where it leads, what it takes, when, and how it says it."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs=_PLAIN))
    least_severity = forms.ChoiceField(label=_("Takes alerts from"), choices=Severity.choices, initial=Severity.INFO)
    kinds = forms.MultipleChoiceField(
        label=_("Only these kinds"), choices=AlertKind.choices, required=False,
        help_text=_("None chosen: all of them."), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="en")
    pace = forms.ChoiceField(label=_("Sends"), choices=Pace.choices, initial=Pace.AT_ONCE)
    at_time = _time(_("Time of the digest"), _("By the clock of the workspace."))
    weekday = forms.TypedChoiceField(
        label=_("Day of the weekly digest"), choices=[("", "–"), *DAYS], required=False, coerce=int, empty_value=None
    )
    quiet_from = _time(_("Quiet from"), _("What comes in quiet hours is sent together when they end."))
    quiet_until = _time(_("Quiet until"))
    lets_critical_through = forms.BooleanField(label=_("Critical alerts come at once all the same"), required=False)
    title_template = _text(_("Title"), longest=200)
    body_template = forms.CharField(
        label=_("Text"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 4, **_PLAIN})
    )

    def __init__(self, kind: str, data: Any = None, *, channel: NotificationChannel | None = None) -> None:
        stored = {} if channel is None else {name: getattr(channel, name) for name in Wish.__dataclass_fields__}
        super().__init__(data, initial=stored)
        self.kind, self._is_stored = kind, channel is not None
        address = _address_fields(kind)
        if self._is_stored:
            first = next(iter(address.values()))
            keep = gettext("Leave it empty, and all that belongs to it, to keep where the channel leads.")
            first.help_text = f"{first.help_text} {keep}".strip()
        self.fields = {"name": self.fields["name"], **address, **self.fields}
        names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        words = gettext("Empty: the site’s own words. You can use: %(names)s.") % {"names": names}
        self.fields["title_template"].help_text = self.fields["body_template"].help_text = words

    def address(self) -> Address | None:
        """Where it leads; None to keep what is stored. Raises :class:`monitoring.channel_addresses.ChannelInvalid`."""
        if self._is_stored and not channel_addresses.is_typed(self.kind, self.cleaned_data):
            return None
        return channel_addresses.address_of(self.kind, self.cleaned_data)

    def wish(self) -> Wish:
        """What it takes, and when."""
        return Wish(**{name: self.cleaned_data[name] for name in Wish.__dataclass_fields__})
