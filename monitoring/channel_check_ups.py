"""What the doctor looks at in a workspace: each notification channel. Nothing is sent: what is known is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Workspace
from igsite.doctor import Finding
from monitoring import channel_troubles
from monitoring.models import ChannelState, NotificationChannel

MOST: Final = 200
_MARKS: Final = {ChannelState.GOOD: True, ChannelState.BAD: False, ChannelState.UNTRIED: None}


def channels(workspace: Workspace) -> Iterator[Finding]:
    """Each channel with a tick, or what to do."""
    mine = NotificationChannel.objects.for_workspace(workspace).order_by("name", "id").defer("address_sealed")
    found = list(mine[:MOST])
    for channel in found:
        url = reverse("notifications:detail", args=[channel.pk])
        if not channel.is_enabled:
            yield Finding(channel.name, None, _("It is paused: nothing is sent by it. Resume it, or remove it."), url)
        elif channel.failures:
            why = channel_troubles.say(channel.last_error)
            advice = _("Send a test when it is mended; what waits goes on by itself.")
            yield Finding(channel.name, ok=False, sentence=f"{why} {advice}", url=url)
        elif channel.state == ChannelState.UNTRIED:
            yield Finding(channel.name, None, _("It was never tried. Send a test."), url)
        else:
            yield Finding(channel.name, _MARKS[ChannelState(channel.state)], channel.get_state_display(), url)
    if not found:
        words = _("There is none: alerts are seen in the inbox only.")
        yield Finding(_("notifications"), None, words, reverse("notifications:list"))
