"""The newest posts of an account, read within a login's budget, as targets of likes and comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect, identities
from accounts.gateway.errors import Gone, Private
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, Workspace
from automation import comment_texts, lookups, staging
from automation.models import ActionKind
from igsite import audit
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from igsite.problems import Problem

if TYPE_CHECKING:
    from accounts.models import User

POSTS: Final = "actions.posts"
#: So many of the newest posts of an account may be taken: those of one request.
NEWEST: Final = 12
#: Stands for the posts that are not read yet: no post has this number.
_TO_COME: Final = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is done to the newest posts of ``account``: ``text`` is written under each of them if it is a comment.

    ``posts`` were named beside them, with their own ``texts``.
    """

    kind: ActionKind
    account: str
    count: int
    text: str = ""
    posts: Sequence[int] = ()
    texts: Mapping[int, str] = field(default_factory=dict)


def order(*, workspace: Workspace, login: InstagramLogin, wanted: Wanted, by: User | None, now: datetime) -> Job:
    """Read the posts, in the lane of the login, then stage them.

    Raises:
        TextInvalid: a comment without words or with too many, or words for anything but a comment.
        NotLookedUp: the login is not one of the workspace's.
    """
    comment_texts.checked(wanted.kind, [_TO_COME, *wanted.posts], {_TO_COME: wanted.text, **wanted.texts})
    params = {
        "kind": str(wanted.kind), "account": wanted.account, "text": wanted.text,
        "count": min(max(wanted.count, 1), NEWEST), "posts": list(wanted.posts),
        "texts": [[pk, text] for pk, text in wanted.texts.items()],
    }  # fmt: skip
    with transaction.atomic():
        job = lookups.in_lane(POSTS, workspace, login, params, by, now, subject=wanted.account, total=2)
        audit.record(by, "posts.looked_up", login, workspace=workspace, now=now, details={"account": wanted.account})
    return job


@register
class LookUpPosts(Kind):
    """The profile, its first page of posts, the batch: one a step."""

    name = POSTS
    label = gettext_lazy("Read posts for actions")

    def step(self, run: Run) -> Outcome:
        """The next of the three."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).select_related("workspace").first()
        if "pk" not in run.cursor:
            return guarded(run, login, lambda login: _profile(run, login))
        if "posts" not in run.cursor:
            return guarded(run, login, lambda login: _posts(run, login))
        return guarded(run, login, lambda login: _staged(run, login))


def _profile(run: Run, login: InstagramLogin) -> Outcome:
    with connect.gateway_for(login, clock=run.now) as gateway:
        try:
            seen = gateway.profile_by_username(run.params["account"])
        except (Gone, Private):
            return Failed(_("This account does not exist, or cannot be looked at."), "gone")
    with run.save(cursor={"pk": seen.pk}) as progress:
        identities.remember(seen, now=run.now())
        progress.done = 1
    return Again()


def _posts(run: Run, login: InstagramLogin) -> Outcome:
    with connect.gateway_for(login, clock=run.now) as gateway:
        try:
            found = gateway.posts(run.cursor["pk"]).posts[: run.params["count"]]
        except (Gone, Private):
            return Failed(_("The posts of this account are not shown to your login."), "private")
    with run.save(cursor=run.cursor | {"posts": [post.pk for post in found]}) as progress:
        progress.done = 2
    return Again()


def _staged(run: Run, login: InstagramLogin) -> Outcome:
    """Stage once; the batch's number is kept with it, so that a step that is done again only says so."""
    if "batch" in run.cursor:
        return Done(_("The batch is ready for your review."), {"batch": run.cursor["batch"], "missing": []})
    own = {int(pk): str(text) for pk, text in run.params["texts"]}
    pks = list(dict.fromkeys([*run.params["posts"], *run.cursor["posts"]]))
    if not pks:
        return Failed(_("This account has no posts."), "no_posts")
    kind = ActionKind(run.params["kind"])
    texts = {pk: own.get(pk) or run.params["text"] for pk in pks} if kind == ActionKind.COMMENT else None
    cursor = dict(run.cursor)
    try:
        with run.save(cursor=cursor):
            cursor["batch"] = str(staging.stage(
                workspace=login.workspace, login=login, kind=kind, pks=pks, by=run.job.created_by, now=run.now(),
                reason=_("Newest posts of @%(account)s") % {"account": run.params["account"]}, texts=texts,
            ).pk)  # fmt: skip
    except Problem as refused:
        return Failed(str(refused), refused.error_code)
    return Again()
