"""The settings file of another program (instagrapi's ``dump_settings``), or the cookies of a browser, as people hand
them in: read without trusting any of it. Pure computation; nothing here is kept or logged.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.utils.translation import gettext as _

LONGEST: Final = 65_536
_ENTRIES: Final = 80
_VALUE: Final = 4_000
_TEXTS: Final = ("mid", "ig_u_rur", "ig_www_claim", "user_agent", "country", "locale", "timezone_name")
_NUMBERS: Final = ("country_code", "timezone_offset", "last_login")
_GROUPS: Final = ("uuids", "authorization_data", "cookies", "device_settings")


class SettingsUnreadable(ValueError):
    """What was handed in holds no session. The sentence is for the person and repeats nothing of it."""


def read_settings(text: str) -> dict[str, Any]:
    """Device and session in ``text``; whatever else stands there, such as how requests are sent, is left out.

    Raises:
        SettingsUnreadable: it is no such file, is too large, or holds no session.
    """
    found = _json(text)
    if isinstance(found, list):
        found = {"cookies": _browser_cookies(found)}
    if not isinstance(found, dict):
        raise _unreadable()
    settings: dict[str, Any] = {name: _group(found[name]) for name in _GROUPS if found.get(name)}
    settings |= {name: _plain(found[name]) for name in _TEXTS if isinstance(found.get(name), str)}
    settings |= {name: found[name] for name in _NUMBERS if _is_number(found.get(name))}
    if not _session_of(settings):
        raise SettingsUnreadable(_("There is no session in it: neither a sessionid nor an authorization."))
    return settings


def _json(text: str) -> Any:
    if not text.strip() or len(text) > LONGEST:
        raise _unreadable()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable() from None


def _browser_cookies(found: list[Any]) -> dict[str, str]:
    """Cookies as extensions of browsers write them: ``[{"name", "value", "domain"}]``, Instagram's only."""
    cookies: dict[str, str] = {}
    for one in found[:_ENTRIES]:
        if isinstance(one, dict) and f".{one.get('domain') or 'instagram.com'}".endswith(".instagram.com"):
            name, value = one.get("name"), one.get("value")
            if isinstance(name, str) and isinstance(value, str):
                cookies[name] = value
    return cookies


def _group(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict) or len(found) > _ENTRIES:
        raise _unreadable()
    group: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, str):
            group[_plain(name)] = _plain(value)
        elif value is None or isinstance(value, bool) or _is_number(value):
            group[_plain(name)] = value
        else:
            raise _unreadable()
    return group


def _plain(value: str) -> str:
    """Text that may become a header: one line of ASCII, of a sane length. What cannot be sent would look like drift."""
    if len(value) > _VALUE or not value.isascii() or not value.isprintable():
        raise _unreadable()
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**12


def _session_of(settings: dict[str, Any]) -> str:
    for group in ("authorization_data", "cookies"):
        session = settings.get(group, {}).get("sessionid")
        if isinstance(session, str) and session:
            return session
    return ""


def _unreadable() -> SettingsUnreadable:
    return SettingsUnreadable(_("This is neither a settings file of instagrapi nor a list of cookies, both in JSON."))
