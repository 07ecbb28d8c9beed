"""The forms of monitors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from monitoring import due_times
from monitoring.acts import Rhythm
from monitoring.history import EARLIEST, LATEST
from monitoring.models import Monitor
from monitoring.targets import InvalidTarget, Target, target_in

ACTS = [("pause", _("Pause")), ("resume", _("Resume")), ("stop", _("Stop")), ("archive", _("Archive")),
        ("rhythm", _("Change the rhythm"))]  # fmt: skip


class IntervalField(forms.CharField):
    """An interval as people write it; its value is in seconds."""

    def clean(self, value: Any) -> Any:
        """Seconds; None where nothing was entered and nothing is required."""
        text = super().clean(value)
        if not text:
            return None
        seconds = due_times.seconds_of(text)
        if seconds is None:
            raise forms.ValidationError(now_("Write the interval like 30s, 30m, 1h, 1d or 7d."))
        return seconds


class RhythmForm(forms.Form):
    """How often, and when."""

    interval = IntervalField(
        label=_("Interval"), initial="1h", max_length=10,
        help_text=_("30s, 30m, 1h, 1d, 7d, or any other from 30 seconds to 30 days."),
        widget=forms.TextInput(attrs={"list": "intervals", "autocomplete": "off"}),
    )  # fmt: skip
    jitter_percent = forms.IntegerField(
        label=_("Jitter, percent of the interval"), min_value=0, max_value=50, initial=0, required=False,
        help_text=_("Measures up to so much later, differently each time. 0: to the second."),
    )  # fmt: skip
    is_spread = forms.BooleanField(
        label=_("At its own place in the interval"), required=False, initial=True,
        help_text=_("So monitors are not all measured at once. Without it the slots count from now."),
    )  # fmt: skip
    active_from = forms.TimeField(
        label=_("Only from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("On the workspace’s clock. Leave both empty to measure around the clock."),
    )  # fmt: skip
    active_until = forms.TimeField(
        label=_("Only until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    follows_posts = forms.BooleanField(
        label=_("Find and follow its posts"), required=False,
        help_text=_("Of a profile: new posts are measured densely in their first days, then thinner."),
    )  # fmt: skip

    def rhythm(self) -> Rhythm:
        """What was asked for."""
        data = self.cleaned_data
        return Rhythm(
            data["interval"], data["jitter_percent"] or 0, data["is_spread"], data["active_from"], data["active_until"]
        )  # fmt: skip

    @classmethod
    def of(cls, monitor: Monitor) -> RhythmForm:
        """As it stands."""
        names = ("jitter_percent", "is_spread", "active_from", "active_until", "follows_posts")
        interval = due_times.interval_words(monitor.interval_seconds)
        return cls(initial={"interval": interval, **{name: getattr(monitor, name) for name in names}})

    def refuse(self, sentence: str, fields: dict[str, list[str]]) -> None:
        """Show what the domain said beside its field."""
        known = [name for name in fields if name in self.fields]
        self.add_error(known[0] if known else None, sentence)


class MonitorForm(RhythmForm):
    """What, how often, and when."""

    target = forms.CharField(
        label=_("Profile or post"), max_length=2_000,
        help_text=_("@name, or the address of a profile or a post."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    field_order = ("target", "interval", "jitter_percent", "is_spread", "active_from", "active_until", "follows_posts")

    def clean_target(self) -> Target:
        """The profile or post."""
        try:
            return target_in(self.cleaned_data["target"])
        except InvalidTarget as refused:
            raise forms.ValidationError(str(refused)) from refused


class BulkForm(forms.Form):
    """What to do with those that are marked."""

    act = forms.ChoiceField(label=_("With those marked"), choices=ACTS)
    interval = IntervalField(
        label=_("New interval"), required=False, max_length=10,
        widget=forms.TextInput(attrs={"list": "intervals", "autocomplete": "off", "size": "6"}),
    )  # fmt: skip
    jitter_percent = forms.IntegerField(
        label=_("Jitter, percent of the interval"), required=False, min_value=0, max_value=50
    )
    active_from = forms.TimeField(
        label=_("Only from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    active_until = forms.TimeField(
        label=_("Only until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    around_the_clock = forms.BooleanField(label=_("Around the clock"), required=False)
    follows_posts = forms.TypedChoiceField(
        label=_("Posts of profiles"), required=False, empty_value=None, coerce=lambda text: text == "yes",
        choices=[("", _("As they are")), ("yes", _("Find and follow them")), ("no", _("Do not follow new ones"))],
    )  # fmt: skip

    def rhythm(self) -> dict[str, Any]:
        """What of the rhythm is to change, by the fields of :class:`monitoring.acts.Rhythm`."""
        data = self.cleaned_data
        changes = {
            field: data[name]
            for name, field in (("interval", "interval_seconds"), ("jitter_percent", "jitter_percent"))
            if data[name] is not None
        }
        if data["around_the_clock"]:
            changes |= {"opens": None, "closes": None}
        elif data["active_from"] is not None or data["active_until"] is not None:
            changes |= {"opens": data["active_from"], "closes": data["active_until"]}
        return changes


class NoteForm(forms.Form):
    """A note on a moment."""

    text = forms.CharField(label=_("Note"), max_length=300)
    at = forms.DateTimeField(
        label=_("When"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Left empty: now."), input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip

    def clean_at(self) -> datetime | None:
        """A moment that a history can reach."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not EARLIEST <= at <= LATEST:
            raise forms.ValidationError(now_("Give a time between the years 2000 and 2100."))
        return at


class ImportForm(forms.Form):
    """A file of monitors."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        help_text=_(
            "A column “target” (@name or address), and if wanted “interval”, “follow_posts”, “active_from” and"
            " “active_until”. At most 5,000 rows."
        ),
    )
