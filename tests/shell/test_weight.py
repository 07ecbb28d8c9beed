"""What a first page makes a browser fetch stays within its budget: the page, its styles, scripts, font, compressed as
they are served. Pictures of people come on top; ``manage.py bench pages`` measures all of it in a browser."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from igsite.jobs.models import Job
from igsite.static_files import NodeModulesFinder
from tests.architecture.world import World, build
from tests.people import Cast

pytestmark = pytest.mark.django_db
BUDGET, NETWORK_BUDGET = 130_000, 220_000
#: Headers of one answer, as they travel.
HEADERS = 450
FETCHED = re.compile(r'<(?:link|script)\b[^>]*?(?:href|src)="/static/([^"]+\.(?:css|js|woff2))"')
#: What reads itself once more when the page cannot know what it missed.
LIVE = re.compile(r'<\w+\b[^>]*hx-get="([^"]+)"[^>]*hx-trigger="[^"]*resync from:body')
SEEN = re.compile(r'name="seen" value="([^"]+)"')
IMPORTED = re.compile(r'(?:from|import) "\./([^"]+\.js)"')
PAGES = dict.fromkeys(
    [
        "/", "/accounts/", "/scans/", "/tasks/", "/settings/profile/", "/settings/notifications/",
        *(f"/accounts/{{account_id}}/{part}" for part in ("", "people/", "changes/", "history/")),
        "/alerts/", "/alerts/rules/", "/monitoring/", "/monitoring/compare/", "/monitoring/{monitor_id}/",
        "/actions/", "/actions/{batch_id}/", "/actions/compare/{comparison_id}/", "/actions/ghosts/{report_id}/",
        "/predictions/", "/predictions/{session_id}/", "/predictions/quality/", "/discovery/",
        "/discovery/{search_id}/", "/patterns/", "/patterns/product/",
    ],
    BUDGET,
) | {"/accounts/{account_id}/network/": NETWORK_BUDGET}  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> World:
    return build(cast)


@pytest.fixture
def libraries(settings: Settings, tmp_path: Path) -> None:
    """The files of npm packages, published as on a site where they are installed."""
    for path, storage in NodeModulesFinder().list([]):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(storage.open(path).read())
    settings.STATIC_ROOT = tmp_path


def weight(path: str) -> int:
    """Bytes of one file over the wire. What is no text is compressed already."""
    found = finders.find(path)
    assert found, path
    content = Path(str(found)).read_bytes()
    return HEADERS + (len(content) if path.endswith("woff2") else len(gzip.compress(content, 9)))


def with_imports(path: str, seen: set[str]) -> set[str]:
    """A script with all that it imports from its folder."""
    if path not in seen:
        seen.add(path)
        if path.endswith(".js"):
            text = Path(str(finders.find(path))).read_text(encoding="utf-8")
            for name in IMPORTED.findall(text):
                with_imports(f"{path.rpartition('/')[0]}/{name}", seen)
    return seen


def fetched(client: Client, path: str) -> dict[str, int]:
    """Everything that the page makes a browser fetch, and itself, with their bytes."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    page = answer.content.decode()
    files: set[str] = set()
    for name in FETCHED.findall(page):
        with_imports(name, files)
    assert "app/tokens.css" in files
    return {name: weight(name) for name in files} | {path: HEADERS + len(gzip.compress(answer.content, 6))}


def read_again(client: Client, page: str) -> int:
    """Bytes of the parts that the page reads once more when it may have missed something, with their headers."""
    total = 0
    for path in LIVE.findall(page):
        answer = client.get(unescape(path), {"seen": SEEN.findall(page)}, headers={"HX-Request": "true"})
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        total += head + len(gzip.compress(answer.content, 6))
    return total


@pytest.mark.usefixtures("libraries")
def test_a_full_page_of_open_tasks_keeps_it_too_with_all_that_it_reads_again(world: World) -> None:
    client, now = world.cast.client(world.cast.owner), timezone.now()
    Job.objects.bulk_create(
        Job(
            workspace=world.cast.workspace, kind="scans.people", subject=f"@account.{number}", state="waiting",
            due_at=now + timedelta(days=1 + number), done_units=40 * number, total_units=12_345, started_at=now,
            message=f"Instagram asked for a pause after page {number}.",
        )
        for number in range(25)
    )  # fmt: skip
    page = client.get("/tasks/?state=open").content.decode()
    assert page.count('<article class="job') == 25
    assert len(SEEN.findall(page)) == 25
    again = read_again(client, page)
    assert sum(fetched(client, "/tasks/?state=open").values()) + again <= BUDGET
    assert again < 5_000, "what has not changed is not sent again"


@pytest.mark.usefixtures("libraries")
def test_first_pages_keep_their_budget(world: World) -> None:
    client = world.cast.client(world.cast.owner)
    client.get("/")  # the first request of all is not the page's
    over = {}
    for path, budget in PAGES.items():
        parts = fetched(client, path.format(**world.params))
        if sum(parts.values()) > budget:
            over[path] = sorted(parts.items(), key=lambda part: -part[1])
    assert over == {}
