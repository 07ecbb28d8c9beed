"""Pictures: asked for by pages, seen by scans, fetched by a job, served to those who may see the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import Settings

from accounts.gateway import pictures as gateway_pictures
from accounts.gateway.results import Profile as SeenProfile
from accounts.models import Profile
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import picture_files, pictures
from scans.models import PictureState, ProfilePicture
from scans.picture_codec import small_webp
from tests.people import Cast
from tests.scans import followed, listed
from tests.scans.scanner import Scanner

NOW = datetime.now(UTC)
HOST = "https://scontent-ams2-1.cdninstagram.com"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test only."""
    monkeypatch.setattr(default_storage, "path", lambda name: str(tmp_path / name))


def png(color: str = "red") -> bytes:
    made = BytesIO()
    Image.new("RGB", (50, 50), color).save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the picture hosts answer, by address: bytes or an error. Addresses are checked as always."""
    answers: dict[str, Any] = {}
    asked: list[str] = []

    def fetch(_source: object, address: str) -> bytes:
        gateway_pictures.checked_address(address)
        asked.append(address)
        answer = answers.get(address, gateway_pictures.PictureGone("HTTP 404"))
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    monkeypatch.setattr(gateway_pictures.PictureSource, "fetch", fetch)
    answers["asked"] = asked
    return answers


def seen(pk: int, address: str = "", *, before: int = 0, now: datetime = NOW) -> None:
    """A scan reads one person behind ``before`` others."""
    address = address or f"{HOST}/v/{pk}.jpg?oh=1"
    pictures.note([listed.person(pk, picture_url=address)], seen_before=before, now=now)


def fetch_all(settings: Settings | None = None) -> None:
    for job in Job.objects.open().filter(kind=pictures.FETCH_JOB):
        run_inline(job)


def state(pk: int) -> str:
    return str(ProfilePicture.objects.get(pk=pk).state)


pytestmark = pytest.mark.django_db


def test_a_person_whom_a_page_shows_has_a_picture_at_the_next_visit(served: dict[str, Any]) -> None:
    served[f"{HOST}/v/7.jpg?oh=1"] = png()
    seen(7)
    assert pictures.ask([7], now=NOW) == {}
    fetch_all()
    assert list(pictures.ask([7], now=NOW)) == [7]
    data = pictures.kept(7)
    assert data is not None
    with Image.open(BytesIO(data)) as picture:
        assert picture.format == "WEBP"
    assert ProfilePicture.objects.get(pk=7).size == len(data)


def test_nobody_asked_means_nothing_is_fetched(served: dict[str, Any]) -> None:
    seen(7)
    fetch_all()
    assert not Job.objects.filter(kind=pictures.FETCH_JOB).exists()
    assert served["asked"] == []


def test_one_job_fetches_what_many_pages_asked_for(served: dict[str, Any]) -> None:
    for pk in range(1, 20):
        served[f"{HOST}/v/{pk}.jpg?oh=1"] = png()
        seen(pk)
        pictures.ask([pk], now=NOW)
        pictures.ask([pk, pk], now=NOW)
    assert Job.objects.filter(kind=pictures.FETCH_JOB).count() == 1
    fetch_all()
    assert len(served["asked"]) == 19
    assert len(pictures.ask(range(1, 20), now=NOW)) == 19


def test_deep_in_a_list_only_addresses_that_pages_asked_for_are_kept() -> None:
    pictures.ask([8], now=NOW)
    seen(7, before=pictures.ALWAYS)
    seen(8, before=pictures.ALWAYS)
    seen(9, before=pictures.ALWAYS - 1)
    assert set(ProfilePicture.objects.exclude(address="").values_list("pk", flat=True)) == {8, 9}


def test_a_new_picture_is_fetched_and_the_same_one_is_not(served: dict[str, Any]) -> None:
    for address in ("7.jpg?oh=1", "7.jpg?oh=2", "7b.jpg?oh=3"):
        served[f"{HOST}/v/{address}"] = png("green")
        seen(7, f"{HOST}/v/{address}")
        pictures.ask([7], now=NOW)
        fetch_all()
    assert served["asked"] == [f"{HOST}/v/7.jpg?oh=1", f"{HOST}/v/7b.jpg?oh=3"]
    assert state(7) == PictureState.STORED


def test_an_address_that_ran_out_waits_for_a_newer_one(served: dict[str, Any]) -> None:
    seen(7)
    pictures.ask([7], now=NOW)
    fetch_all()
    assert state(7) == PictureState.GONE
    served[f"{HOST}/v/7.jpg?oh=2"] = png()
    seen(7, f"{HOST}/v/7.jpg?oh=2")
    assert state(7) == PictureState.WANTED
    pictures.ask([7], now=NOW)
    fetch_all()
    assert state(7) == PictureState.STORED


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        (f"{HOST}/v/7.jpg", b"<!doctype html>"),
        (f"{HOST}/v/7.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (f"{HOST}/v/7.jpg", gateway_pictures.PictureRefused("redirect")),
        ("https://example.com/7.jpg", png()),
        ("https://127.0.0.1/7.jpg", png()),
    ],
    ids=["html", "svg", "redirect", "elsewhere", "inside"],
)
def test_what_is_no_picture_is_refused_once_and_initials_stay(
    served: dict[str, Any], address: str, answer: Any
) -> None:
    served[address] = answer
    for _try in range(3):
        seen(7, address)
        pictures.ask([7], now=NOW)
        fetch_all()
    assert state(7) == PictureState.REFUSED
    assert pictures.ask([7], now=NOW) == {}
    assert len(served["asked"]) <= 1
    assert pictures.kept(7) is None


def test_an_unreachable_host_is_left_alone_after_three_tries(served: dict[str, Any]) -> None:
    served[f"{HOST}/v/7.jpg?oh=1"] = gateway_pictures.PictureUnreachable("HTTP 500")
    seen(7)
    for _try in range(5):
        pictures.ask([7], now=NOW)
        fetch_all()
        ProfilePicture.objects.update(tried_at=NOW - timedelta(hours=1))
    assert len(served["asked"]) == 3
    assert state(7) == PictureState.GONE


def test_an_old_address_is_not_even_tried(served: dict[str, Any]) -> None:
    seen(7, now=NOW - pictures.FRESH - SECOND)
    pictures.ask([7], now=NOW)
    assert not Job.objects.filter(kind=pictures.FETCH_JOB).exists()


def test_a_page_costs_one_query_when_nothing_is_new(django_assert_num_queries: Callable[[int], Any]) -> None:
    pictures.ask(range(1, 61), now=NOW)
    with django_assert_num_queries(1):
        pictures.ask(range(1, 61), now=NOW)


def test_people_of_whom_only_the_name_is_known_have_no_picture() -> None:
    assert pictures.ask([-4, 0], now=NOW) == {}
    assert not ProfilePicture.objects.exists()


def keep(pk: int, asked_at: datetime, size: int = 100) -> None:
    picture_files.write(pk, b"x" * size)
    ProfilePicture.objects.create(
        pk=pk, asked_at=asked_at, fetched_at=NOW, size=size, state=PictureState.STORED, address="a", path="a"
    )


def test_what_was_shown_longest_ago_goes_until_the_rest_fits() -> None:
    for pk in range(1, 6):
        keep(pk, NOW - timedelta(days=pk))
    assert pictures.evict(NOW, most_bytes=250) == 3
    assert [pk for pk in range(1, 6) if picture_files.read(pk)] == [1, 2]
    assert state(5) == PictureState.KNOWN


def test_what_no_page_shows_any_more_goes() -> None:
    keep(1, NOW - pictures.UNSEEN - SECOND)
    keep(2, NOW)
    seen(3, now=NOW - pictures.UNSEEN - SECOND)
    seen(4)
    pictures.evict(NOW)
    assert picture_files.read(1) is None
    assert picture_files.read(2) is not None
    assert set(ProfilePicture.objects.filter(fetched_at=None).values_list("pk", flat=True)) == {1, 4}


def test_a_lost_file_is_wanted_again() -> None:
    keep(1, NOW)
    picture_files.delete(1)
    assert pictures.kept(1) is None
    assert state(1) == PictureState.WANTED


def test_a_person_is_forgotten_with_the_file() -> None:
    keep(1, NOW)
    pictures.forget(1)
    assert picture_files.read(1) is None
    assert not ProfilePicture.objects.exists()


def test_a_full_disk_leaves_no_half_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        picture_files.write(1, b"x")
    assert list(picture_files.path_of(1).parent.iterdir()) == []


def page(cast: Cast, who: Any, pk: int | str) -> Any:
    return cast.client(who).get(f"/image/{pk}")


@pytest.fixture
def known(cast: Cast) -> Cast:
    """The workspace's list holds person 7 and held person 8; it tracks person 100."""
    tracked = followed.account(cast.workspace, 100, "ada")
    listed.scanned(tracked, listed.numbers(1, 9))
    listed.scanned(tracked, listed.numbers(1, 8))
    for pk in (7, 8, 100, 200):
        Profile.objects.get_or_create(pk=pk, defaults={"username": f"person{pk}"})
        picture_files.write(pk, b"RIFF")
    return cast


