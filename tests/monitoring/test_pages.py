"""The pages of monitoring: the list, a new monitor, one with its history, many at once, a file, a comparison."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus
from igsite.jobs.models import Job
from monitoring import measurement_rows, measuring_orders
from monitoring.measurement_rows import Row
from monitoring.models import FactChange, Gap, Monitor, MonitorKind, MonitorState, Note
from tests.people import Cast

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def made(cast: Cast, name: str = "aurora.studio", *, days: int = 0, **more: Any) -> Monitor:
    """A monitored profile, with a row a day."""
    now = timezone.now()
    values: dict[str, Any] = {"interval_seconds": 3_600, "anchor_at": now, "due_at": now + HOUR, "created_at": now}
    monitor = Monitor.objects.create(
        workspace=cast.workspace, kind=MonitorKind.PROFILE, username=name, **values | more
    )  # fmt: skip
    rows = [
        Row(now - (days - day) * DAY, {"followers": 1_000 + 10 * day, "following": 500, "posts": 7})
        for day in range(days)
    ]
    if rows:
        measurement_rows.add(monitor.pk, rows)
        monitor.latest, monitor.checked_at = dict(rows[-1].counts), now
        monitor.row_at = rows[-1].at
        monitor.save()
    return monitor


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_list_says_what_to_do(editor: Client) -> None:
    answer = editor.get("/monitoring/")
    assert "Nothing is monitored yet" in text(answer)
    assert "/monitoring/new/" in text(answer)


@pytest.mark.parametrize(
    ("target", "kind", "name"),
    [
        ("@Aurora.Studio", "profile", "aurora.studio"),
        ("https://www.instagram.com/aurora.studio/", "profile", "aurora.studio"),
        ("https://www.instagram.com/p/CxYQJO8xuC6/?img_index=1", "post", "CxYQJO8xuC6"),
        ("https://www.instagram.com/aurora.studio/reel/CxYQJO8xuC6/", "post", "CxYQJO8xuC6"),
    ],
)
def test_a_name_or_an_address_starts_a_monitor(editor: Client, cast: Cast, target: str, kind: str, name: str) -> None:
    InstagramLogin.objects.create(workspace=cast.workspace, username="reader", status=LoginStatus.READY)
    answer = editor.post("/monitoring/new/", {"target": target, "interval": "30m", "follows_posts": "on"})
    monitor = Monitor.objects.get()
    assert answer.headers["Location"] == f"/monitoring/{monitor.uuid}/"
    assert (monitor.kind, str(monitor).removeprefix("@"), monitor.interval_seconds) == (kind, name, 1_800)
    assert monitor.follows_posts == (kind == "profile")
    assert Job.objects.get(kind=measuring_orders.READ).subject == "@reader"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"target": "", "interval": "1h"}, "This field is required"),
        ({"target": "@a", "interval": "5s"}, "from 30 seconds to 30 days"),
        ({"target": "@a", "interval": "soon"}, "Write the interval like"),
        ({"target": "@a", "interval": "1h", "active_from": "09:00"}, "Active hours need a beginning"),
        ({"target": "https://example.org/p/x", "interval": "1h"}, "not on Instagram"),
    ],
)
def test_what_cannot_be_monitored_is_said_beside_the_field(editor: Client, form: dict[str, str], said: str) -> None:
    answer = editor.post("/monitoring/new/", form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Monitor.objects.exists()


def test_a_target_that_is_monitored_already_is_refused(editor: Client, cast: Cast) -> None:
    made(cast)
    answer = editor.post("/monitoring/new/", {"target": "@aurora.studio", "interval": "1h"})
    assert answer.status_code == 422
    assert "is being monitored already" in text(answer)


def test_the_list_is_searched_filtered_and_paged(editor: Client, cast: Cast) -> None:
    for number in range(60):
        made(cast, f"name{number:02}")
    Monitor.objects.filter(username="name07").update(state=MonitorState.PAUSED)
    first = editor.get("/monitoring/")
    assert first.content.decode().count('<tr id="monitor-') == 50
    following = first.context["page"].next
    assert editor.get("/monitoring/", {"cursor": following}).content.decode().count('<tr id="monitor-') == 10
    assert editor.get("/monitoring/?q=name07").content.decode().count('<tr id="monitor-') == 1
    assert editor.get("/monitoring/?state=paused").content.decode().count('<tr id="monitor-') == 1
    part = editor.get("/monitoring/?q=nobody", headers={"HX-Request": "true", "HX-Target": "monitors"})
    assert "No monitor fits" in text(part)
    assert "<html" not in text(part)


def test_the_list_costs_the_same_however_long_it_is(editor: Client, cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            editor.get("/monitoring/")
        return len(found)

    made(cast, "one")
    editor.get("/monitoring/")
    few = queries()
    for number in range(30):
        made(cast, f"name{number}")
    assert queries() == few


def test_the_page_shows_the_history_its_gaps_and_what_happened(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=20)
    now = timezone.now()
    Gap.objects.create(
        monitor=monitor, since=now - 9 * DAY, until=now - 6 * DAY, code="throttled", why="Slow down said."
    )
    Note.objects.create(monitor=monitor, at=now - 3 * DAY, text="Campaign <b>began</b>")
    monitor.fact_changes.create(fact="bio", old="Old words", new="New words", seen_at=now - 2 * DAY)
    answer = text(editor.get(f"/monitoring/{monitor.uuid}/"))
    assert "1,190" in answer
    assert answer.count('<path class="line"') >= 2
    assert '<rect class="hole"' in answer
    assert "Slow down said." in answer
    assert "Campaign &lt;b&gt;began&lt;/b&gt;" in answer
    assert "Old words → New words" in answer
    assert "+8.57" in answer


RANGES = ["range=24h", "range=1y", "range=all", "range=x", "from=2026-01-01&to=2026-12-31", "from=2026-02-31&to=x",
          "count=following", "count=likes", "from=9999-12-31&to=9999-12-31"]  # fmt: skip


@pytest.mark.parametrize("query", RANGES)
def test_any_range_and_count_can_be_asked_for(editor: Client, cast: Cast, query: str) -> None:
    monitor = made(cast, days=5)
    answer = editor.get(f"/monitoring/{monitor.uuid}/?{query}", headers={"HX-Request": "true", "HX-Target": "history"})
    assert answer.status_code == 200
    assert "<html" not in text(answer)
    assert 'id="history"' in text(answer)


def test_a_monitor_without_measurements_has_a_page(editor: Client, cast: Cast) -> None:
    monitor = made(cast, due_at=timezone.now() - DAY)
    answer = text(editor.get(f"/monitoring/{monitor.uuid}/"))
    assert "Nothing was measured yet" in answer
    assert "There are not two measurements" in answer


@pytest.mark.parametrize(
    ("act", "state"), [("pause", "paused"), ("stop", "stopped"), ("archive", "archived"), ("nonsense", "active")]
)
def test_acts(editor: Client, cast: Cast, act: str, state: str) -> None:
    monitor = made(cast)
    answer = editor.post(f"/monitoring/{monitor.uuid}/act/", {"act": act})
    assert answer.headers["Location"] == f"/monitoring/{monitor.uuid}/"
    monitor.refresh_from_db()
    assert monitor.state == state
    if state == "stopped":
        editor.post(f"/monitoring/{monitor.uuid}/act/", {"act": "resume"})
        monitor.refresh_from_db()
        assert monitor.state == state


def test_the_rhythm_is_changed(editor: Client, cast: Cast) -> None:
    monitor = made(cast)
    path = f"/monitoring/{monitor.uuid}/change/"
    form = {"interval": "1d", "jitter_percent": "10", "active_from": "08:00", "active_until": "20:00"}
    assert editor.post(path, form).status_code == 302
    monitor.refresh_from_db()
    assert (monitor.interval_seconds, monitor.jitter_percent, str(monitor.active_from)) == (86_400, 10, "08:00:00")
    assert timezone.now() < monitor.due_at
    assert editor.post(path, {"interval": "1s"}).status_code == 422


def test_notes_come_and_go(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=5)
    path = f"/monitoring/{monitor.uuid}/notes/"
    assert editor.post(path, {"text": "Remember", "at": "2026-11-01T12:00"}).status_code == 302
    note = Note.objects.get()
    assert note.at == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert editor.post(path, {"text": ""}).status_code == 422
    assert editor.post(f"{path}{note.pk}/remove/").status_code == 302
    assert not Note.objects.exists()


def test_the_same_act_for_all_that_are_marked(editor: Client, cast: Cast) -> None:
    monitors = [made(cast, f"name{number}") for number in range(4)]
    Monitor.objects.filter(pk=monitors[0].pk).update(state=MonitorState.STOPPED)
    ids = [str(one.uuid) for one in monitors[:3]]
    editor.post("/monitoring/bulk/", {"ids": ids, "act": "pause"})
    assert list(Monitor.objects.order_by("pk").values_list("state", flat=True)) == [
        "stopped", "paused", "paused", "active",
    ]  # fmt: skip
    editor.post("/monitoring/bulk/", {"ids": ids[1:], "act": "rhythm", "interval": "2h"})
    assert Monitor.objects.filter(interval_seconds=7_200).count() == 2
    assert editor.post("/monitoring/bulk/", {"ids": ids, "act": "rhythm"}).status_code == 422
    assert editor.post("/monitoring/bulk/", {"ids": ids, "act": "explode"}).status_code == 422
    assert editor.post("/monitoring/bulk/", {"ids": ["x"], "act": "pause"}).status_code == 302


def test_a_rhythm_for_all_that_are_marked_leaves_each_what_is_not_named(editor: Client, cast: Cast) -> None:
    monitors = [made(cast, f"name{number}", interval_seconds=600 * (number + 1)) for number in range(2)]
    ids = [str(one.uuid) for one in monitors]
    hours = {"active_from": "08:00", "active_until": "20:00"}
    editor.post(
        "/monitoring/bulk/", {"ids": ids, "act": "rhythm", "jitter_percent": 5, "follows_posts": "yes", **hours}
    )
    found = list(Monitor.objects.order_by("pk"))
    assert [one.interval_seconds for one in found] == [600, 1_200]
    assert {(one.jitter_percent, str(one.active_from), one.follows_posts) for one in found} == {(5, "08:00:00", True)}
    editor.post("/monitoring/bulk/", {"ids": ids, "act": "rhythm", "around_the_clock": "on"})
    assert {(one.jitter_percent, one.active_from, one.follows_posts) for one in Monitor.objects.all()} == {
        (5, None, True)
    }
    for wrong in ({"interval": "1s"}, {"jitter_percent": 51}, {"active_from": "08:00"}):
        assert editor.post("/monitoring/bulk/", {"ids": ids, "act": "rhythm", **wrong}).status_code == 422
    assert set(Monitor.objects.values_list("interval_seconds", "active_from")) == {(600, None), (1_200, None)}


def test_what_is_done_with_many_orders_the_reading_once(editor: Client, cast: Cast) -> None:
    def questions(count: int) -> int:
        ids = [str(made(cast, f"of{count}.{number}").uuid) for number in range(count)]
        with CaptureQueriesContext(connection) as asked:
            assert editor.post("/monitoring/bulk/", {"ids": ids, "act": "rhythm", "interval": "3h"}).status_code == 302
        return len(asked)

    assert questions(12) - questions(2) <= 10 * 4  # the row, the audit log, the hint


def _csv(rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("monitors.csv", rows.encode())


def _xlsx(rows: list[list[str]]) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("monitors.xlsx", stream.getvalue())


POST = "https://www.instagram.com/p/CxYQJO8xuC6/"
FILE = [["Target", "interval", "follow_posts", "active_from", "active_until"], ["@one", "30m", "yes", "8:00", "20:00"],
        [POST, "", "", "", ""], ["aurora.studio", "1h", "", "", ""], ["not a name", "1h", "", "", ""],
        ["@two", "never", "", "", ""], ["@three", "1h", "", "soon", ""]]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_makes_monitors_and_says_what_it_could_not_use(editor: Client, cast: Cast, kind: str) -> None:
    made(cast)
    upload = _xlsx(FILE) if kind == "xlsx" else _csv("\n".join(",".join(row) for row in FILE))
    answer = text(editor.post("/monitoring/import/", {"file": upload}))
    assert "2 monitors made, 1 monitored already, 3 could not be used." in answer
    assert "not a name" in answer
    one = Monitor.objects.get(username="one")
    assert (one.interval_seconds, one.follows_posts, str(one.active_from)) == (1_800, True, "08:00:00")
    assert timezone.now() - HOUR < one.due_at <= timezone.now() + DAY
    assert 8 <= one.due_at.hour < 20, "in its hours, whenever the file comes"
    assert Monitor.objects.get(code="CxYQJO8xuC6").interval_seconds == 3_600


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("monitors.exe", b"target\n@one"), _csv("name\n@one"),
        SimpleUploadedFile("monitors.xlsx", b"PK nonsense"), SimpleUploadedFile("monitors.csv", b"\xff\xfe\x00"),
        _csv("target\n" + "@one\n" * 5_001),
    ],
    ids=["kind", "column", "zip", "bytes", "rows"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_whole(editor: Client, upload: SimpleUploadedFile) -> None:
    upload.seek(0)
    answer = editor.post("/monitoring/import/", {"file": upload})
    assert answer.status_code == 422
    assert not Monitor.objects.exists()


def test_profiles_are_compared_on_one_scale(editor: Client, cast: Cast) -> None:
    pair = [made(cast, name, days=10) for name in ("one", "two")]
    answer = text(editor.get("/monitoring/compare/", {"m": [str(one.uuid) for one in pair], "range": "90d"}))
    assert answer.count('<g class="series') == 4  # two lines, two in the key
    assert "@one" in answer
    assert "Choose profiles above" in text(editor.get("/monitoring/compare/"))
    assert editor.get("/monitoring/compare/?m=nonsense&range=x&count=y").status_code == 200


def test_too_many_reads_a_day_are_said(editor: Client, cast: Cast, settings: Any) -> None:
    settings.PACE_SCALE = 1
    InstagramLogin.objects.create(
        workspace=cast.workspace, username="reader", status=LoginStatus.READY, ready_since=timezone.now() - 30 * DAY
    )
    made(cast, interval_seconds=30)
    assert "ask for 2,880 reads a day; the logins allow 1,000" in text(editor.get("/monitoring/"))


def test_without_a_login_the_list_says_so(editor: Client, cast: Cast) -> None:
    made(cast)
    assert "No Instagram login is ready" in text(editor.get("/monitoring/"))


def test_a_viewer_sees_and_changes_nothing(cast: Cast) -> None:
    monitor = made(cast, days=5)
    viewer = cast.client(cast.viewer)
    answer = text(viewer.get(f"/monitoring/{monitor.uuid}/"))
    assert "Save rhythm" not in answer
    assert viewer.get("/monitoring/").status_code == 200
    assert viewer.get("/monitoring/new/").status_code == 403
    assert viewer.post(f"/monitoring/{monitor.uuid}/act/", {"act": "stop"}).status_code == 403


def test_any_profile_can_be_compared_however_many_there_are(editor: Client, cast: Cast) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"interval_seconds": 3_600, "anchor_at": now, "due_at": now + HOUR}
    Monitor.objects.bulk_create(
        Monitor(workspace=cast.workspace, kind=MonitorKind.PROFILE, username=f"a{number:03}", **values)
        for number in range(70)
    )
    last = made(cast, "zoe", days=10)
    elsewhere = Monitor.objects.create(workspace=cast.elsewhere, kind=MonitorKind.PROFILE, username="theirs", **values)
    assert "@zoe" not in text(editor.get("/monitoring/compare/"))
    assert "@zoe" in text(editor.get("/monitoring/compare/", {"q": "@Zoe"}))
    chosen = text(editor.get("/monitoring/compare/", {"m": [str(last.uuid), str(elsewhere.uuid)]}))
    assert 'class="series' in chosen
    assert "theirs" not in chosen


def test_a_range_of_dates_is_shown_as_it_was_asked_for(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=5)
    page = text(editor.get(f"/monitoring/{monitor.uuid}/", {"from": "2026-01-03", "to": "2026-02-04"}))
    assert 'value="2026-01-03"' in page
    assert 'value="2026-02-04"' in page


def test_a_monitor_has_its_own_place_unless_somebody_wants_none(editor: Client, cast: Cast) -> None:
    form = {"target": "@aurora.studio", "interval": "1d"}
    editor.post("/monitoring/new/", form)
    monitor = Monitor.objects.get()
    assert (monitor.is_spread, monitor.anchor_at) == (False, monitor.updated_at)
    editor.post(f"/monitoring/{monitor.uuid}/change/", {"interval": "1d", "is_spread": "on"})
    monitor.refresh_from_db()
    assert (monitor.is_spread, monitor.anchor_at == monitor.updated_at) == (True, False)
    assert 'name="is_spread"' in text(editor.get("/monitoring/new/"))


def test_what_changed_is_said_in_words_and_the_newest_stand_first(editor: Client, cast: Cast) -> None:
    monitor = made(cast, days=5)
    now = timezone.now()
    for fact, old, new in (("is_private", "no", "yes"), ("bio", "Before", "Now"), ("picture", "/a.jpg", "/b.jpg")):
        FactChange.objects.create(monitor=monitor, fact=fact, old=old, new=new, seen_at=now - HOUR)
    for number in range(14):
        Note.objects.create(monitor=monitor, at=now - (2 + number) * HOUR, text=f"note {number}")
    page = text(editor.get(f"/monitoring/{monitor.uuid}/"))
    assert "Became private" in page
    assert "Bio:" in page
    assert "Before → Now" in page
    assert "/b.jpg" not in page
    assert "5 things before that" in page
    assert page.rindex("note 0") < page.index("5 things before that") < page.rindex("note 13")
