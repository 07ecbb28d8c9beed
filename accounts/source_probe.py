"""The probe of a source that is in doubt: a canonical public account, at most three requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect, source_gateway, source_health
from accounts.gateway import errors
from accounts.gateway.results import Profile
from accounts.models import Circuit, InstagramLogin, Part, SourceAccess, SourceHealth
from accounts.paced_reads import PacedReads
from accounts.source_refusals import after_refusal
from accounts.vault import VaultError
from igsite.jobs.housekeeping import each_minute
from igsite.jobs.kinds import Done, Kind, Outcome, Wait, register
from igsite.jobs.run import Run

#: Refusals after which a probe is given up: it told nothing.
_TRIES: Final = 3
_CANNOT_BE_MADE: Final = gettext_lazy("The probe could not be made. It is tried again later.")


def probe(gateway: PacedReads, part: str, kept: dict[str, Any]) -> None:
    """Ask for the canonical account's part.

    Each answer is put into ``kept`` and not asked for again: the source pauses between two, and the probe goes on then.

    Raises:
        errors.ContractDrift: broken: what came cannot be understood, or there is a count and nobody.
        errors.GatewayError: anything else, which tells nothing of the source's health.
    """
    if "profile" not in kept:
        kept["profile"] = asdict(gateway.profile_by_username(settings.INSTAGRAM_CANONICAL_ACCOUNT))
    profile = Profile(**kept["profile"])
    if part in (Part.FOLLOWERS, Part.FOLLOWING):
        count = profile.followers_count if part == Part.FOLLOWERS else profile.following_count
        page = gateway.followers(profile.pk) if part == Part.FOLLOWERS else gateway.following(profile.pk)
        if count and not page.people:
            raise errors.ContractDrift(_("It gives a count, and nobody."))
    elif part in (Part.POSTS, Part.POST, Part.COMMENTS):
        if "posts" not in kept:
            kept["posts"] = [[post.pk, post.code] for post in source_gateway.posts_of(gateway, profile).posts[:1]]
        posts = kept["posts"]
        if profile.posts_count and not posts:
            raise errors.ContractDrift(_("It gives a count, and no posts."))
        for pk, code in posts:
            if part == Part.POST:
                gateway.post(code)
            if part == Part.COMMENTS:
                gateway.comments(pk)


def surely_there(gateway: PacedReads) -> None:
    """Ask for what surely exists, before "not found" is believed: the login's own account, or the canonical one."""
    if isinstance(gateway, connect.PacedGateway):
        gateway.probe_session()
    else:
        gateway.profile_by_username(settings.INSTAGRAM_CANONICAL_ACCOUNT)


@each_minute("sources.probe")
def probe_what_is_due(now: datetime) -> None:
    """Order the probes of what is broken."""
    source_health.look_at_due(now)


@register
class ProbeSource(Kind):
    """Looks whether a source that is in doubt works. One at a time for each part, for everybody."""

    name = source_health.PROBE
    label = gettext_lazy("Check a source")
    goes_between = True
    can_retry = False

    def step(self, run: Run) -> Outcome:
        """The probe, and what follows from it."""
        health = SourceHealth.objects.filter(pk=run.params["health"]).first()
        if health is None:
            return Done()
        opened = self._opened(run)
        if opened is None:
            return self._not_told(run, health)
        kept = run.cursor.get("kept", {})
        try:
            with opened() as gateway:
                probe(gateway, health.part, kept)
        except connect.MustWait as wait:
            with run.save(cursor=run.cursor | {"kept": kept}):
                pass
            return self._later(run, health, wait.until, wait.why)
        except (connect.NotReady, VaultError):
            return self._not_told(run, health)
        except errors.ContractDrift as drift:
            return self._met_the_same(run, health, drift)
        except errors.GatewayError as error:
            return self._refused(run, health, error)
        source_health.cleared(health.pk, now=run.now())
        return Done(_("It works."))

    def _met_the_same(self, run: Run, health: SourceHealth, drift: errors.ContractDrift) -> Outcome:
        """The login may be the odd one, by its app or place: one of another workspace, if ready, must meet it too."""
        if run.params["login"] and not run.params.get("is_second") and health.state != Circuit.BROKEN:
            second = source_health.login_elsewhere(run.job.workspace)
            if second is not None:
                source_health.order_second(health, second, now=run.now())
                return Done(_("It is looked at with another login, too."))
        source_health.broke(health.pk, str(drift), now=run.now())
        return Done(_("It is broken for everybody."))

    def _login(self, run: Run) -> InstagramLogin | None:
        wanted = run.params["login"]
        return InstagramLogin.objects.filter(pk=wanted).first() if wanted else None

    def _opened(self, run: Run) -> Callable[[], AbstractContextManager[PacedReads]] | None:
        login = self._login(run)
        if login is not None:
            return lambda: connect.gateway_for(login, clock=run.now, is_probe=True)
        access = SourceAccess.objects.filter(pk=run.params["access"]).first() if run.params["access"] else None
        asking = run.job.workspace
        if access is not None and asking is not None:
            return lambda: source_gateway.opened(access, asking, clock=run.now, is_probe=True)
        return None

    def _refused(self, run: Run, health: SourceHealth, error: errors.GatewayError) -> Outcome:
        """Too fast, no answer, a session that ended: none of it is the source's health."""
        tries = run.cursor.get("tries", 0) + 1
        with run.save(cursor=run.cursor | {"tries": tries}):
            pass
        login = self._login(run)
        access = SourceAccess.objects.filter(pk=run.params["access"]).first() if run.params["access"] else None
        verdict = None
        if login is not None:
            verdict = connect.after_error(login, error, now=run.now(), attempt=tries)
        elif access is not None:
            verdict = after_refusal(access, error, now=run.now(), attempt=tries)
        if tries < _TRIES and isinstance(verdict, Wait):
            return self._later(run, health, verdict.until, verdict.why)
        return self._not_told(run, health)

    def _later(self, run: Run, health: SourceHealth, until: datetime, why: str) -> Outcome:
        """A probe that has to wait for long is none: whoever waits for it goes on without."""
        if until - run.now() > timedelta(minutes=10):
            return self._not_told(run, health)
        return Wait(until, why)

    def _not_told(self, run: Run, health: SourceHealth) -> Outcome:
        source_health.not_told(health.pk, now=run.now())
        return Done(str(_CANNOT_BE_MADE))
