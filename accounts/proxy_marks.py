"""What an operator knows about a proxy better than its requests tell."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import proxies, proxy_health
from accounts.models import Proxy, User
from igsite import audit


@transaction.atomic
def mark(*, proxy: Proxy, is_good: bool, by: User, now: datetime) -> None:
    """Good: work that waited for it goes on at once. Bad: it rests as if Instagram had blocked its address.

    The next answer through it says otherwise if it is otherwise.
    """
    if is_good:
        proxies.works_again(proxy, now=now)
    else:
        proxy_health.was_blocked(proxy.pk, _("An operator marked it as not working."), now=now)
    details = {"state": "good" if is_good else "bad"}
    audit.record(by, "proxy.marked", proxy, workspace=proxy.workspace, now=now, details=details)
