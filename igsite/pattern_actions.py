"""Examples of what batches of actions and predictions show, for the patterns page: plain values in the shapes that the
templates read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from igsite.paging import Page

_BATCHES = (
    ("follow", "Follow", "staged", "Waits for your confirmation"),
    ("unfollow", "Unfollow", "confirmed", "Confirmed"),
    ("follow", "Follow", "running", "Running"),
    ("like", "Like", "paused", "Paused"),
    ("comment", "Comment", "frozen", "Frozen: Instagram blocked actions"),
    ("remove", "Remove follower", "done", "Done"),
    ("unfollow", "Unfollow", "cancelled", "Cancelled"),
)
_CAME_OF_IT = (
    ("waiting", "Waiting", ""),
    ("answered", "Sent, not yet read", "done"),
    ("done", "Done", "done"),
    ("requested", "Requested", "done"),
    ("already", "Was so already", ""),
    ("failed", "Refused", "failed"),
    ("unknown", "Unknown: look at it yourself", "unknown"),
)
_REVIEWED: tuple[tuple[str, str, str, list[str]], ...] = (
    ("waiting", "", "They do not follow you", []),
    ("waiting", "", "", ["Followed 3 days ago by another login", "12,000 people follow them: a follow back is rare"]),
    ("excluded", "On a safelist", "", []),
    ("excluded", "More than a week's budget", "", ["Private account"]),
)


def examples(now: datetime, names: list[str]) -> dict[str, Any]:
    """Batches in each state, people under review and in a report, predictions from sure to unsaid, a calibration."""
    batch = {"pk": UUID(int=1), "kind": "follow", "login": {"username": "northwind_run"}}
    return {
        "batch": batch,
        "batches": [_told(number, now, *one) for number, one in enumerate(_BATCHES)],
        "review": Page(items=[_reviewed(number, names, *one) for number, one in enumerate(_REVIEWED)]),
        "report": Page(items=[_reported(number, names, now, *one) for number, one in enumerate(_CAME_OF_IT)]),
        "states": [({"value": "done", "label": "Done"}, 1204), ({"value": "excluded", "label": "Left out"}, 31)],
        "predictions": Page(items=_predictions(names)),
        "plot": _plot(),
        "calibration": {"said": {"count": 640}},
    }


def _told(number: int, now: datetime, kind: str, kind_words: str, state: str, state_words: str) -> dict[str, Any]:
    login = {"username": "northwind_run" if number % 2 else "a.very.long.name.of_thirty_letter"}
    batch = {
        "pk": UUID(int=number), "kind": kind, "get_kind_display": kind_words, "state": state, "login": login,
        "get_state_display": state_words, "created_at": now - timedelta(hours=number), "undoes_id": number == 1,
    }  # fmt: skip
    waits = now + timedelta(minutes=20) if state in ("confirmed", "running") else None
    counts = {"excluded": 3 * number}
    return {"batch": batch, "finished": 40 * number, "wanted": 240, "counts": counts, "waits_until": waits}


def _who(number: int, names: list[str]) -> dict[str, Any]:
    person = {"username": f"name_{number}", "full_name": names[number % len(names)]}
    return {"name": f"@name_{number}", "called": person["full_name"], "person": person}


def _reviewed(number: int, names: list[str], state: str, why: str, reason: str, warnings: list[str]) -> dict[str, Any]:
    item = {"pk": number, "target_pk": number, "state": state, "get_exclusion_display": why, "reason": reason}
    return _who(number, names) | {"item": item, "warnings": warnings}


def _reported(number: int, names: list[str], now: datetime, state: str, words: str, answer: str) -> dict[str, Any]:
    item = {"pk": number, "target_pk": number, "state": state, "get_state_display": words}
    attempt: dict[str, Any] = {}
    if answer:
        attempt = {
            "sent_at": now, "reserved_at": now, "ended_at": now, "answer": answer,
            "get_state_display": {"done": "Accepted", "failed": "Refused"}.get(answer, "Answer lost"),
        }  # fmt: skip
    if state in ("done", "requested"):
        attempt |= {"read_at": now, "reading": {"seen": True, "following": state == "done", "outgoing_request": True}}
    return _who(number, names) | {"item": item, "attempt": attempt}


def _predictions(names: list[str]) -> list[dict[str, Any]]:
    said: list[tuple[int | None, tuple[int, int] | None, str]] = [
        (81, (74, 87), "sure"), (46, (22, 71), "unsure"), (3, (1, 6), "sure"), (None, None, "Nothing can be said yet"),
    ]  # fmt: skip
    because = [
        {"words": "They follow 4 of your followers", "points": 12},
        {"words": "A business", "points": -9},
    ]
    return [
        {
            "row": {
                "pk": number, "username": f"name_{number}", "target_pk": number,
                "get_knowledge_display": "Profile and relationship", "is_pending": percent is None,
            },
            "person": {"full_name": names[number % len(names)]}, "percent": percent, "bounds": bounds,
            "spoken": f"name_{number}: {percent} %", "confidence_words": words, "reasons": because if percent else [],
            "outcome": {"get_state_display": "Followed back"} if number == 0 else None,
        }
        for number, (percent, bounds, words) in enumerate(said)
    ]  # fmt: skip


def _plot() -> dict[str, Any]:
    """Groups of similar predictions on a square of 264 points."""
    dots = []
    for said, happened, wide in ((0.1, 0.12, 0.05), (0.3, 0.26, 0.07), (0.5, 0.55, 0.1), (0.8, 0.74, 0.12)):
        up = [276 - 264 * value for value in (happened, happened - wide, happened + wide)]
        group = {"said": said, "happened": happened, "low": happened - wide, "high": happened + wide, "count": 160}
        dots.append({"x": 44 + 264 * said, "y": up[0], "low": up[1], "high": up[2], "group": group})
    steps = [(276 - 264 * step / 100, step) for step in (0, 50, 100)]
    line = "M" + "L".join(f"{dot['x']:.0f} {dot['y']:.0f}" for dot in dots)
    return {"up": steps, "across": [(44 + 264 * step / 100, step) for step in (0, 50, 100)], "said": dots, "line": line}
