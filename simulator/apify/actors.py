"""The four actors that are played: what they cost, and the rows that they bring."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simulator import truth
from simulator.apify.runs import Run
from simulator.clock import Moment
from simulator.instagram.lists import Place, page_of, parse_cursor
from simulator.instagram.rows import picture_of, signature, text
from simulator.posts import Post, pk_of_code
from simulator.stage import Stage
from simulator.world import Account

PROFILES = "apify/instagram-profile-scraper"
POSTS = "apify/instagram-post-scraper"
COMMENTS = "apify/instagram-comment-scraper"
LISTS = "scraping_solutions/instagram-scraper-followers-following-no-cookies"
_KINDS = {1: "Image", 2: "Video", 8: "Sidecar"}


@dataclass(frozen=True, slots=True)
class Actor:
    """`dollars` is the price of a thousand results; a target without a limit is paid for `expected` of them. `total`
    and `rows` are of one finished run."""

    name: str
    dollars: float
    targets: str
    total: Callable[[Stage, Run, Moment], int]
    rows: Callable[[Stage, Run, Moment, int, int], list[dict[str, Any]]]
    expected: int = 1_000

    @property
    def id(self) -> str:
        return self.name.replace("/", "~")

    def ordered(self, order: dict[str, Any]) -> list[str]:
        """The targets of an order; an order without any is refused."""
        targets = order.get(self.targets)
        return [str(target) for target in targets] if isinstance(targets, list) else []


def _missing(name: str) -> dict[str, Any]:
    return {"username": name, "error": "not_found", "errorDescription": "The page does not exist."}


def _profiles(stage: Stage, run: Run, moment: Moment) -> list[dict[str, Any]]:
    rows = []
    for name in run.input["usernames"]:
        account = stage.world.by_username(str(name), moment)
        if account is not None:
            rows.append(_profile(stage, account, moment))
        elif not run.leaves_out_missing:
            rows.append(_missing(str(name)))
    return rows


def _profile(stage: Stage, account: Account, moment: Moment) -> dict[str, Any]:
    return {
        "inputUrl": f"https://www.instagram.com/{account.username}",
        "id": str(account.pk),
        "username": account.username,
        "url": f"https://www.instagram.com/{account.username}",
        "fullName": text(account.name_json),
        "biography": text(account.bio_json),
        "externalUrl": account.external_url or None,
        "followersCount": stage.world.count(account.pk, "followers", moment),
        "followsCount": stage.world.count(account.pk, "following", moment),
        "postsCount": stage.posts.count(account, moment),
        "private": account.is_private,
        "verified": account.is_verified,
        "isBusinessAccount": account.is_business,
        "businessCategoryName": account.category or None,
        "profilePicUrl": picture_of(account, signature(stage, moment)),
    }


def _list_target(stage: Stage, run: Run, moment: Moment) -> tuple[Account | None, str]:
    account = stage.world.by_username(str(run.input["Account"][0]), moment)
    wanted = str(run.input.get("dataToScrape", "Followers")).lower()
    return account, "following" if wanted.startswith("following") else "followers"


def _limit(run: Run, total: int) -> int:
    limits = (run.input.get("resultsLimit"), run.most_items)
    return min([total, *(limit for limit in limits if isinstance(limit, int) and limit > 0)])


def _list_total(stage: Stage, run: Run, moment: Moment) -> int:
    account, direction = _list_target(stage, run, moment)
    if account is None or account.is_private:
        return 1
    return _limit(run, truth.listed_count(stage.world, account.pk, direction, moment))


def _list_rows(stage: Stage, run: Run, moment: Moment, offset: int, size: int) -> list[dict[str, Any]]:
    account, direction = _list_target(stage, run, moment)
    name = str(run.input["Account"][0])
    if account is None or account.is_private:
        refused = _missing(name) if account is None else {"error": "private", "errorDescription": "Account is private"}
        return [refused | {"username_scrape": name}] if offset == 0 else []
    place = _place_of(stage, run, account, direction, moment, offset)
    if place is None:
        return []
    page = page_of(stage, account.pk, direction, moment, place=place, size=size)
    if page.following_place is not None:
        run.places[offset + size] = str(page.following_place)
    return [_person(json.loads(row), account, direction) for row in page.rows]


def _place_of(stage: Stage, run: Run, account: Account, direction: str, moment: Moment, offset: int) -> Place | None:
    """Where the row number `offset` stands: pages are read one after another, so the place is nearly always known."""
    known = max((at for at in run.places if at <= offset), default=0)
    place = parse_cursor(run.places[known]) if known else Place()
    while known < offset:
        step = min(offset - known, 1_000)
        page = page_of(stage, account.pk, direction, moment, place=place, size=step)
        if page.following_place is None:
            return None
        known, place = known + step, page.following_place
    return place


def _person(row: dict[str, Any], account: Account, direction: str) -> dict[str, Any]:
    kept = ("username", "full_name", "id", "is_private", "is_verified", "profile_pic_url")
    found = {name: row[name] for name in kept}
    return found | {"username_scrape": account.username, "type": direction.title()}


def _posts(stage: Stage, run: Run, moment: Moment, offset: int, size: int) -> list[dict[str, Any]]:
    account = stage.world.by_username(str(run.input["username"][0]), moment)
    if account is None or account.is_private:
        name = str(run.input["username"][0])
        refused = _missing(name) if account is None else {"username": name, "error": "private"}
        return [refused] if offset == 0 else []
    top = stage.posts.count(account, moment) - offset
    found = stage.posts.latest(account, moment, top, size) if top > 0 else []
    return [_post(stage, account, post, moment) for post in found]


def _posts_total(stage: Stage, run: Run, moment: Moment) -> int:
    account = stage.world.by_username(str(run.input["username"][0]), moment)
    return 1 if account is None or account.is_private else _limit(run, stage.posts.count(account, moment))


def _iso(stage: Stage, born: float) -> str:
    return datetime.fromtimestamp(int(stage.clock.start_epoch + born), UTC).isoformat().replace("+00:00", ".000Z")


def _post(stage: Stage, account: Account, post: Post, moment: Moment) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": str(post.pk),
        "type": _KINDS[post.kind],
        "shortCode": post.code,
        "caption": post.caption,
        "url": f"https://www.instagram.com/p/{post.code}/",
        "commentsCount": post.comments,
        "likesCount": post.likes,
        "timestamp": _iso(stage, post.born),
        "ownerUsername": account.username,
        "ownerId": str(account.pk),
        "displayUrl": picture_of(account, signature(stage, moment)),
    }
    if post.kind == 2:
        data |= {"productType": "clips", "videoPlayCount": post.plays}
    return data


def _commented(stage: Stage, run: Run, moment: Moment) -> tuple[Account, Post] | None:
    code = str(run.input["directUrls"][0]).rstrip("/").rpartition("/")[2]
    return stage.posts.find(pk_of_code(code), moment)


def _all_comments(stage: Stage, run: Run, moment: Moment) -> list[dict[str, Any]]:
    found = _commented(stage, run, moment)
    url = str(run.input["directUrls"][0])
    if found is None:
        return [{"postUrl": url, "error": "not_found", "errorDescription": "Post does not exist"}]
    account, post = found
    stamp = signature(stage, moment)
    comments, _ = stage.posts.comments(account, post, moment, -1, 10_000)
    rows = []
    for comment in comments:
        author = stage.world.account(comment.author, moment)
        if author is not None:
            row = {"postUrl": url, "id": str(comment.pk), "text": comment.text, "ownerUsername": author.username}
            row |= {"ownerProfilePicUrl": picture_of(author, stamp), "timestamp": _iso(stage, comment.born)}
            owner = {"id": str(author.pk), "username": author.username, "is_verified": author.is_verified}
            rows.append(row | {"likesCount": comment.likes, "repliesCount": 0, "replies": [], "owner": owner})
    return rows[: _limit(run, len(rows))]


Make = Callable[[Stage, Run, Moment], list[dict[str, Any]]]


def _whole(make: Make, name: str, dollars: float, targets: str, expected: int) -> Actor:
    """An actor whose rows are few enough to be made at once."""
    return Actor(
        name, dollars, targets,
        lambda stage, run, moment: len(make(stage, run, moment)),
        lambda stage, run, moment, offset, size: make(stage, run, moment)[offset : offset + size],
        expected,
    )  # fmt: skip


ACTORS = {
    actor.id: actor
    for actor in (
        _whole(_profiles, PROFILES, 2.6, "usernames", 1),
        Actor(LISTS, 1.0, "Account", _list_total, _list_rows),
        Actor(POSTS, 2.3, "username", _posts_total, _posts),
        _whole(_all_comments, COMMENTS, 2.3, "directUrls", 1_000),
    )
}