@pytest.mark.parametrize("pk", [7, 8, 100])
def test_members_see_whom_their_workspace_has_or_had_on_a_list(known: Cast, pk: int) -> None:
    answer = page(known, known.viewer, pk)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/webp", b"RIFF")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_picture_comes_as_small_as_a_list_shows_it(known: Cast) -> None:
    picture_files.write(7, small_webp(png()))
    whole = page(known, known.viewer, "7").content
    for asked, edge in (("48", 48), ("96", 96), ("9999", 192), ("x", 192)):
        answer = page(known, known.viewer, f"7?edge={asked}")
        with Image.open(BytesIO(answer.content)) as picture:
            assert picture.size == (edge, edge)
        assert (answer.content == whole) == (edge == 192)
        assert "Permissions-Policy" not in answer.headers  # a rule for pages, longer than the picture


@pytest.mark.parametrize("pk", [7, 8, 100, 200, 2**70])
def test_a_stranger_finds_no_picture(known: Cast, pk: int) -> None:
    assert page(known, known.stranger, pk).status_code == 404


def test_nobody_finds_a_picture_without_signing_in(known: Cast) -> None:
    assert page(known, None, 7).status_code == 302


def test_people_on_no_list_of_the_workspace_are_not_there(known: Cast) -> None:
    assert page(known, known.owner, 200).status_code == 404


