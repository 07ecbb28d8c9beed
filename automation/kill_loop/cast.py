"""Who acts in a kill loop: three logins of the simulator, one of them with a budget smaller than its work."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from accounts import connect, logins
from accounts.models import InstagramLogin, LoginStatus, Profile, User, Workspace
from automation import batches, staging, write_budgets
from automation.models import ON_POSTS, ActionKind, Batch, WritePace
from automation.models import paces as ceilings
from igsite.secrets import Secret

PATIENCE: Final = 120.0
#: People whose followers are strangers to every login.
STRANGERS_OF: Final = ("gap.gallery", "aurora.studio", "northwind_run")
#: Somebody with many posts.
POSTS_OF: Final = "aurora.studio"
#: As much as a login may do at all.
CEILINGS: Final = {
    "per_hour": ceilings.PER_HOUR_CEILING, "per_day": ceilings.PER_DAY_CEILING,
    "likes_per_hour": ceilings.LIKES_PER_HOUR_CEILING, "likes_per_day": ceilings.LIKES_PER_DAY_CEILING,
    "comments_per_hour": ceilings.COMMENTS_PER_HOUR_CEILING, "comments_per_day": ceilings.COMMENTS_PER_DAY_CEILING,
}  # fmt: skip


class Stuck(RuntimeError):
    """Something that had to happen did not."""


@dataclass
class Control:
    """The simulator's own door."""

    url: str

    def ask(self, path: str, body: object = None) -> Any:
        """A POST if there is a body, else a GET."""
        request = urllib.request.Request(  # noqa: S310 - the loop's own simulator on this machine
            f"{self.url}/_control/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def truth(self, account: str, direction: str, limit: int) -> list[int]:
        """Who is on a list."""
        return list(self.ask(f"truth?account={account}&direction={direction}&limit={limit}")["pks"])


def patiently(ask: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Until ``ask`` says something true. The database may be away meanwhile. Raises :class:`Stuck`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = ask()
        except OperationalError:
            found = None
            connection.close()
        if found:
            return found
        time.sleep(0.2)
    raise Stuck(f"Waited {seconds:.0f} s in vain for: {what}")


def enter(control: Control) -> tuple[Workspace, list[InstagramLogin]]:
    """A workspace with three logins that are signed in by the site's own workers; the last is new: it warms up."""
    person = User.objects.create_user("chaos@example.org")
    workspace = Workspace.objects.create(name="Kill loop")
    cast = {entry["username"]: entry for entry in control.ask("cast")["logins"]}
    about: dict[str, Any] = {"workspace": workspace, "by": person}
    second = cast["demo_2fa"]
    found = [
        logins.add_by_password(
            username="demo_creator", password=Secret(cast["demo_creator"]["password"]), is_warm=True,
            now=timezone.now(), **about,
        ),
        logins.add_by_password(
            username="demo_2fa", password=Secret(second["password"]), totp_seed=Secret(second["totp_seed"]),
            is_warm=True, now=timezone.now(), **about,
        ),
        logins.add_by_sessionid(
            username="demo_session", sessionid=Secret(cast["demo_session"]["sessionid"]), now=timezone.now(), **about,
        ),
    ]  # fmt: skip
    for login in found:
        patiently(partial(_is_ready, login), f"@{login.username} is signed in")
    return workspace, found


def _is_ready(login: InstagramLogin) -> bool:
    login.refresh_from_db()
    return login.status == LoginStatus.READY


def give_work(
    control: Control, workspace: Workspace, cast: list[InstagramLogin], *, items: int, tight: int
) -> list[Batch]:
    """Batches of follows, removals, likes and comments, confirmed; nobody and no post is in two of a kind.

    Half of ``items`` are people, the other half posts. The last login may do ``tight`` an hour of a kind only; where
    that is one, it has one post to like and one to comment on: a short loop has no time for more.
    """
    posts = newest_posts(cast[0], POSTS_OF, items)
    made = []
    for login, account in zip(cast, STRANGERS_OF, strict=True):
        is_last = login == cast[-1]
        figures = dict.fromkeys(("per_hour", "likes_per_hour", "comments_per_hour"), tight) if is_last else CEILINGS
        pace = WritePace.objects.create(login=login, **figures)
        allowed = write_budgets.limits(login, pace, timezone.now())
        count = allowed[0] * 3 // 2 + 1 if is_last and allowed else max(2, items // 2)
        mine = {*control.truth(login.username, "followers", 5000), *control.truth(login.username, "following", 5000)}
        strangers = [pk for pk in control.truth(account, "followers", items * 3 + 50) if pk not in mine]
        followers = control.truth(login.username, "followers", items)
        for kind, pks in {
            ActionKind.FOLLOW: strangers[: count * 2 // 3],
            ActionKind.REMOVE: followers[: count - count * 2 // 3],
            ActionKind.LIKE: posts[: 1 if is_last and tight == 1 else count - count // 3],
            ActionKind.COMMENT: posts[: 1 if is_last and tight == 1 else count // 3 + 1],
        }.items():
            made.append(_confirmed(workspace, login, kind, pks))
    return made


def newest_posts(login: InstagramLogin, account: str, most: int) -> list[int]:
    """Numbers of posts of ``account``, read by ``login`` within its pace."""
    pk, cursor, found = 0, None, list[int]()
    while len(found) < most:
        try:
            with connect.gateway_for(login, clock=timezone.now) as gateway:
                if not pk:
                    pk = gateway.profile_by_username(account).pk
                    continue
                page = gateway.posts(pk, cursor)
        except connect.MustWait:
            time.sleep(0.2)
            continue
        found += [post.pk for post in page.posts]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found[:most]


@transaction.atomic
def _confirmed(workspace: Workspace, login: InstagramLogin, kind: ActionKind, pks: list[int]) -> Batch:
    if kind not in ON_POSTS:
        Profile.objects.bulk_create([Profile(pk=pk, username=f"p{pk}") for pk in pks], ignore_conflicts=True)
    now = timezone.now()
    texts = dict.fromkeys(pks, f"Well done, {login.username}!") if kind == ActionKind.COMMENT else None
    batch = staging.stage(
        workspace=workspace, login=login, kind=kind, pks=pks, by=None, now=now, reason="kill loop", texts=texts
    )
    batches.confirm(batch=batch, by=None, now=now)
    return batch
