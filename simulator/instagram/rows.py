"""How Instagram writes people as JSON: short rows in lists, long ones on profiles."""

import json
from typing import Any

from simulator import pictures
from simulator.clock import Moment
from simulator.follows import FrozenList
from simulator.fullnames import HOSTILE_BLOCK, TABLE_SIZE
from simulator.mixing import GOLDEN, MASK64
from simulator.pictures import ANONYMOUS
from simulator.population import HOSTILE_FROM, LAST_STYLE, MASK, PK_ORIGIN, PK_STRIDE, STYLES
from simulator.stage import Stage
from simulator.words import GIVEN_WORDS, SECOND_WORDS
from simulator.world import Account

_TITLED_GIVEN = tuple(word.title() for word in GIVEN_WORDS)
_TITLED_SECOND = tuple(word.title() for word in SECOND_WORDS)
_BOOL = ("false", "true")


def signature(stage: Stage, moment: Moment) -> str:
    return pictures.stamp(stage.log.total + 1, moment.epoch)


def picture_of(account: Account, stamp: str, size: int = 150) -> str:
    if not account.has_picture:
        return f"{ANONYMOUS}?{stamp}"
    generation = _style_of(account.username) if account.cast is None else 0
    return pictures.picture_url(account.pk, generation, stamp, size)


def _style_of(username: str) -> int:
    """People change their picture with their name: the style of the name is the picture's generation."""
    return username.count("_") * 2 + username.count(".")


def _row(pk: int, username: str, name: str, *, private: bool, verified: bool, has_picture: bool, picture: str) -> str:
    return (
        f'{{"pk":"{pk}","pk_id":"{pk}","id":"{pk}","strong_id__":"{pk}","username":"{username}","full_name":"{name}",'
        f'"is_private":{_BOOL[private]},"is_verified":{_BOOL[verified]},'
        f'"profile_pic_id":"{pk * 31}_{pk}","profile_pic_url":"{picture}",'
        f'"has_anonymous_profile_picture":{_BOOL[not has_picture]},"account_badges":[],"latest_reel_media":0}}'
    )


def short_row(account: Account, stamp: str) -> str:
    """A person as in a list, as JSON text."""
    return _row(
        account.pk,
        account.username,
        account.name_json,
        private=account.is_private,
        verified=account.is_verified,
        has_picture=account.has_picture,
        picture=picture_of(account, stamp),
    )


def natural_rows(frozen: FrozenList, slots: list[int], stamp: str) -> list[str]:
    """The same row for the people of many slots: the hot path of the simulator, so everything is written out in line.
    Slots of successors must not be among them."""
    natural, population = frozen.natural, frozen.natural.population
    states = population.timeline.states(frozen.moment)
    start, mask, factor, offset = natural.shape.start, natural.mask, natural.factor, natural.offset
    pk_factor, pk_offset = population.pk_factor, population.pk_offset
    name_factor, name_offset = population.name_factor, population.name_offset
    key, names = population.trait_key, population.full_names
    rows = []
    for slot in slots:
        index = start + ((slot * factor + offset) & mask)
        pk = PK_ORIGIN + ((index * pk_factor + pk_offset) & MASK) * PK_STRIDE
        state = states[index & 4095]
        t = ((index + 1) * GOLDEN ^ key) & MASK64  # the finalizer of mixing.mix, in line
        t = ((t ^ (t >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        t = ((t ^ (t >> 27)) * 0x94D049BB133111EB) & MASK64
        t ^= t >> 31
        u = (index * name_factor + name_offset) & MASK
        u ^= u >> 13
        given, second, style = u & 127, (u >> 7) & 255, state.style
        before, between, after = STYLES[style if style < LAST_STYLE else LAST_STYLE]
        username = f"{before}{GIVEN_WORDS[given]}{between}{SECOND_WORDS[second]}{after}{u >> 15}"
        if index >= HOSTILE_FROM and t & 3:
            name = names[(t >> 4) & (HOSTILE_BLOCK - 1)]
        elif t & 15 < 9:
            name = f"{_TITLED_GIVEN[given]} {_TITLED_SECOND[second]}"
        else:
            name = names[(t >> 4) & (TABLE_SIZE - 1)]
        has_picture = (t >> 40) & 255 >= 26
        generation = username.count("_") * 2 + username.count(".")
        picture = pictures.picture_url(pk, generation, stamp) if has_picture else f"{ANONYMOUS}?{stamp}"
        private, verified = ((t >> 16) & 255 < 56) != state.flipped, (t >> 24) & 255 < 2
        row = _row(pk, username, name, private=private, verified=verified, has_picture=has_picture, picture=picture)
        rows.append(row)
    return rows


def text(json_text: str) -> str:
    """The string that an escaped piece of JSON stands for."""
    value = json.loads(f'"{json_text}"')
    return str(value)


def short(account: Account, stamp: str) -> dict[str, Any]:
    row = json.loads(short_row(account, stamp))
    return row if isinstance(row, dict) else {}


def profile(stage: Stage, account: Account, moment: Moment, *, is_own: bool) -> dict[str, Any]:
    """The user object of users/…/info/."""
    stamp = signature(stage, moment)
    world = stage.world
    business = account.is_business
    data = short(account, stamp) | {
        "pk": account.pk,
        "id": str(account.pk),
        "biography": text(account.bio_json),
        "external_url": account.external_url,
        "bio_links": [{"link_id": "1", "url": account.external_url, "title": ""}] if account.external_url else [],
        "follower_count": world.count(account.pk, "followers", moment),
        "following_count": world.count(account.pk, "following", moment),
        "media_count": stage.posts.count(account, moment),
        "is_business": business,
        "account_type": 2 if business else 1,
        "category": account.category or None,
        "public_email": f"hello@{account.username}.example" if business else "",
        "hd_profile_pic_url_info": {"url": picture_of(account, stamp, 1080), "width": 1080, "height": 1080},
        "hd_profile_pic_versions": [{"url": picture_of(account, stamp, 320), "width": 320, "height": 320}],
        "is_potential_business": False,
        "has_chaining": True,
        "mutual_followers_count": 0,
        "total_clips_count": 0,
    }
    if is_own:
        data |= {"email": f"{account.username}@mail.example", "phone_number": "", "gender": 3, "birthday": None}
    return data
