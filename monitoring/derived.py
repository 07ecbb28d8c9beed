"""Figures worked out of the counts. Pure: numbers in, numbers out; None where there is too little to say.

The definitions are the usual ones of the trade; each docstring has its formula.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final
from zoneinfo import ZoneInfo

#: The newest posts that an account's engagement is the mean of.
POSTS_FOR_RATE: Final = 12
#: An hour of the day is told only if so many posts were made in it.
POSTS_PER_HOUR: Final = 2
BEST_HOURS: Final = 3
#: A post's counts say something about it only after its first day.
RIPE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PostCounts:
    """A post with what is known of it."""

    posted_at: datetime
    likes: int | None
    comments: int | None


@dataclass(frozen=True, slots=True)
class HourShare:
    """An hour of the day (0 to 23, local) with the mean engagement of the posts made in it, in percent."""

    hour: int
    rate: float
    posts: int


def per_day(old: int | None, old_at: datetime | None, new: int | None, new_at: datetime | None) -> float | None:
    """Growth a day: (new − old) ÷ days between. Under an hour between them says nothing."""
    if old is None or new is None or old_at is None or new_at is None:
        return None
    days = (new_at - old_at).total_seconds() / 86_400
    return (new - old) / days if days >= 1 / 24 else None


def follower_ratio(followers: int | None, following: int | None) -> float | None:
    """Followers ÷ following; None for somebody who follows nobody."""
    return followers / following if followers is not None and following else None


def engagement(likes: int | None, comments: int | None, followers: int | None) -> float | None:
    """(likes + comments) ÷ followers, in percent. Hidden likes are unknown, not zero: then there is none."""
    if likes is None or not followers:
        return None
    return 100 * (likes + (comments or 0)) / followers


def account_engagement(posts: Sequence[PostCounts], followers: int | None, now: datetime) -> float | None:
    """The mean engagement of the newest posts that are a day old, twelve at most."""
    ripe = sorted((post for post in posts if now - post.posted_at >= RIPE), key=lambda post: post.posted_at)
    rates = [engagement(post.likes, post.comments, followers) for post in ripe[-POSTS_FOR_RATE:]]
    known = [rate for rate in rates if rate is not None]
    return fmean(known) if known else None


def posts_per_week(times: Iterable[datetime], now: datetime, span: timedelta = timedelta(days=28)) -> float | None:
    """Posts of the last four weeks ÷ weeks; None where none was ever seen."""
    known = list(times)
    if not known:
        return None
    return sum(1 for at in known if now - span <= at <= now) / (span / timedelta(weeks=1))


def best_hours(posts: Iterable[PostCounts], followers: int | None, zone: ZoneInfo, now: datetime) -> list[HourShare]:
    """The hours of the day whose posts engaged most on average: three at most, of those with two ripe posts or more."""
    by_hour: dict[int, list[float]] = defaultdict(list)
    for post in posts:
        rate = engagement(post.likes, post.comments, followers)
        if rate is not None and now - post.posted_at >= RIPE:
            by_hour[post.posted_at.astimezone(zone).hour].append(rate)
    shares = [
        HourShare(hour, fmean(rates), len(rates)) for hour, rates in by_hour.items() if len(rates) >= POSTS_PER_HOUR
    ]
    return sorted(shares, key=lambda share: (-share.rate, share.hour))[:BEST_HOURS]
