"""Discovery: people on the lists of accounts like yours, left out with reasons, ranked by prediction."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount
from automation.models import Batch, Candidate, DiscoverySearch, PredictionSession, Safelist, SafelistEntry
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans.models import Direction
from tests.people import Cast
from tests.scans import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    """A login whose own account has one follower (100) and follows one person (101)."""
    me = Profile.objects.create(pk=77, username="me")
    login = InstagramLogin.objects.create(
        workspace=cast.workspace, username="me", profile=me, status=LoginStatus.READY
    )  # fmt: skip
    own = TrackedAccount.objects.create(workspace=cast.workspace, username="me", profile=me)
    listed.scanned(own, listed.numbers(100, 101))
    listed.scanned(own, listed.numbers(101, 102), direction=Direction.FOLLOWING)
    return login


@pytest.fixture
def likes(cast: Cast) -> list[TrackedAccount]:
    """Two accounts like one's own; 105 to 109 follow both."""
    found = []
    for name, start, stop in (("kiln", 100, 110), ("wheel", 105, 115)):
        account = TrackedAccount.objects.create(
            workspace=cast.workspace, username=name, last_scanned_at=timezone.now()
        )  # fmt: skip
        listed.scanned(account, listed.numbers(start, stop))
        found.append(account)
    Profile.objects.filter(pk=102).update(is_private=True)
    Profile.objects.filter(pk=103).update(followers_count=90_000, following_count=3)
    Profile.objects.filter(pk=109).update(followers_count=150, following_count=2_000)
    SafelistEntry.objects.create(
        workspace=cast.workspace, safelist=Safelist.DO_NOT_FOLLOW, target_pk=104, added_at=timezone.now()
    )
    return found


def form(login: InstagramLogin, accounts: list[TrackedAccount], **more: Any) -> dict[str, Any]:
    return {"accounts": [str(one.pk) for one in accounts], "login": str(login.pk), "at_least": 1} | more


def searched(client: Client, data: dict[str, Any]) -> DiscoverySearch:
    answer = client.post("/discovery/", data)
    assert answer.status_code == 302, answer.content
    run_inline(Job.objects.get(kind="discovery.search"))
    return DiscoverySearch.objects.get()


def test_a_search_leaves_out_with_reasons_and_ranks_the_rest(
    cast: Cast, login: InstagramLogin, likes: list[TrackedAccount]
) -> None:
    client = cast.client(cast.editor)
    search = searched(client, form(login, likes, largest=10_000))
    assert search.left_out == {"follows_you": 1, "you_follow": 1, "private": 1, "size": 1, "safelist": 1}
    assert (search.found, search.title) == (10, "@kiln, @wheel")
    rows = list(Candidate.objects.order_by("-probability", "-lists", "-target_pk"))
    assert (rows[0].target_pk, rows[0].knowledge) == (109, "partial")
    assert [row.lists for row in rows if row.target_pk in range(105, 110)] == [2] * 5
    page = " ".join(client.get(f"/discovery/{search.pk}/").content.decode().split())
    assert page.index("@person109") < page.index("@person108") < page.index("@person114")
    assert "on a safelist (1)" in page


def test_only_people_on_several_lists_and_private_ones_on_request(
    cast: Cast, login: InstagramLogin, likes: list[TrackedAccount]
) -> None:
    client = cast.client(cast.editor)
    search = searched(client, form(login, likes, at_least=2, private="on"))
    assert set(search.candidates.values_list("target_pk", flat=True)) == set(range(105, 110))


def test_those_marked_are_staged_or_looked_at(cast: Cast, login: InstagramLogin, likes: list[TrackedAccount]) -> None:
    client = cast.client(cast.editor)
    search = searched(client, form(login, likes))
    marked = [str(row.pk) for row in search.candidates.filter(target_pk__in=(105, 106))]
    act = f"/discovery/{search.pk}/act/"
    client.post(act, {"act": "stage", "ids": marked})
    assert sorted(Batch.objects.get().items.values_list("target_pk", flat=True)) == [105, 106]
    answer = client.post(act, {"act": "look", "ids": marked})
    session = PredictionSession.objects.get()
    assert answer.headers["Location"] == f"/predictions/{session.pk}/"
    assert Job.objects.get(kind="predictions.read").uuid == session.job_uuid
    client.post(act, {"act": "rank"})
    run_inline(Job.objects.filter(kind="discovery.search").latest("pk"))
    search.refresh_from_db()
    assert search.candidates.count() == search.found
    assert client.post(act, {}).headers["Location"] == f"/discovery/{search.pk}/"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"accounts": []}, "Choose at least one account."),
        ({"at_least": 0}, "greater than or equal to 1"),
        ({"login": "x"}, "valid"),
        ({"smallest": -1}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_searched_is_said(
    cast: Cast, login: InstagramLogin, likes: list[TrackedAccount], data: dict[str, Any], said: str
) -> None:
    answer = cast.client(cast.editor).post("/discovery/", form(login, likes) | data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not DiscoverySearch.objects.exists()


def test_a_viewer_sees_and_starts_nothing(cast: Cast, login: InstagramLogin, likes: list[TrackedAccount]) -> None:
    search = searched(cast.client(cast.editor), form(login, likes))
    viewer = cast.client(cast.viewer)
    assert "Stage follows" not in viewer.get(f"/discovery/{search.pk}/").content.decode()
    assert viewer.post(f"/discovery/{search.pk}/act/", {"act": "rank"}).status_code == 403
    assert viewer.post("/discovery/", form(login, likes)).status_code == 403


def test_pages_without_anything_say_what_to_do(cast: Cast) -> None:
    client = cast.client(cast.editor)
    assert "There is none yet" in client.get("/discovery/").content.decode()
    InstagramLogin.objects.create(workspace=cast.workspace, username="me", status=LoginStatus.READY)
    assert "Track accounts like yours" in client.get("/discovery/").content.decode()


def test_the_same_over_the_api(cast: Cast, login: InstagramLogin, likes: list[TrackedAccount]) -> None:
    client = cast.client(cast.editor)
    body = {"accounts": [str(one.pk) for one in likes], "login": str(login.pk), "private": True}
    answer = client.post("/api/discovery", body, content_type="application/json")
    assert (answer.status_code, answer.json()["found"]) == (202, None)
    run_inline(Job.objects.get(kind="discovery.search"))
    made = client.get(f"/api/discovery/{answer.json()['id']}").json()
    assert made["found"] == 12
    assert client.get("/api/discovery").json()["items"] == [made]
    first = client.get(f"/api/discovery/{made['id']}/candidates?limit=5").json()
    second = client.get(f"/api/discovery/{made['id']}/candidates", {"limit": 100, "cursor": first["next"]}).json()
    assert first["items"][0]["username"] == "person109"
    assert len({one["target_pk"] for one in first["items"] + second["items"]}) == 12
    wrong = body | {"login": "00000000-0000-4000-8000-000000000000"}
    assert client.post("/api/discovery", wrong, content_type="application/json").status_code == 404
    strange = body | {"accounts": ["00000000-0000-4000-8000-000000000000"]}
    refused = client.post("/api/discovery", strange, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "not_searchable")