def test_a_number_that_is_none_is_not_there(known: Cast) -> None:
    assert page(known, known.owner, "7/../8").status_code == 404
    assert known.client(known.owner).post("/image/7").status_code == 405


def test_without_a_picture_there_are_initials(known: Cast) -> None:
    picture_files.delete(7)
    Profile.objects.filter(pk=7).update(full_name='<script>"& Ada')
    answer = page(known, known.owner, 7)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert b"<script" not in answer.content
    assert b"</text>" in answer.content
    assert state(7) == PictureState.WANTED


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_against_the_simulator(scanner: Scanner) -> None:
    tracked = scanner.track("tiny.pottery")
    scanner.scan(tracked)
    shown = sorted(scanner.truth("tiny.pottery"))[:5]
    assert pictures.ask(shown) == {}
    fetch_all()
    tracked.refresh_from_db()
    assert set(pictures.ask(shown)) == set(shown)
    assert tracked.profile_id in pictures.ask([tracked.profile_id or 0])
    asked = scanner.instagram.log("/v/")
    assert len(asked) == 6
    scanner.advance(days=1)
    scanner.scan(tracked)
    pictures.ask(shown)
    fetch_all()
    assert len(scanner.instagram.log("/v/")) == 6  # the same pictures under newly signed addresses


def test_a_tracked_account_shows_its_picture(cast: Cast, served: dict[str, Any]) -> None:
    tracked = followed.account(cast.workspace, 100, "ada")
    served[f"{HOST}/v/100.jpg?oh=1"] = png()
    seen_profile = SeenProfile(pk=100, username="ada", picture_url=f"{HOST}/v/100.jpg?oh=1")
    pictures.note_profile(seen_profile, now=NOW)
    client = cast.client(cast.viewer)
    assert b"/image/100" not in client.get(f"/accounts/{tracked.pk}/").content
    fetch_all()
    assert b"/image/100?v=" in client.get(f"/accounts/{tracked.pk}/").content
