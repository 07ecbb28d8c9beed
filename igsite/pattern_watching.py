"""Examples of what monitors, alerts and channels show, for the patterns page: plain values in the shapes that the
templates read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from igsite.paging import Page

_STATES = (("active", "Active"), ("paused", "Paused"), ("stopped", "Stopped"), ("archived", "Archived"))
_CHANNELS = (
    ("Team", "Slack", "untried", "Not tried yet", True),
    ("On-call", "ntfy", "good", "Works", True),
    ("The whole house, by mail", "E-mail", "bad", "Does not work", True),
    ("Programs", "Webhook (JSON)", "good", "Works", False),
)
_SENT = (
    ("waiting", "Waits"), ("sending", "Is being sent"), ("sent", "Sent"), ("failed", "Not sent"),
    ("unknown", "May have arrived"),
)  # fmt: skip


def examples(now: datetime, names: list[str]) -> dict[str, Any]:
    """Monitors in each state, a history with a gap and two lines, alerts of each weight, channels and deliveries."""
    return {
        "monitors": Page(items=[_monitor(number, now, names, *one) for number, one in enumerate(_STATES)]),
        "drawing": _drawing(now),
        "marks": _marks(now, names),
        "monitor": {"uuid": UUID(int=1)},
        "alerts": Page(items=_alerts(now)),
        "snoozes": [1, 24, 168],
        "channels": Page(items=[_channel(number, now, *one) for number, one in enumerate(_CHANNELS)]),
        "deliveries": Page(items=[_delivery(now, *one) for one in _SENT]),
    }


def _monitor(number: int, now: datetime, names: list[str], state: str, words: str) -> dict[str, Any]:
    is_profile = number % 2 == 0
    return {
        "uuid": UUID(int=number), "is_profile": is_profile, "username": f"name_{number}", "code": "Dexample_1",
        "facts": {"name": names[number], "caption": names[number]}, "state": state, "get_state_display": words,
        "counts": {"followers": 1_284_392, "likes": 8_204}, "interval": timedelta(hours=6), "due_at": now,
        "checked_at": now - timedelta(hours=number), "trouble": "The account is private." if state == "paused" else "",
    }  # fmt: skip


def _drawing(now: datetime) -> dict[str, Any]:
    """Two lines over one scale, a gap between two pieces of the first, a post and a note."""
    first = ["M6 220L120 200L240 190L330 150", "M430 140L560 120L700 80L874 60"]
    second = ["M6 240L200 236L430 210L650 214L874 190"]
    return {
        "series": [
            {"name": "@aurora.studio", "number": 1, "paths": first, "dots": [(380, 148)]},
            {"name": "@gap.gallery", "number": 2, "paths": second, "dots": []},
        ],
        "holes": [{"x": 330, "width": 100, "gap": {"why": "No login was ready."}}],
        "values": [{"place": 262 - 114 * step, "label": 1_280_000 + 2_000 * step} for step in range(3)],
        "marks": [(x, {"kind": kind, "at": now, "text": "Something"}) for x, kind in ((560, "post"), (700, "note"))],
        "times": [(6, now - timedelta(days=30)), (440, now - timedelta(days=15)), (874, now)],
    }  # fmt: skip


def _marks(now: datetime, names: list[str]) -> list[dict[str, Any]]:
    kinds = [("post", "Dexample_1", names[3]), ("scan", "@aurora.studio: complete", ""), ("note", names[5], ""),
             ("change", "Name", f"{names[0]} → {names[1]}")]  # fmt: skip
    return [
        {
            "kind": kind,
            "text": text,
            "words": text,
            "detail": detail,
            "reference": UUID(int=number),
            "at": now - timedelta(number),
        }
        for number, (kind, text, detail) in enumerate(kinds)
    ]


def _alerts(now: datetime) -> list[dict[str, Any]]:
    told = (
        (
            "@aurora.studio: 1,300 followers left.",
            "critical",
            "Critical",
            "Confirmed losses",
            True,
            "fired",
        ),
        ("@gap.gallery grew by 12 % in a day.", "warning", "Warning", "A count changes by a share", True, "fired"),
        ("The login @northwind_run reads again.", "info", "For information", "A login needs you", False, "resolved"),
        ("@tiny.pottery posted.", "info", "For information", "A new post", False, "fired"),
    )
    return [
        {
            "sentence": sentence, "is_unread": is_unread,
            "alert": {
                "pk": UUID(int=number), "evidence": "#main", "severity": severity, "get_severity_display": words,
                "state": state, "get_state_display": "Resolved", "get_kind_display": kind, "is_silent": number == 3,
                "at": now - timedelta(hours=5 * number), "rule": {"pk": UUID(int=1), "is_muted": number == 3},
            },
        }
        for number, (sentence, severity, words, kind, is_unread, state) in enumerate(told)
    ]  # fmt: skip


def _channel(number: int, now: datetime, name: str, kind: str, state: str, words: str, is_on: bool) -> dict[str, Any]:
    return {
        "pk": UUID(int=number), "name": name, "get_kind_display": kind, "state": state, "get_state_display": words,
        "is_enabled": is_on, "goes_to": "…/T0000/B000", "failures": int(state == "bad"),
        "trouble": "The service refused the address.", "last_sent_at": None if state == "untried" else now,
    }  # fmt: skip


def _delivery(now: datetime, state: str, words: str) -> dict[str, Any]:
    trouble = "The service did not answer." if state in ("failed", "unknown") else ""
    over = None if state in ("waiting", "sending") else now
    return {
        "words": "@aurora.studio: 1,300 followers left.", "state": state, "get_state_display": words,
        "trouble": trouble, "due_at": now + timedelta(minutes=5), "ended_at": over, "created_at": now,
    }  # fmt: skip
