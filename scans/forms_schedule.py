"""The forms of schedules and of what happens after a scan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount, Workspace
from scans.forms import BOTH, LISTS
from scans.models import Direction, ScanPreferences, ScanSchedule, ScheduledReading
from scans.schedules import Wish

EVERY_DAY = "daily"
INTERVALS = [(60, _("Every hour")), (180, _("Every 3 hours")), (360, _("Every 6 hours")), (720, _("Every 12 hours")),
             (2_880, _("Every 2 days")), (10_080, _("Every week"))]  # fmt: skip
#: Accounts offered in the list of choices; any other is scheduled over the API.
OFFERED = 500
LOSSES_MOST = 500


class ScheduleForm(forms.Form):
    """Which accounts, what, and when."""

    account = forms.ChoiceField(label=_("Accounts"), required=False)
    lists = forms.ChoiceField(label=_("Lists"), choices=LISTS, initial=BOTH)
    reading = forms.ChoiceField(label=_("How much"), choices=ScheduledReading.choices, initial=ScheduledReading.FULL)
    rhythm = forms.ChoiceField(label=_("How often"), initial=EVERY_DAY)
    at_time = forms.TimeField(
        label=_("Time of day"), required=False, initial="02:00",
        help_text=_("For every day, on the workspace’s clock."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = TrackedAccount.objects.for_workspace(workspace).order_by("username", "pk")[:OFFERED]
        self._accounts = {str(one.pk): one for one in mine}
        named = [(pk, f"@{one.username}") for pk, one in self._accounts.items()]
        self._choices("account", [("", now_("All bookmarked accounts")), *named])
        self._choices("rhythm", [(EVERY_DAY, now_("Every day")), *((str(key), words) for key, words in INTERVALS)])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A day needs a time."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("rhythm") == EVERY_DAY and not data.get("at_time") and "at_time" not in self.errors:
            self.add_error("at_time", now_("Enter the time of day, for example 02:00."))
        return data

    def account_chosen(self) -> TrackedAccount | None:
        """One account; None: all bookmarked ones."""
        return self._accounts.get(self.cleaned_data["account"])

    def wish(self) -> Wish:
        """What was asked for."""
        data = self.cleaned_data
        daily = data["rhythm"] == EVERY_DAY
        return Wish(
            directions=list(Direction) if data["lists"] == BOTH else [Direction(data["lists"])],
            reading=ScheduledReading(data["reading"]),
            at_time=data["at_time"] if daily else None,
            every_minutes=None if daily else int(data["rhythm"]),
        )


class PreferencesForm(forms.Form):
    """What follows a complete scan."""

    checks_losses = forms.BooleanField(
        label=_("Check why people left after each complete scan"),
        required=False,
        help_text=_("One or two requests a person, at most a fifth of the login’s day."),
    )
    losses_per_scan = forms.IntegerField(
        label=_("People checked after a scan, at most"),
        min_value=1,
        max_value=LOSSES_MOST,
        help_text=_("The newest losses first, 1 to 500."),
    )

    @classmethod
    def of(cls, preferences: ScanPreferences) -> PreferencesForm:
        """As it stands."""
        names = ("checks_losses", "losses_per_scan")
        return cls(initial={name: getattr(preferences, name) for name in names})


def rhythm_words(schedule: ScanSchedule) -> str:
    """When a schedule is due, in words."""
    if schedule.every_minutes is None:
        return now_("Every day at %(time)s") % {"time": f"{schedule.at_time:%H:%M}"}
    words = dict(INTERVALS).get(schedule.every_minutes)
    return str(words) if words else now_("Every %(minutes)d minutes") % {"minutes": schedule.every_minutes}
