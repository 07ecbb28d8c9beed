"""What people type about sources. A key is never shown again: no form is filled with one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms_logins import RefusableForm, SecretField
from accounts.models import Part, Purpose, SourceName
from accounts.source_keys import LONGEST


class KeyForm(RefusableForm):
    """The key of a service, and for Meta the number of one's own account."""

    key = SecretField(
        label=_("Key"),
        max_length=LONGEST,
        help_text=_("As the service shows it. It is tried once, at no cost, then kept encrypted and not shown again."),
    )
    own_user_id = forms.CharField(
        label=_("Number of your own account"),
        max_length=40,
        required=False,
        help_text=_("The Instagram business account that the token belongs to, as Meta shows it: digits only."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, source: SourceName, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if source != SourceName.META:
            del self.fields["own_user_id"]


class ChainStep(forms.Form):
    """One change of a chain: a source up, down, in or out; or back to the workspace's order."""

    ACTS = ("up", "down", "add", "remove", "reset")
    purpose = forms.ChoiceField(choices=Purpose.choices)
    source = forms.ChoiceField(choices=SourceName.choices, required=False)
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])


class PartForm(forms.Form):
    """A part of a source."""

    part = forms.ChoiceField(choices=Part.choices)
