"""The form of likes and comments: which posts, and what is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from accounts.tracking import InvalidAccountName, username_in
from automation.choices import logins_of, offer
from automation.models import ON_POSTS, ActionKind
from automation.models.batches import LONGEST_COMMENT
from automation.post_lookups import NEWEST


class PostsForm(forms.Form):
    """What to do by which login, and to which posts: named one by one, the newest of an account, or both."""

    kind = forms.ChoiceField(
        label=_("Action"), widget=forms.RadioSelect, initial=ActionKind.LIKE,
        choices=[(kind.value, kind.label) for kind in ON_POSTS],
    )  # fmt: skip
    login = forms.ModelChoiceField(
        label=_("By which login"), queryset=InstagramLogin.objects.for_workspace(None), empty_label=None
    )
    posts = forms.CharField(
        label=_("Posts"), required=False, max_length=400_000,
        help_text=_("The address of a post, its code or its number, one per line. For a comment of its own, write the "
                    "words behind the address."),
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    account = forms.CharField(
        label=_("and the newest posts of"), required=False, max_length=300,
        help_text=_("@name or the address of a profile. It is read within the login’s budget."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    newest = forms.IntegerField(label=_("How many of them"), min_value=1, max_value=NEWEST, initial=3, required=False)
    text = forms.CharField(
        label=_("Comment"), required=False, max_length=LONGEST_COMMENT,
        help_text=_("For comments only: what is written under each post that has no words of its own. You read and "
                    "change every one of them in the review."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "login", logins_of(workspace))

    def clean_account(self) -> str:
        """The user name that was typed, or the empty text."""
        typed = str(self.cleaned_data["account"]).strip()
        try:
            return username_in(typed) if typed else ""
        except InvalidAccountName as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict[str, Any]:
        """At least one post or account."""
        found = super().clean() or self.cleaned_data
        if not self.errors and not str(found.get("posts", "")).strip() and not found.get("account"):
            self.add_error("posts", now_("Name at least one post, or an account."))
        return found
