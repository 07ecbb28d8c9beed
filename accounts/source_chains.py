"""In which order sources are asked, for each purpose: of a workspace, and of single accounts where theirs differs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.gateway.abilities import SOURCES, Ability
from accounts.models import Purpose, SourceChain, SourceName, TrackedAccount, User, Workspace
from igsite.audit import record
from igsite.problems import Invalid

PURPOSES: Final = {
    Ability.PROFILE_BY_USERNAME: Purpose.PROFILE,
    Ability.PROFILE: Purpose.PROFILE,
    Ability.FOLLOWERS: Purpose.PEOPLE,
    Ability.FOLLOWING: Purpose.PEOPLE,
    Ability.POSTS: Purpose.POSTS,
    Ability.POST: Purpose.POSTS,
    Ability.COMMENTS: Purpose.COMMENTS,
}
#: Nothing is asked, and nobody is paid, that the workspace did not choose: its own login alone.
DEFAULT: Final = (SourceName.LOGIN,)
#: What is left for an account that no login is to read, where its chain names nobody else.
WITHOUT_LOGIN: Final = (SourceName.WEB,)


class ChainInvalid(Invalid):
    """These sources make no chain."""

    code = "invalid_chain"


def able(purpose: Purpose) -> tuple[SourceName, ...]:
    """The sources that can do anything of this purpose, in a fixed order."""
    wanted = [ability for ability, of in PURPOSES.items() if of == purpose]
    return tuple(name for name in SourceName if any(SOURCES[name].can(ability) for ability in wanted))


def chain_for(
    workspace: Workspace, purpose: Purpose, *, account: TrackedAccount | None = None
) -> tuple[SourceName, ...]:
    """The sources to be asked, the first one first; never empty. One query."""
    found = {
        row.account_id: tuple(SourceName(name) for name in row.sources)
        for row in SourceChain.objects.for_workspace(workspace).filter(purpose=purpose)
        if row.account_id in (None, account.pk if account else None)
    }
    chain = (found.get(account.pk) if account else None) or found.get(None) or DEFAULT
    if account is not None and not account.uses_login:
        chain = tuple(name for name in chain if name != SourceName.LOGIN) or WITHOUT_LOGIN
    return chain


def chains_of(workspace: Workspace, *, account: TrackedAccount | None = None) -> dict[Purpose, tuple[SourceName, ...]]:
    """The chains that were chosen: of the workspace, or of one account; a purpose without a choice is not in it."""
    rows = SourceChain.objects.for_workspace(workspace).filter(account=account)
    return {Purpose(row.purpose): tuple(SourceName(name) for name in row.sources) for row in rows}


def choose(
    *, workspace: Workspace, purpose: Purpose, sources: Sequence[str], by: User | None, now: datetime,
    account: TrackedAccount | None = None,
) -> None:  # fmt: skip
    """Set the chain of a purpose; of one account, an empty one means "as the workspace".

    Raises:
        ChainInvalid: a source that is unknown, named twice or cannot do it; no source at all for a workspace.
    """
    possible = able(purpose)
    if any(name not in possible for name in sources) or len(set(sources)) < len(sources):
        sentence = _("Choose from the sources that can do this, each of them once.")
        raise ChainInvalid(sentence, fields={"sources": [sentence]})
    if not sources and account is None:
        sentence = _("At least one source has to stay.")
        raise ChainInvalid(sentence, fields={"sources": [sentence]})
    with transaction.atomic():
        mine = SourceChain.objects.for_workspace(workspace).filter(account=account, purpose=purpose)
        if sources:
            SourceChain.objects.update_or_create(
                workspace=workspace, account=account, purpose=purpose,
                defaults={"sources": [str(name) for name in sources], "changed_at": now},
            )  # fmt: skip
        else:
            mine.delete()
        record(
            by, "sources.ordered", account or workspace, workspace=workspace, now=now,
            details={"purpose": purpose, "sources": [str(name) for name in sources]},
        )  # fmt: skip


def change(
    *, workspace: Workspace, purpose: str, source: str, act: str, by: User | None, now: datetime,
    account: TrackedAccount | None = None,
) -> None:  # fmt: skip
    """One step of a person at a chain: ``act`` is up, down, add, remove or reset (as the workspace has it)."""
    of = Purpose(purpose)
    where = {"workspace": workspace, "purpose": of, "by": by, "now": now, "account": account}
    if act == "reset":
        choose(**where, sources=() if account else DEFAULT)  # type: ignore[arg-type]
        return
    own = chains_of(workspace, account=account).get(of)
    chain = list(own or chains_of(workspace).get(of) or DEFAULT)
    if act in ("up", "down"):
        chain = _moved(chain, source, up=act == "up")
    elif act == "add":
        chain.append(source)  # type: ignore[arg-type]
    else:
        chain = [name for name in chain if name != source]
        if not chain:
            raise ChainInvalid(_("At least one source has to stay."))
    choose(**where, sources=chain)  # type: ignore[arg-type]


def _moved(chain: list[SourceName], source: str, *, up: bool) -> list[SourceName]:
    if source not in chain:
        raise ChainInvalid(_("This source is not in the chain."))
    at = chain.index(SourceName(source))
    to = max(0, at - 1) if up else min(len(chain) - 1, at + 1)
    chain[at], chain[to] = chain[to], chain[at]
    return chain


def use_login(*, account: TrackedAccount, uses_login: bool, by: User | None, now: datetime) -> None:
    """Whether a login may read this account, where its chain names one."""
    with transaction.atomic():
        TrackedAccount.objects.filter(pk=account.pk).update(uses_login=uses_login)
        account.uses_login = uses_login
        details = {"reads_by_login": uses_login}
        record(by, "sources.login_use", account, workspace=account.workspace, now=now, details=details)
