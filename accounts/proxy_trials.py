"""The job that tries a proxy: one real request to Instagram through it. It sends nothing of any login."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import proxies, proxy_health, proxy_ways
from accounts.gateway.errors import GatewayError, ProxyBlocked
from accounts.gateway.proxy_trial import try_proxy
from accounts.models import Proxy
from accounts.vault import VaultError
from igsite.jobs.kinds import Done, Failed, Kind, Outcome, register
from igsite.jobs.run import Run
from igsite.public_address import AddressRefused


@register
class TryProxy(Kind):
    """Tries a proxy when it was saved, or when a person asks."""

    name = proxies.TRY
    label = gettext_lazy("Try a proxy")

    def step(self, run: Run) -> Outcome:
        """The request."""
        proxy = Proxy.objects.filter(pk=run.params["proxy"]).first()
        if proxy is None:
            return Done(_("The proxy was removed."))
        try:
            address = proxy_ways.pinned(proxy_ways.opened(proxy))
            sentence = try_proxy(address, base_url=settings.INSTAGRAM_BASE_URL)
        except VaultError as error:
            return Failed(str(error), "vault")
        except ProxyBlocked as error:
            proxy_health.was_blocked(proxy.pk, str(error), now=run.now())
            return Failed(str(error), error.code)
        except (GatewayError, AddressRefused) as error:
            proxy_health.refused_us(proxy.pk, str(error), now=run.now())
            return Failed(str(error), getattr(error, "code", "address_refused"))
        proxies.works_again(proxy, now=run.now())
        return Done(sentence)
