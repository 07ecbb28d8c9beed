"""What the doctor looks at in a workspace: each login, source and proxy.

Nothing is sent: what is known is read. To find out more, a person presses the check on the page of the login or proxy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import source_overview
from accounts.login_states import page_of
from accounts.models import InstagramLogin, LoginStatus, Proxy, Workspace
from accounts.models.proxies import ProxyState
from igsite.doctor import Finding

MOST: Final = 200


def logins(workspace: Workspace) -> Iterator[Finding]:
    """Each Instagram login with its next step."""
    now = timezone.now()
    mine = InstagramLogin.objects.for_workspace(workspace).order_by("username", "id")
    found = mine.values_list("pk", "username", "status", "status_note", "reads_resume_at")[:MOST]
    for pk, username, status, note, resumes_at in found:
        name, label = f"@{username}", str(LoginStatus(status).label)
        if status == LoginStatus.READY and (resumes_at is None or resumes_at <= now):
            yield Finding(name, ok=True, sentence=label, url=page_of(pk))
        elif status in (LoginStatus.READY, LoginStatus.PAUSED, LoginStatus.CONNECTING):
            yield Finding(name, None, note or _("Cooling down: it goes on by itself."), page_of(pk))
        else:
            yield Finding(name, ok=False, sentence=f"{label}. {note}".strip(), url=page_of(pk))
    if not found:
        yield Finding(_("logins"), None, _("There is none. Add one, or import an export."), reverse("settings:logins"))


def sources(workspace: Workspace) -> Iterator[Finding]:
    """Each source: its key, and its health."""
    for name, is_well, sentence in source_overview.check_all(workspace, now=timezone.now()):
        yield Finding(name, is_well, sentence)


def proxies(workspace: Workspace) -> Iterator[Finding]:
    """Each proxy with its last error."""
    marks = {ProxyState.GOOD: True, ProxyState.BAD: False, ProxyState.UNTRIED: None}
    found = Proxy.objects.for_workspace(workspace).order_by("name", "id").defer("credentials_sealed")[:MOST]
    for proxy in found:
        sentence = proxy.last_error if proxy.state == ProxyState.BAD else proxy.get_state_display()
        yield Finding(proxy.name, marks[ProxyState(proxy.state)], sentence, reverse("settings:proxy", args=[proxy.pk]))
    if not found:
        yield Finding(_("proxies"), None, _("There is none: Instagram sees the address of this site."))
