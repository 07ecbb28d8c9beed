"""Somebody who stages batches and has them worked off, and what the simulator saw of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from accounts import connect
from accounts.models import InstagramLogin, Profile
from automation import batches, staging
from automation.models import ActionKind, Batch, Item
from igsite.jobs.models import Job
from tests.accounts.instagram import Instagram
from tests.accounts.working_off import work_off


@dataclass
class Actor:
    """A person with a login."""

    instagram: Instagram
    login: InstagramLogin

    def truth(self, name: str, direction: str = "followers") -> list[int]:
        """Who is on a list now."""
        return list(self.instagram.simulator.control(f"truth?account={name}&direction={direction}")["pks"])

    def strangers(self, count: int, *, private: bool = False, skip: int = 0) -> list[int]:
        """People with whom the login has nothing to do, known to the site."""
        mine = {*self.truth(self.login.username), *self.truth(self.login.username, "following")}
        found: list[int] = []
        for pk in self.truth("gap.gallery")[skip:]:
            who = self.instagram.simulator.control(f"truth/person?account={pk}")
            if pk not in mine and who["exists"] and who["is_private"] is private:
                found.append(pk)
            if len(found) == count:
                break
        return self.known(found)

    def known(self, pks: list[int]) -> list[int]:
        """Profiles of them, nothing said about their being private."""
        Profile.objects.bulk_create([Profile(pk=pk, username=f"p{pk}") for pk in pks], ignore_conflicts=True)
        return pks

    def posts_of(self, name: str, count: int) -> list[int]:
        """Numbers of posts of somebody, the newest first."""
        with connect.gateway_for(self.login, clock=self.instagram.clock) as gateway:
            profile = gateway.profile_by_username(name)
            return [post.pk for post in gateway.posts(profile.pk).posts][:count]

    def discussed(self, name: str, more_than: int) -> int:
        """The number of a post of somebody under which there are more comments than so many."""
        with connect.gateway_for(self.login, clock=self.instagram.clock) as gateway:
            posts = gateway.posts(gateway.profile_by_username(name).pk).posts
        return next(post.pk for post in posts if (post.comment_count or 0) > more_than)

    def stage(self, pks: list[int], kind: ActionKind = ActionKind.FOLLOW, **more: Any) -> Batch:
        return staging.stage(
            workspace=self.instagram.workspace, login=self.login, kind=kind, pks=pks, by=self.instagram.person,
            now=self.instagram.clock(), **more,
        )  # fmt: skip

    def confirm(self, pks: list[int], kind: ActionKind = ActionKind.FOLLOW, **more: Any) -> tuple[Batch, Job]:
        batch = self.stage(pks, kind, **more)
        return batch, batches.confirm(batch=batch, by=self.instagram.person, now=self.instagram.clock())

    def work(self, batch: Batch, job: Job) -> Batch:
        """The job to its end, or until it is blocked."""
        work_off(job, self.instagram.clock)
        batch.refresh_from_db()
        return batch

    def posts(self) -> list[dict[str, Any]]:
        """Every request to change a friendship that reached the simulator, whatever it answered."""
        verbs = ("/friendships/create/", "/friendships/destroy/", "/friendships/remove_follower/")
        return [entry for entry in self.instagram.log("friendships/") if any(verb in entry["path"] for verb in verbs)]

    def on_posts(self) -> list[tuple[str, int]]:
        """Every request to like, take back or comment that reached the simulator: what, and the post."""
        paths = [entry["path"].strip("/").split("/") for entry in self.instagram.log("media/")]
        verbs = {"like", "unlike", "comment"}
        return [(parts[-1], int(parts[-2].split("_")[0])) for parts in paths if parts[-1] in verbs]

    def hits(self) -> Counter[int]:
        """How often each person was hit."""
        return Counter(int(entry["path"].rstrip("/").rsplit("/", 1)[-1]) for entry in self.posts())


def states(batch: Batch) -> list[str]:
    """Of the items, in order."""
    return [
        str(state) for state in Item.objects.filter(batch=batch).order_by("position").values_list("state", flat=True)
    ]
