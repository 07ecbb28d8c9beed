"""The pages of networks, overlaps and shares, and the faces on the pages of people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import TrackedAccount
from igsite.jobs.models import Job
from scans import bitmaps, network, picture_files, pictures, views_network
from scans.models import ProfilePicture
from tests.people import Cast
from tests.scans import followed, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(cast: Cast) -> TrackedAccount:
    """@ada with nine mutuals, beside @bob who shares some of them."""
    ada = followed.account(cast.workspace, 100, "ada")
    followed.scan(ada, followers=range(1, 20), following=[*range(1, 10), *range(50, 60)])
    followed.scan(followed.account(cast.workspace, 101, "bob"), followers=[1, 2, 3, 70], following=[3, 4, 100])
    return ada


def text_of(cast: Cast, path: str, **more: Any) -> str:
    answer = cast.client(cast.viewer).get(path, **more)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_the_account_has_a_network_with_a_table_that_says_the_same(cast: Cast, ada: TrackedAccount) -> None:
    page = text_of(cast, f"/accounts/{ada.pk}/network/")
    assert 'aria-current="page">Network</a>' in page
    assert "9 people, 2 tracked accounts" in page
    assert "mutual with @ada, follows @bob" in page
    assert "complete" in page
    assert 'style="' not in page


def test_of_more_people_than_places_two_thousand_are_drawn_and_all_of_them_stand_in_the_table(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = range(1, network.MOST + 101)
    hub = followed.account(cast.workspace, 9_000, "hub")
    followed.scan(hub, followers=crowd, following=crowd)
    path, client = f"/accounts/{hub.pk}/network", cast.client(cast.viewer)
    page = text_of(cast, f"{path}/")
    assert "1,999 of 2,100 people are shown" in page
    assert len(page) < 120_000
    monkeypatch.setattr(views_network, "PAGE", 1_000)
    drawn = {node[0] for node in json.loads(client.get(f"{path}.json").content)["nodes"]}
    rows = "".join(
        client.get(f"{path}/?cursor={start}", headers={"HX-Request": "true", "HX-Target": "more-rows"}).content.decode()
        for start in range(0, network.MOST, views_network.PAGE)
    )
    assert len(drawn) == network.MOST
    assert all(f">{name}<" in rows or f"@{name}<" in rows for name in drawn)


def test_the_drawing_is_for_members_only(cast: Cast, ada: TrackedAccount) -> None:
    path = f"/accounts/{ada.pk}/network.json"
    value = json.loads(cast.client(cast.viewer).get(path).content)
    assert len(value["nodes"]) == 11
    for each in (path, f"/accounts/{ada.pk}/network/"):
        assert cast.client(cast.stranger).get(each).status_code == 404
        assert cast.client(cast.owner).post(each).status_code == 405


def test_without_the_drawing_libraries_the_table_is_there(cast: Cast, ada: TrackedAccount, settings: Any) -> None:
    settings.NODE_MODULES = settings.BASE_DIR / "no-such-folder"
    page = text_of(cast, f"/accounts/{ada.pk}/network/")
    assert "data-net=" not in page
    assert "mutual with @ada" in page


def test_a_network_of_one_list_says_what_to_do(cast: Cast) -> None:
    tracked = followed.account(cast.workspace, 100, "ada")
    followed.scan(tracked, followers=range(1, 9))
    assert "scan both lists first" in text_of(cast, f"/accounts/{tracked.pk}/network/")
    assert "Nobody to draw" in text_of(cast, f"/accounts/{tracked.pk}/network/?scope=shared")


def test_the_table_is_read_on_in_parts(cast: Cast, ada: TrackedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_network, "PAGE", 4)
    path, found = f"/accounts/{ada.pk}/network/", []
    for start in range(0, 12, 4):
        part = text_of(cast, f"{path}?cursor={start}", headers={"HX-Request": "true", "HX-Target": "more-rows"})
        found += [line for line in part.split("<tr>")[1:] if 'scope="row"' in line]
        assert ("data-more" in part) == (start < 8)
    assert len(found) == 11


@pytest.mark.parametrize("cursor", ["x", "-4", "9" * 12, "99999", ""])
def test_odd_positions_are_no_error(cast: Cast, ada: TrackedAccount, cursor: str) -> None:
    text_of(cast, f"/accounts/{ada.pk}/network/?cursor={cursor}&scope=nonsense&with=nonsense")


def test_overlaps_show_shared_people_and_how_old_they_are(cast: Cast, ada: TrackedAccount) -> None:
    page = text_of(cast, "/network/")
    assert "@ada" in page
    assert "@bob" in page
    assert "3<small" in page
    assert "15.0 %" in page  # 3 of 20
    assert "complete" in page


def test_overlaps_of_a_stranger_show_none_of_it(cast: Cast, ada: TrackedAccount) -> None:
    answer = cast.client(cast.stranger).get(f"/network/?account={ada.pk}&with={ada.pk}")
    assert b"@ada" not in answer.content
    assert b"Two accounts are needed" in answer.content


def test_accounts_are_compared_by_shares_with_numbers_beside_the_shape(cast: Cast, ada: TrackedAccount) -> None:
    page = text_of(cast, "/network/")
    assert 'class="chart radar"' in page
    assert "Don’t follow back" in page
    assert "10 / 19" in page
    only = text_of(cast, f"/network/?with={ada.pk}", headers={"HX-Request": "true", "HX-Target": "behaviour"})
    assert "@ada" in only
    assert 'scope="col" class="n">@bob' not in only


def test_an_account_without_both_lists_is_not_drawn_and_named(cast: Cast, ada: TrackedAccount) -> None:
    cleo = followed.account(cast.workspace, 102, "cleo")
    followed.scan(cleo, followers=range(1, 9))
    page = text_of(cast, f"/accounts/{ada.pk}/network/?with={cleo.pk}")
    assert "@cleo is not drawn" in page


def test_a_page_that_needs_newer_figures_orders_them_and_says_so(cast: Cast, ada: TrackedAccount) -> None:
    listed.scanned(ada, listed.numbers(1, 25))
    Job.objects.filter(kind=bitmaps.FIGURES_JOB).delete()
    for path in ("/network/", f"/accounts/{ada.pk}/network/"):
        assert "are being worked out" in text_of(cast, path)
    assert Job.objects.open().filter(kind=bitmaps.FIGURES_JOB).count() == 1
    followed.work_out()
    assert "are being worked out" not in text_of(cast, "/network/")


def test_an_empty_workspace_has_a_page(cast: Cast) -> None:
    page = text_of(cast, "/network/")
    assert "Two accounts are needed" in page
    assert "Nobody to compare" in page


def test_queries_do_not_grow_with_accounts_or_people(
    cast: Cast, ada: TrackedAccount, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    client = cast.client(cast.viewer)
    for i in range(4):
        followed.scan(followed.account(cast.workspace, 300 + i, f"more{i}"), followers=range(1, 40), following=[3, 4])
    for path in ("/network/", f"/accounts/{ada.pk}/network/"):
        client.get(path)
        with django_assert_max_num_queries(24):
            assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["people/", "people/?look=table", "network/", "changes/?since=1&until=2"])
def test_faces_are_shown_where_they_are_kept_and_nowhere_else(cast: Cast, ada: TrackedAccount, path: str) -> None:
    listed.scanned(ada, listed.numbers(2, 21))
    assert "/image/" not in text_of(cast, f"/accounts/{ada.pk}/{path}")
    assert ProfilePicture.objects.filter(asked_at__isnull=False).exists()
    for pk in (1, 2):
        picture_files.write(pk, b"RIFF")
        ProfilePicture.objects.update_or_create(pk=pk, defaults={"fetched_at": listed.START, "state": "stored"})
    page = text_of(cast, f"/accounts/{ada.pk}/{path}")
    wanted = 1 if path.startswith("changes") else 2
    assert f'data-face="/image/{wanted}?' in page
    assert "/image/3?" not in page
    for pk in (1, 2):
        pictures.forget(pk)
