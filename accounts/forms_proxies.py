"""What people type about proxies. Credentials are never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import proxies
from accounts.forms_logins import RefusableForm, SecretField
from accounts.gateway.proxy import ProxyAddress
from accounts.models import InstagramLogin, Proxy, Workspace
from accounts.models.proxies import ProxyScheme, SourceProxy

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ProxyForm(RefusableForm):
    """One proxy."""

    name = forms.CharField(
        label=_("Name"), required=False, max_length=80, help_text=_("Optional: what you call it."),
        widget=forms.TextInput(attrs=_PLAIN),
    )  # fmt: skip
    scheme = forms.ChoiceField(label=_("Kind"), choices=ProxyScheme.choices, initial=ProxyScheme.HTTP)
    host = forms.CharField(
        label=_("Host"), max_length=253, help_text=_("A name or an IP address."), widget=forms.TextInput(attrs=_PLAIN)
    )
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535)
    username = forms.CharField(
        label=_("User name"), required=False, max_length=400, widget=forms.TextInput(attrs=_PLAIN)
    )
    password = SecretField(label=_("Password"), required=False)

    @classmethod
    def of(cls, proxy: Proxy, data: Any = None) -> ProxyForm:
        """The form of a proxy that is here, without its credentials."""
        known = {"name": proxy.name, "scheme": proxy.scheme, "host": proxy.host, "port": proxy.port}
        form = cls(data, initial=known)
        if proxy.credentials_sealed is not None:
            form.fields["username"].help_text = _("Leave both empty to keep what is stored.")
        return form

    def address(self) -> ProxyAddress:
        """What was typed as one address. Raises :class:`accounts.proxies.ProxyInvalid`."""
        parts = ("scheme", "host", "port", "username", "password")
        return proxies.address_of(**{name: self.cleaned_data[name] for name in parts})


class ProxyFileForm(RefusableForm):
    """A file of proxies."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One address a line, or columns host, port, username, password, scheme and name; at most 500."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )


def _choice(workspace: Workspace, chosen: object) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    return forms.ModelChoiceField(
        label=_("Proxy"),
        queryset=Proxy.objects.for_workspace(workspace).order_by("name", "id").defer("credentials_sealed"),
        initial=chosen,
        required=False,
        empty_label=_("None: the site's own address"),
    )


class LoginProxyForm(RefusableForm):
    """The proxy of a login."""

    def __init__(self, login: InstagramLogin, data: Any = None) -> None:
        super().__init__(data)
        self.fields["proxy"] = _choice(login.workspace, login.proxy_id)
        self.fields["proxy"].help_text = _("Instagram distrusts a login whose address changes: keep it once chosen.")


class SourceProxiesForm(RefusableForm):
    """The proxy of each source that needs no login."""

    def __init__(self, workspace: Workspace, data: Any = None) -> None:
        super().__init__(data)
        chosen = dict(SourceProxy.objects.for_workspace(workspace).values_list("source", "proxy_id"))
        for source, label in proxies.sources():
            self.fields[source] = _choice(workspace, chosen.get(source))
            self.fields[source].label = label
