"""Words of warning for the review: what is known of somebody that speaks against the action. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Profile
from automation import alternatives
from automation.models import ActionKind, Batch
from scans.models import Direction, EdgeList

#: So many followers make a large account, which seldom follows back and often reports strangers.
LARGE: Final = 50_000
#: Who follows so many people, and so many times more than follow them, follows everybody.
FOLLOWS_MANY: Final = 2_000
TIMES: Final = 5


def warnings(batch: Batch, profiles: Mapping[int, Profile]) -> dict[int, list[str]]:
    """What to think about for each of ``profiles`` (by number), before ``batch`` is confirmed. Two queries."""
    if batch.kind == ActionKind.FOLLOW:
        return {pk: _of_follow(one) for pk, one in profiles.items()}
    if batch.kind == ActionKind.UNFOLLOW:
        followers = _on_own_list(batch, Direction.FOLLOWERS, list(profiles))
        return {pk: _of_unfollow(one, is_follower=pk in followers) for pk, one in profiles.items()}
    if batch.kind == ActionKind.REMOVE:
        followed = _on_own_list(batch, Direction.FOLLOWING, list(profiles))
        return {pk: [_("You follow them")] if pk in followed else [] for pk in profiles}
    return {}


def _of_follow(one: Profile) -> list[str]:
    found = []
    if one.is_private:
        found.append(_("Private: they get a request"))
    if (one.followers_count or 0) >= LARGE:
        found.append(_("Large account: seldom follows back"))
    if (one.following_count or 0) >= FOLLOWS_MANY and (one.following_count or 0) >= TIMES * (one.followers_count or 0):
        found.append(_("Follows very many: may be a bot"))
    if one.posts_count == 0 and not one.picture_path:
        found.append(_("No posts and no picture: may be a new or an empty account"))
    if one.details_at is None and one.is_private is None:
        found.append(_("Never looked at: little is known"))
    return found


def _of_unfollow(one: Profile, *, is_follower: bool) -> list[str]:
    found = []
    if is_follower:
        found.append(_("Follows you: may unfollow in turn"))
    if one.is_private:
        found.append(_("Private: to follow again you would have to ask"))
    if one.is_verified:
        found.append(_("Verified account"))
    return found


def by_another_account(batch: Batch, pks: Sequence[int]) -> dict[int, str]:
    """Why those of ``pks`` were left out of whom another account is known: a sentence each. Constant in queries."""
    ties = alternatives.acquainted(batch, pks) if pks else {}
    names = dict(Profile.objects.filter(pk__in={pk for pk, _side in ties.values()}).values_list("pk", "username"))
    return {pk: _tie(names.get(other, str(other)), side) for pk, (other, side) in ties.items()}


def _tie(name: str, side: Direction) -> str:
    if side == Direction.FOLLOWING:
        return _("You follow their other account, @%(name)s") % {"name": name}
    return _("Their other account, @%(name)s, follows you") % {"name": name}


def _on_own_list(batch: Batch, direction: Direction, pks: Sequence[int]) -> set[int]:
    """Who of them is on the login's own list, as far as it was read."""
    me = batch.login.profile_id
    if me is None or not pks:
        return set()
    own = EdgeList.objects.for_workspace(batch.workspace_id).filter(account__profile_id=me, direction=direction)
    lists = list(own.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id from edge_current where list_id = any(%s) and profile_id = any(%s)", [lists, list(pks)]
        )
        return {pk for (pk,) in cursor.fetchall()}
