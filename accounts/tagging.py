"""Tags of tracked accounts: short words by which a workspace sorts them, set for many accounts at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import TrackedAccount, Workspace
from igsite.audit import record
from igsite.problems import Invalid
from igsite.text import clean_text

LONGEST: Final = 30
#: Tags of one account, and of a workspace as they are offered.
MOST_EACH: Final = 12
MOST_OFFERED: Final = 100
#: Accounts changed by one act.
MOST_AT_ONCE: Final = 200


class InvalidTag(Invalid):
    """No tag: empty, too long, or with a comma; or an account has too many. The sentence says which."""

    code = "invalid_tag"

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"tag": [message]})


def tag_in(text: str) -> str:
    """The tag that a person typed, white space folded. Raises :class:`InvalidTag`."""
    tag = " ".join(clean_text(text, limit=200).strip().removeprefix("#").split())
    if not tag or len(tag) > LONGEST or "," in tag:
        raise InvalidTag(_("A tag has 1 to %(most)s letters and no comma.") % {"most": LONGEST})
    return tag


def chosen(workspace: Workspace, ids: Iterable[UUID]) -> list[TrackedAccount]:
    """Those of the accounts that the workspace tracks, by name; at most :data:`MOST_AT_ONCE`."""
    mine = TrackedAccount.objects.for_workspace(workspace).filter(pk__in=list(ids)[:MOST_AT_ONCE])
    return list(mine.select_related("profile").order_by("username", "id"))


@transaction.atomic
def add(*, workspace: Workspace, ids: Iterable[UUID], tag: str, by: Any) -> int:
    """Tag these accounts; how many did not have the tag. Raises :class:`InvalidTag`, and then none is changed."""
    tag = tag_in(tag)
    accounts = TrackedAccount.objects.for_workspace(workspace).filter(pk__in=list(ids)[:MOST_AT_ONCE])
    changed = [one for one in accounts.select_for_update().order_by("pk") if tag not in one.tags]
    for account in changed:
        if len(account.tags) >= MOST_EACH:
            sentence = _("@%(name)s has %(most)s tags already. Nothing was changed.")
            raise InvalidTag(sentence % {"name": account.username, "most": MOST_EACH})
        account.tags = sorted([*account.tags, tag], key=lambda one: str(one).casefold())
    return _save(workspace, changed, "account.tagged", tag, by)


@transaction.atomic
def remove(*, workspace: Workspace, ids: Iterable[UUID], tag: str, by: Any) -> int:
    """Take the tag off these accounts; how many had it."""
    tag = tag_in(tag)
    accounts = TrackedAccount.objects.for_workspace(workspace).filter(
        pk__in=list(ids)[:MOST_AT_ONCE], tags__contains=[tag]
    )
    changed = list(accounts.select_for_update().order_by("pk"))
    for account in changed:
        account.tags = [one for one in account.tags if one != tag]
    return _save(workspace, changed, "account.untagged", tag, by)


def _save(workspace: Workspace, accounts: list[TrackedAccount], action: str, tag: str, by: Any) -> int:
    TrackedAccount.objects.bulk_update(accounts, ["tags"])
    if accounts:
        record(by, action, f"#{tag}", workspace=workspace, details={"accounts": len(accounts)})
    return len(accounts)


def tags_of(workspace: Workspace) -> list[str]:
    """The tags in use, by name, up to :data:`MOST_OFFERED`."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_USE, [workspace.pk, MOST_OFFERED])
        return [str(row[0]) for row in cursor.fetchall()]


_IN_USE: Final = (
    "select distinct on (lower(t), t) t from accounts_trackedaccount, unnest(tags) t where workspace_id = %s"
    " order by lower(t), t limit %s"
)
