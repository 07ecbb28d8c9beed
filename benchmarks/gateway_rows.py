"""``python -m benchmarks.gateway_rows``: how many people a second the private API's pages are read at, on one core.

Measures what a page costs once it has arrived: JSON, cleaning, our frozen rows. Half of the names are in other scripts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from accounts.gateway.providers.instagrapi_rows import people_page
from accounts.gateway.results import PeoplePage

PAGE = 200
PAGES = 500


def page() -> bytes:
    """An answer as long as Instagram's."""
    users: list[dict[str, object]] = [
        {
            "pk": 10**9 + number,
            "pk_id": str(10**9 + number),
            "strong_id__": str(10**9 + number),
            "username": f"some.person_{number}",
            "full_name": "Ñandú 🌿 Пример" if number % 2 else "Some Person",
            "is_private": number % 3 == 0,
            "is_verified": False,
            "profile_pic_id": f"{10**18 + number}_{10**9 + number}",
            "profile_pic_url": "https://scontent-ams2-1.cdninstagram.com/v/t51.2885-19/" + "x" * 220,
            "fbid_v2": "17841400000000000",
            "third_party_downloads_enabled": 0,
            "has_anonymous_profile_picture": False,
            "account_badges": [],
            "latest_reel_media": 0,
            "is_favorite": False,
        }
        for number in range(PAGE)
    ]
    return json.dumps({"users": users, "next_max_id": "QVFE", "big_list": True, "status": "ok"}).encode()


def main() -> None:
    """Prints both rates: with and without the JSON."""
    body = page()
    answer = json.loads(body)
    ways: dict[str, Callable[[], PeoplePage]] = {
        "rows": lambda: people_page(answer),
        "JSON and rows": lambda: people_page(json.loads(body)),
    }
    for name, read in ways.items():
        started = time.perf_counter()
        for _ in range(PAGES):
            read()
        took = time.perf_counter() - started
        print(f"{name:14} {PAGE * PAGES / took:>10,.0f} people/s")


if __name__ == "__main__":
    main()
