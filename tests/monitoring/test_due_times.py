"""When monitors are due: the grid, places of their own, jitter, active hours, nights of summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.due_times import NAMED, Pattern, first_anchor, interval_words, seconds_of

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
moments = st.integers(1_577_836_800, 2_051_222_400).map(lambda at: datetime.fromtimestamp(at, UTC))
seconds = st.integers(30, 30 * 86_400)


@given(moments, moments, seconds, st.integers(0, 50))
def test_the_next_due_time_lies_ahead_within_one_interval_and_its_jitter(
    anchor: datetime, now: datetime, every: int, jitter: int
) -> None:
    pattern = Pattern("one", anchor, timedelta(seconds=every), jitter)
    due = pattern.after(now)
    assert now < due <= now + timedelta(seconds=every) * (1 + jitter / 100)
    assert not pattern.is_out_of_reach(due, now)


@given(moments, seconds, st.floats(0, 0.4))
def test_lateness_does_not_add_up(now: datetime, every: int, late: float) -> None:
    pattern = Pattern("one", now, timedelta(seconds=every))
    due = pattern.after(now)
    for _time in range(5):
        following = pattern.after(due + late * timedelta(seconds=every))
        assert following - due == timedelta(seconds=every)
        due = following


@given(moments, seconds, st.times(), st.times(), st.sampled_from(ZONES))
def test_with_active_hours_every_due_time_lies_within_them(
    now: datetime, every: int, opens: time, closes: time, zone: str
) -> None:
    opens, closes = opens.replace(second=0, microsecond=0), closes.replace(second=0, microsecond=0)
    width = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    if width % 1_440 < 120:
        return  # windows shorter than what summer time takes away
    pattern = Pattern("one", now, timedelta(seconds=every), zone=zone, opens=opens, closes=closes)
    due = pattern.after(now)
    assert now < due
    assert not pattern.is_out_of_reach(due, now)
    clock = due.astimezone(ZoneInfo(zone)).time()
    # In the night that skips an hour, what opens within the gap opens behind it.
    inside = opens <= clock < closes if opens < closes else clock >= opens or clock < closes
    assert inside or abs((due.astimezone(ZoneInfo(zone)).utcoffset() or HOUR) - _offset(due - DAY, zone)) > timedelta(0)


def _offset(at: datetime, zone: str) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 10, 23), date(2026, 3, 6), date(2026, 10, 30)])
def test_a_daily_monitor_with_active_hours_is_due_once_a_date_through_summer_time(zone: str, first: date) -> None:
    pattern = Pattern("one", START, DAY, zone=zone, opens=time(1, 30), closes=time(5))
    now = datetime.combine(first, time(12), tzinfo=UTC)
    dates = []
    for _time in range(5):
        now = pattern.after(now)
        dates.append(now.astimezone(ZoneInfo(zone)).date())
    assert dates == [dates[0] + days * DAY for days in range(5)]


def test_an_interval_of_hours_is_not_touched_by_summer_time() -> None:
    pattern = Pattern("one", START, HOUR, zone="Europe/Berlin")
    now, dues = datetime(2026, 3, 28, 20, 30, tzinfo=UTC), []
    for _time in range(12):
        now = pattern.after(now)
        dues.append(now)
    assert {later - earlier for earlier, later in pairwise(dues)} == {HOUR}


def test_jitter_is_the_monitors_own_and_the_same_each_time() -> None:
    dues = [Pattern(str(key), START, HOUR, 50).after(START) for key in range(100)]
    assert dues == [Pattern(str(key), START, HOUR, 50).after(START) for key in range(100)]
    assert len(set(dues)) == 100


def test_monitors_made_together_are_spread_over_the_interval() -> None:
    anchors = [first_anchor(str(key), HOUR, START, is_spread=True) for key in range(1_000)]
    dues = [Pattern(str(key), anchor, HOUR).after(START) for key, anchor in enumerate(anchors)]
    tenths = [sum(1 for due in dues if (due - START) // (HOUR / 10) == tenth) for tenth in range(10)]
    assert min(tenths) > 60
    assert first_anchor("one", HOUR, START, is_spread=False) == START


@pytest.mark.parametrize(("text", "wanted"), [*NAMED.items(), ("45 s", 45), ("2w", 1_209_600), ("90m", 5_400)])
def test_intervals_are_read_as_people_write_them(text: str, wanted: int) -> None:
    assert seconds_of(text) == wanted


@pytest.mark.parametrize("text", ["", "h", "1", "-1h", "1.5h", "1y", "99999999s", "١h", "1h1m"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize("name", NAMED)
def test_named_intervals_are_written_by_their_names(name: str) -> None:
    assert interval_words(NAMED[name]) == name
