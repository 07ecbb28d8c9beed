"""Examples for the patterns page: each component in its states, with the texts that break layouts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from igsite import pattern_actions, pattern_scans, pattern_watching
from igsite.paging import Page
from igsite.pattern_scans import word

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2
NAMES = [
    "Aurora Studio",
    "قهوة الصباح",
    "東京の花屋",
    "🌿 Zoë & Çağla",
    "<script>alert(1)</script>",
    LONG,
    "\u202eevil\u202c",
]


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Account", help_text="A name or an address, for example @aurora.studio")
    lists = forms.ChoiceField(
        label="What to scan",
        widget=forms.RadioSelect,
        choices=[("followers", "Followers"), ("following", "Following"), ("both", "Both")],
    )
    login = forms.ChoiceField(label="With which login", choices=[("a", "@northwind_run"), ("b", LONG)])
    pace = forms.IntegerField(label="Requests an hour", help_text="At most 200", max_value=200)
    alert = forms.BooleanField(label="Tell me when it is done", required=False)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))


def _chain() -> dict[str, Any]:
    """An order of things that are asked one after the other."""
    web = {"name": word("web", "Public web"), "sentence": "It needs no login and no key."}
    login = {"name": word("login", LONG), "sentence": "A login is ready."}
    key = {"name": word("service", "A service"), "sentence": "There is no key yet."}
    return {"purpose": word("profile", "Profiles"), "sources": [web, login], "others": [key], "is_own": True}


def components() -> dict[str, Any]:
    """What stands on any page."""
    now = timezone.now()
    steps = [3, 5, 4, 8, 9, 7, 11, 14, 13, 17, 16, 21]
    return {
        "form": ExampleForm(initial={"name": "@aurora.studio", "lists": "both", "pace": 100}),
        "invalid": ExampleForm({"name": "", "lists": "", "login": "a", "pace": "900"}, auto_id="bad_%s"),
        "names": list(enumerate(NAMES)),
        "steps": steps,
        "months": ["J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"],
        "history": [189_000 + 120 * i + 400 * (i % 7) for i in range(60)],
        "spokes": ["Mutuals", "Fans", "Don't follow back", "Verified", "Private"],
        "series": [("@aurora.studio", [62, 38, 21, 12, 44]), ("@gap.gallery", [30, 70, 55, 5, 61])],
        "parts": [("Mutuals", 861), ("Don't follow back", 343), ("Unknown", 90)],
        "states": [
            ("done", "Done"),
            ("running", "Running"),
            ("waiting", "Waiting"),
            ("partial", "Partial"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        "figures": [("Followers", 1_284_392, 2110, True), ("Lost", 310, -310, False), ("Not known", None, None, False)],
        "times": [
            now - timedelta(seconds=5),
            now - timedelta(hours=3),
            now - timedelta(days=40),
            now + timedelta(minutes=20),
        ],
        "last": Page(items=[1]),
    }


def in_the_product() -> dict[str, Any]:
    """What belongs to scans, monitors, actions and sources."""
    now = timezone.now()
    return {
        "chain": _chain(),
        "scans": pattern_scans.examples(now, NAMES),
        "actions": pattern_actions.examples(now, NAMES),
        "watching": pattern_watching.examples(now, NAMES),
        "sheets": [f"app/{name}.css" for name in ("sources", "monitoring", "actions", "predictions", "history")],
    }
