"""The form of a rule: only the fields that its kind needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.alert_rules import EVERYWHERE, FIELDS, WINDOW_LONGEST, Draft
from monitoring.alert_words import FACTS, METRICS
from monitoring.measurement_rows import PROFILE_COUNTS
from monitoring.models import AlertKind, AlertRule, RuleScope, RuleSide, Severity

LIMITS = {
    AlertKind.THRESHOLD: _("Limit"),
    AlertKind.CHANGE: _("Limit, per cent"),
    AlertKind.LOSSES: _("More than so many people"),
}


class RuleForm(forms.Form):
    """A rule of one kind."""

    about = forms.CharField(
        label=_("Concerns"), required=False, max_length=200,
        help_text=_("@name of an account or monitor, or #tag. Left empty: everything in the workspace."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    metric = forms.ChoiceField(label=_("Count"), choices=list(METRICS.items()))
    side = forms.ChoiceField(label=_("Fires"), choices=RuleSide.choices)
    limit = forms.FloatField(label=_("Limit"), min_value=0, max_value=2**53)
    window_hours = forms.IntegerField(label=_("Within hours"), min_value=1, max_value=WINDOW_LONGEST, initial=24)
    facts = forms.MultipleChoiceField(
        label=_("What changed"), choices=list(FACTS.items()), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )  # fmt: skip
    person = forms.CharField(
        label=_("Person"), max_length=200, help_text=_("@name of somebody on a list that was scanned here.")
    )
    severity = forms.ChoiceField(label=_("How much it matters"), choices=Severity.choices, initial=Severity.WARNING)

    def __init__(self, kind: AlertKind, *args: Any, is_built_in: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = kind
        keep = {"severity", *FIELDS[kind]}
        if kind not in EVERYWHERE and not is_built_in:
            keep.add("about")
        for name in set(self.fields) - keep:
            del self.fields[name]
        if kind in LIMITS and "limit" in self.fields:
            self.fields["limit"].label = LIMITS[kind]
        self._narrow()

    def _narrow(self) -> None:
        """Offer only what the kind can use."""
        if self.kind == AlertKind.ANOMALY:
            self._choices("metric", [(name, METRICS[name]) for name in PROFILE_COUNTS])
        if self.kind == AlertKind.THRESHOLD:
            self._choices("side", [one for one in RuleSide.choices if one[0] != RuleSide.EITHER])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices

    def draft(self) -> Draft:
        """What was asked for."""
        data = self.cleaned_data
        given = {name: data[name] for name in data if data[name] not in (None, "")}
        return Draft(kind=self.kind, **given)

    @classmethod
    def of(cls, rule: AlertRule, data: Any = None) -> RuleForm:
        """As the rule stands."""
        names = ("metric", "side", "limit", "window_hours", "facts", "severity")
        about = {RuleScope.TAG: f"#{rule.tag}", RuleScope.ALL: ""}.get(
            RuleScope(rule.scope), str(rule.monitor or rule.account or "")
        )
        initial = {"about": about, "person": rule.person_name, **{name: getattr(rule, name) for name in names}}
        return cls(AlertKind(rule.kind), data, initial=initial, is_built_in=rule.is_built_in)

    def refuse(self, sentence: str, fields: dict[str, list[str]]) -> None:
        """Show what the domain said beside its field."""
        known = [name for name in fields if name in self.fields]
        self.add_error(known[0] if known else None, sentence)
