"""Examples of what scans show, for the patterns page: plain values in the shapes that the templates read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from igsite.paging import Page


class Word(str):
    """A value with words, as a choice has."""

    __slots__ = ("label",)
    label: str


def word(value: str, label: str) -> Word:
    """``value`` that is called ``label``."""
    named = Word(value)
    named.label = label
    return named


def examples(now: datetime, names: list[str]) -> dict[str, Any]:
    """A list in quarantine, estimates in each state, and losses in each state and for each reason."""
    return {
        "quarantined": {
            "pk": 1, "get_direction_display": "Followers", "get_reason_display": "Too many people gone at once",
            "sentence": "812 of 4,213 people would be gone at once.", "known_count": 4213, "gone_count": 812,
            "people_seen": 3401, "count_before": 4220, "count_after": 4219,
        },
        "estimates": [
            {"people": 4213, "requests": 86, "duration": timedelta(minutes=5)},
            {"people": None, "requests": None, "duration": None},
            None,
        ],
        "losses": Page(items=_losses(now, names)),
        "lost": {"value": "lost", "label": "Lost"},
    }  # fmt: skip


def _losses(now: datetime, names: list[str]) -> list[dict[str, Any]]:
    unfollowed, checked = word("unfollowed", "Unfollowed"), now - timedelta(hours=2)
    verdicts: list[tuple[bool, Word | None, Word | None]] = [
        (False, None, None),
        (True, None, None),
        (True, unfollowed, word("checked", "Checked")),
        (True, unfollowed, word("inferred", "Inferred")),
        (True, word("unavailable", "Unavailable"), None),
        (False, word("unknown", "Could not be checked"), None),
    ]
    return [
        {
            "kind": "lost", "is_confirmed": is_confirmed, "reason": reason, "basis": basis, "checked_at": checked,
            "person": {"full_name": name, "username": f"name_{number}", "profile_id": number},
        }
        for number, (name, (is_confirmed, reason, basis)) in enumerate(zip(names, verdicts, strict=False), 1)
    ]  # fmt: skip
