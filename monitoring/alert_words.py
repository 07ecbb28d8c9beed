"""What an alert says, in the reader's language: a key and arguments are stored, never a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Part, SourceName
from igsite.figures import MINUS

if TYPE_CHECKING:
    from monitoring.models import Alert

#: The names of the counts that rules are about.
METRICS: Final = {
    "followers": _("Followers"), "following": _("Following"), "posts": _("Posts"),
    "likes": _("Likes"), "comments": _("Comments"), "plays": _("Plays"),
}  # fmt: skip
#: The facts that a rule can look at.
FACTS: Final = {
    "username": _("User name"), "name": _("Name"), "bio": _("Bio"), "link": _("Link"), "picture": _("Picture"),
    "is_private": _("Private or public"), "is_verified": _("Verification"), "caption": _("Caption of a post"),
}  # fmt: skip

MESSAGES: Final = {
    "threshold.above": _("%(about)s, %(metric)s: %(value)s, above the limit of %(limit)s."),
    "threshold.below": _("%(about)s, %(metric)s: %(value)s, below the limit of %(limit)s."),
    "threshold.ended": _("%(about)s, %(metric)s: %(value)s, back within the limit of %(limit)s."),
    "change.up": _(
        "%(about)s, %(metric)s: up by %(value)s %% in %(hours)s h, from %(old)s to %(new)s."
        " The limit is %(limit)s %%."
    ),
    "change.down": _(
        "%(about)s, %(metric)s: down by %(value)s %% in %(hours)s h, from %(old)s to %(new)s."
        " The limit is %(limit)s %%."
    ),
    "change.ended": _("%(about)s, %(metric)s: the change in %(hours)s h is back within %(limit)s %%."),
    "anomaly.high": _("%(about)s, %(metric)s: %(value)s in a day, more than usual (%(low)s to %(high)s). %(reason)s"),
    "anomaly.low": _("%(about)s, %(metric)s: %(value)s in a day, less than usual (%(low)s to %(high)s). %(reason)s"),
    "anomaly.ended": _("%(about)s, %(metric)s: %(value)s in a day, usual again (%(low)s to %(high)s)."),
    "post_band.high": _(
        "A post of %(about)s has %(value)s likes and comments after %(hours)s h, more than usual (%(low)s to %(high)s)."
        " %(reason)s"
    ),
    "post_band.low": _(
        "A post of %(about)s has %(value)s likes and comments after %(hours)s h, less than usual (%(low)s to %(high)s)."
        " %(reason)s"
    ),
    "new_post": _("%(about)s published a new post."),
    "fact.changed": _("%(about)s changed: %(fact)s. Before: %(old)s. Now: %(new)s."),
    "fact.picture": _("%(about)s has another picture."),
    "fact.private": _("%(about)s became private."),
    "fact.public": _("%(about)s became public."),
    "fact.verified": _("%(about)s became verified."),
    "fact.unverified": _("%(about)s lost the verification."),
    "losses.followers": _("%(about)s lost followers, confirmed by a second look: %(value)s."),
    "losses.following": _("%(about)s no longer follows, confirmed by a second look: %(value)s people."),
    "person_lost.followers": _("%(person)s no longer follows %(about)s. That is confirmed."),
    "person_lost.following": _("%(about)s no longer follows %(person)s. That is confirmed."),
    "target.fired": _("%(about)s cannot be measured: %(why)s"),
    "target.ended": _("%(about)s is measured again."),
    "login.needs_code": _("The login %(about)s needs a code from you."),
    "login.needs_approval": _("The login %(about)s needs your approval in the Instagram app."),
    "login.needs_login": _("The login %(about)s was signed out and needs a new sign-in."),
    "login.frozen": _("Instagram blocked actions of the login %(about)s. It is frozen until you resume it."),
    "login.ended": _("The login %(about)s works again."),
    "source.fired": _("%(about)s is broken for everybody. Work that needs it waits, nothing is lost."),
    "source.ended": _("%(about)s works again."),
    "scan.quarantined": _("A scan of %(about)s looks wrong and was quarantined: nobody counts as lost by it."),
    "scan.failed": _("A scan of %(about)s failed: %(why)s"),
    "scan.ended": _("Scans of %(about)s are complete again."),
}  # fmt: skip

#: Why a band is where it is, by the key ``reason`` of the arguments.
REASONS: Final = {
    "same_weekday": _("Compared with %(samples)s days up to the same weekday and hour."),
    "all_days": _("Compared with the last %(samples)s days."),
    "posts": _("Compared with %(samples)s posts of the account at that age."),
}  # fmt: skip


def say(alert: Alert) -> str:
    """The alert in a sentence, in the language that is active; its kind, where this version does not know the words."""
    text = MESSAGES.get(alert.message)
    if text is None:
        return f"{alert.about}: {alert.get_kind_display()}"
    numbers = {"value": _number(alert.value), "limit": _number(alert.limit)}
    return str(text) % _Filled({"about": alert.about} | numbers | _words(alert.arguments))


class _Filled(dict[str, Any]):
    """What is missing stays empty: an old row must not break the page."""

    def __missing__(self, key: str) -> str:
        return ""


def _words(arguments: dict[str, Any]) -> dict[str, Any]:
    filled = {name: _number(value) if isinstance(value, int | float) else value for name, value in arguments.items()}
    for name, known in (("metric", METRICS), ("fact", FACTS)):
        if name in arguments:
            filled[name] = known.get(arguments[name], arguments[name])
    if "source" in arguments:
        filled["about"] = _source(str(arguments["source"]), str(arguments.get("part", "")))
    if "reason" in arguments:
        filled["reason"] = str(REASONS.get(arguments["reason"], "")) % _Filled(filled)
    return filled


def _source(source: str, part: str) -> str:
    """A part of a source as people call it."""
    name = str(SourceName(source).label) if source in SourceName.values else source
    return f"{name} ({Part(part).label})" if part in Part.values else name


def _number(value: float | None) -> str:
    if value is None:
        return ""
    places = 0 if float(value).is_integer() or abs(value) >= 100 else 1
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True).replace("-", MINUS)
