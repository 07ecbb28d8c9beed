"""What the app loads after signing in: stories and the home feed."""

from simulator.cast import CAST, PK_OF
from simulator.instagram.media import item
from simulator.instagram.routing import Call, private_api
from simulator.wire import Response, as_json


@private_api.on("POST", "feed/reels_tray/")
def reels_tray(_call: Call) -> Response:
    return as_json({"tray": [], "broadcasts": [], "story_ranking_token": "sim", "status": "ok"})


@private_api.on("POST", "feed/timeline/")
def timeline(call: Call) -> Response:
    """The latest post of each public account of the cast that the login follows."""
    moment, stage = call.stage.now(), call.stage
    items = []
    for named in CAST:
        pk = PK_OF[named.username]
        account = stage.world.account(pk, moment)
        if account is None or stage.world.follows(call.me.pk, pk, moment) != "following":
            continue
        latest = stage.posts.latest(account, moment, 0, 1)
        items += [{"media_or_ad": item(call, account, post, moment)} for post in latest]
    data = {"feed_items": items, "num_results": len(items), "more_available": False, "next_max_id": None}
    return as_json(data | {"status": "ok"})
