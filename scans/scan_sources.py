"""Which source reads a scan: chosen once, from the chain of its account, and kept from the first page to the last.

A cursor belongs to its source, and so does a gap: what one source does not show, another may. Therefore a list is read
to its end by the source that began it, and only readings of the same kind of source are compared for losses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from accounts import connect, sources
from accounts.gateway.abilities import SOURCES, Ability
from accounts.models import InstagramLogin, SourceName, TrackedAccount
from accounts.source_runs import Task
from igsite.problems import Invalid
from scans.models import Direction, Scan, ScanMode, Source
from scans.scan_stand import Stand

_BY_NAME: Final = {SourceName.LOGIN: Source.LOGIN, SourceName.WEB: Source.WEB, SourceName.APIFY: Source.APIFY}
#: A paid list may bring so many more people than were counted, or a twentieth more, before it is stopped.
_SPARE: Final = 100
_NAMES: Final = {source: name for name, source in _BY_NAME.items()}
#: Sources whose lists are the same list: the app's and the one that Instagram hands out.
_ALIKE: Final = (frozenset({Source.LOGIN, Source.EXPORT}),)


class NoLogin(Invalid):
    """No source of the workspace can read; the message says what to do."""

    code = "no_login"


def choose(
    account: TrackedAccount, directions: Sequence[Direction], *, login: InstagramLogin | None, mode: ScanMode,
    now: datetime, without: Sequence[SourceName] = (),
) -> sources.Reader:  # fmt: skip
    """Who reads: the login that a person chose, else the first of the account's chain that can.

    Raises:
        NoLogin: nobody can before a person did something, or the login is another workspace's.
    """
    if login is not None:
        if login.workspace_id != account.workspace_id:
            raise NoLogin("This login is not there.", fields={"login": ["This login is not there."]})
        return sources.Reader(SourceName.LOGIN, account.workspace, login=login)
    unfit = [name for name in SourceName if mode == ScanMode.NEWEST and not SOURCES[name].newest_first]
    try:
        return sources.reader(
            account.workspace, ability_of(directions[0]), account=account, now=now, without=[*without, *unfit]
        )
    except sources.NoAnswer as refusal:
        raise NoLogin(refusal.why, fields={"login": [refusal.why]}) from refusal


def ability_of(direction: Direction) -> Ability:
    """What is asked of the source for this list."""
    return Ability.FOLLOWERS if direction == Direction.FOLLOWERS else Ability.FOLLOWING


def kind_of(reader: sources.Reader) -> Source:
    """The reader's source as scans name it."""
    return _BY_NAME[reader.source]


def name_of(source: str) -> SourceName | None:
    """The source's name among those of chains; None for an import."""
    return _NAMES.get(Source(source))


def reader_of(scan: Scan) -> sources.Reader:
    """The reader that the scan stays with. Raises ``connect.NotReady``: its login or key was removed."""
    name = name_of(scan.source)
    if name is None or (name == SourceName.LOGIN and scan.login is None):
        raise connect.NotReady("The login of this scan was removed.", "")
    if name == SourceName.LOGIN:
        return sources.Reader(name, scan.workspace, login=scan.login)
    return sources.reader_of(scan.workspace, name)


def task_of(stand: Stand) -> Task:
    """What paid runs are ordered for: this phase of this list of this scan, bounded by the profile's count."""
    count = stand.current.count_before
    most = None if count is None else count + max(_SPARE, count // 20)
    return Task(f"scan-{stand.scan.pk}-{stand.list_no}-{stand.phase}", stand.scan.account.username, most)


def are_alike(one: str, other: str) -> bool:
    """Whether absences between a reading of ``one`` and one of ``other`` mean something."""
    return one == other or any(one in alike and other in alike for alike in _ALIKE)
