"""A look is one request a step: a login pauses between two, and what was read is kept until it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.gateway.results import Friendship
from automation.looking import LASTS, Look
from automation.readings import PostSeen, Seen, proves_absence
from igsite.jobs.runner import ManualClock


def test_a_look_that_was_kept_goes_on_where_it_stood_while_it_is_young(clock: ManualClock) -> None:
    look = Look("before-7", clock(), has_post=True, owner_pk=5, taken_at=clock(), pages=2, cursor="abc")
    later = clock() + LASTS
    assert Look.going_on(look.as_kept(), "before-7", later) == look
    assert Look.going_on(look.as_kept(), "after-7", later) == Look("after-7", later)
    late = later + timedelta(seconds=1)
    assert Look.going_on(look.as_kept(), "before-7", late) == Look("before-7", late)
    assert Look.going_on({}, "before-7", late) == Look("before-7", late)


@pytest.mark.parametrize(
    ("kind", "seen", "proved"),
    [
        ("comment", PostSeen(is_commented=False), True), ("comment", PostSeen(), False),
        ("like", PostSeen(is_liked=False), True), ("like", PostSeen(), False),
        ("unlike", PostSeen(is_liked=True), True), ("unlike", PostSeen(), False),
        ("follow", Friendship(pk=5, following=False), True),
    ],
)  # fmt: skip
def test_only_what_is_shown_proves_that_nothing_was_done(kind: str, seen: Seen, proved: bool) -> None:
    assert proves_absence(kind, seen) is proved
