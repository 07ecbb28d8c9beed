"""Sends one message, in a process of its own: ``python -m monitoring.channel_sender`` reads it from standard input.

    in    {"address": "ntfys://…", "title": "…", "body": "…", "allow_loopback": false}
    out   {"ok": true} or {"ok": false, "may_have_gone_out": false, "code": "answered", "about": "404"}

Nothing of the site is here: no database, no keys, no environment. The address comes by the pipe, never by an argument.
"""

from __future__ import annotations

import json
import logging
import sys
from importlib import import_module
from typing import Any, Final

from django.conf import settings

from igsite.child_processes import die_with_parent
from monitoring import channel_guard
from monitoring.channel_schemas import PLUGINS, scheme_of

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 15.0


def main() -> None:
    """Read, send, say what became of it."""
    die_with_parent(9)
    settings.configure(USE_I18N=False)
    logging.disable(logging.CRITICAL)  # libraries would write addresses down
    given = json.load(sys.stdin)
    out = sys.stdout
    sys.stdout = sys.stderr
    out.write(json.dumps(send(**given)))
    out.flush()


def send(address: str, title: str, body: str, *, allow_loopback: bool) -> dict[str, Any]:
    """The message through Apprise, behind the walls of :mod:`monitoring.channel_guard`."""
    seen = channel_guard.Seen()
    try:
        client = _opened(address)
    except Exception:  # whatever it is that the address makes a plugin do
        client = None
    if client is None:
        return _failed("unreadable", "", may_have_gone_out=False)
    channel_guard.put_up(seen, allow_loopback=allow_loopback)
    is_sent = bool(client.notify(title=title, body=body, body_format="text"))
    if is_sent:
        return {"ok": True}
    code, about = seen.trouble[0] if seen.trouble else ("failed", "")
    return _failed(code, about, may_have_gone_out=seen.may_have_gone_out)


def _failed(code: str, about: str, *, may_have_gone_out: bool) -> dict[str, Any]:
    return {"ok": False, "code": code, "about": about[:200], "may_have_gone_out": may_have_gone_out}


def _opened(address: str) -> Any:
    """An Apprise with the one service of the address; None when it cannot be read."""
    from apprise import Apprise, AppriseAsset, OverflowMode, PersistentStoreMode

    where = PLUGINS.get(scheme_of(address))
    if where is None:
        return None
    plugin = getattr(import_module(f"apprise.plugins.{where[0]}"), where[1])
    asset = AppriseAsset(
        app_id="igsite", app_desc="igsite", app_url="", http_redirects=False, async_mode=False,
        storage_mode=PersistentStoreMode.MEMORY, image_url_mask="", image_url_logo="",
    )  # fmt: skip
    parts = plugin.parse_url(address)
    if not parts:
        return None
    service = plugin(**{**parts, "asset": asset})
    service.socket_connect_timeout = CONNECT_SECONDS
    service.socket_read_timeout = READ_SECONDS
    service.verify_certificate, service.redirects = True, False
    service.service_retry, service.service_wait, service.request_rate_per_sec = 0, 0.0, 0
    service.overflow_mode = OverflowMode.TRUNCATE
    client = Apprise(asset=asset)
    return client if client.add(service) else None


if __name__ == "__main__":
    main()
