"""The job of a search: posts of its accounts within the login's budget if they are wished for, then the lists."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import connect
from accounts.gateway.errors import ContractDrift, Gone, Private
from accounts.login_steps import guarded
from accounts.models import LoginStatus, TrackedAccount
from automation import discovery
from automation.models import Candidate, DiscoverySearch
from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run

_OF_THE_TARGET: Final = (Gone, Private, ContractDrift)


@register
class SearchPeople(Kind):
    """Gathers and ranks people to follow."""

    name = discovery.SEARCH
    label = gettext_lazy("Discover people")

    def step(self, run: Run) -> Outcome:
        """One read, or all that is stored."""
        rows = DiscoverySearch.objects.select_related("login", "workspace")
        row = rows.filter(pk=run.params["search"]).first()
        if row is None or row.login.status == LoginStatus.REMOVED:
            return Done(_("The search or its login was removed."))
        if run.params["phase"] == "posts" and not run.cursor.get("posts_read"):
            return _posts(run, row)
        with run.save():
            if row.found is None:
                discovery.gather_lists(row)
            discovery.finished(row, discovery.rank(row))
        count = Candidate.objects.filter(search=row).count()
        return Done(ngettext("%(count)d person found.", "%(count)d people found.", count) % {"count": count})


def _posts(run: Run, row: DiscoverySearch) -> Outcome:
    """The next read: posts of an account, then likers and comments of each."""
    accounts = discovery.accounts_of(row)
    stand: dict[str, Any] = {"account": 0, "todo": None} | run.cursor
    if stand["account"] >= len(accounts):
        with run.save(cursor=stand | {"posts_read": True}):
            pass
        return Again()
    return guarded(run, row.login, lambda _login: _next_read(run, row, accounts[stand["account"]], stand))


def _next_read(run: Run, row: DiscoverySearch, account: TrackedAccount, stand: dict[str, Any]) -> Outcome:
    try:
        with connect.gateway_for(row.login, clock=run.now) as gateway:
            _read(run, row, gateway, account, stand)
    except _OF_THE_TARGET:  # this account or post shows nothing: the others may
        _go_on(stand)
        with run.save(cursor=stand):
            pass
    return Again()


def _read(
    run: Run, row: DiscoverySearch, gateway: connect.PacedGateway, account: TrackedAccount, stand: dict[str, Any]
) -> None:
    if stand["todo"] is None:
        profile_id = account.profile_id or stand.get("pk")
        if profile_id is None:
            with run.save(cursor=stand | {"pk": gateway.profile_by_username(account.username).pk}):
                return
        posts = gateway.posts(profile_id).posts[: discovery.POSTS]
        stand["todo"] = [[how, post.pk] for post in posts for how in ("liked", "commented")]
        if not posts:
            _go_on(stand)
        with run.save(cursor=stand, done=run.job.done_units + 1):
            return
    how, post_pk = stand["todo"][0]
    people = gateway.likers(post_pk) if how == "liked" else [one.author for one in gateway.comments(post_pk).comments]
    _go_on(stand)
    with run.save(cursor=stand, done=run.job.done_units + 1):
        discovery.saw(row, people, how=how)


def _go_on(stand: dict[str, Any]) -> None:
    """Behind the present read."""
    stand["todo"] = (stand["todo"] or [])[1:] or None
    if stand["todo"] is None:
        stand["account"] += 1
        stand.pop("pk", None)
