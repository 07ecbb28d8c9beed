"""What people type on the page of tracked accounts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms_logins import AccountField, RefusableForm


class TrackForm(RefusableForm):
    """An account to track."""

    account = AccountField(label=_("Account to track"), help_text=_("@name, or the address of the profile."))


class AccountFilter(forms.Form):
    """What the list shows. Whatever cannot be used counts as nothing."""

    q = forms.CharField(required=False, max_length=100)
    bookmarked = forms.BooleanField(required=False)
    tag = forms.CharField(required=False, max_length=30)
    cursor = forms.CharField(required=False, max_length=500)
