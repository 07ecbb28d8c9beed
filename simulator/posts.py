"""Posts: when they were made, how their likes, comments and plays grow, who likes and what is said."""

from dataclasses import dataclass
from math import exp

from simulator.clock import Moment
from simulator.mixing import draw, share
from simulator.world import Account, World

MEDIA_ORIGIN = 3_100_000_000_000_000_000
COMMENT_ORIGIN = 17_900_000_000_000_000
PER_ACCOUNT = 4096
DAY = 86_400.0
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
LIKERS_SHOWN = 100
TEXTS = (
    "Love this! 😍", "So beautiful", "Where is this?", "🔥🔥🔥", "Goals", "Qué bonito 😍", "¡Me encanta!",
    "¿Dónde es?", "C'est magnifique", "J'adore ❤️", "Wunderschön!", "Wie toll ist das denn",
    "Bellissimo", "Che meraviglia 💚", "Que lindo!", "Maravilhoso 👏", "Красота!", "Очень красиво",
    "جميل جدا ❤️", "ما شاء الله", "かわいい！", "素敵です✨", "太美了", "好喜欢", "정말 예뻐요", "멋져요 👍", "बहुत सुंदर",
    "Çok güzel 🌸", "Prachtig!", "Piękne zdjęcie", "Vackert ✨", "יפה מאוד", "สวยมาก", "First!",
    "Can you share the recipe?", "How long did it take you?", "My sister would love this one",
    "Not my favourite, to be honest", "This is so underrated", "<b>nice</b>", "=1+1",
    "Check your DM please 🙏",
)  # fmt: skip
CAPTIONS = (
    "Morning light.", "New in the studio ✨", "Behind the scenes", "Domingo lento 🌿",
    "Throwback to last summer", "Work in progress… #handmade #slow", "Which one is yours?",
    "Merci pour tout ❤️", "春の色 🌸", "قريبا", "Out now!", "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """A post at one moment. `kind` is Instagram's media_type: 1 photo, 2 video, 8 album; `born` in world seconds."""

    pk: int
    owner: int
    number: int
    kind: int
    born: float
    caption: str
    likes: int
    comments: int
    plays: int

    @property
    def id(self) -> str:
        return f"{self.pk}_{self.owner}"

    @property
    def code(self) -> str:
        return code_of(self.pk)


def code_of(media_pk: int) -> str:
    """The short code of a post's URL: its pk in base 64."""
    code = ""
    while media_pk:
        media_pk, digit = divmod(media_pk, 64)
        code = ALPHABET[digit] + code
    return code


def pk_of_code(code: str) -> int:
    """The pk of a short code; 0 if there can be no such post."""
    pk = 0
    for letter in code:
        digit = ALPHABET.find(letter)
        if digit < 0:
            return 0
        pk = pk * 64 + digit
    return pk


@dataclass(frozen=True, slots=True)
class Comment:
    pk: int
    author: int
    text: str
    born: float
    likes: int


class Posts:
    """The posts of everybody in the world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def _rhythm(self, account: Account) -> tuple[int, float, int]:
        """(posts on the world's first day, seconds between posts, key)."""
        key = draw(self.world.seed, account.pk, 61)
        first = account.cast.posts if account.cast is not None else int(4 * exp(4.5 * share(key)))
        return first, DAY * (0.7 + 9 * share(draw(key, 1)) ** 2), key

    def _born(self, account: Account, number: int) -> float:
        first, interval, key = self._rhythm(account)
        return (number - first + 0.9 * share(draw(key, number, 2))) * interval

    def count(self, account: Account, moment: Moment) -> int:
        first, interval, _ = self._rhythm(account)
        reached = first + int(moment.now / interval)
        return min(PER_ACCOUNT, reached + (self._born(account, reached) <= moment.now))

    def latest(self, account: Account, moment: Moment, below: int, size: int) -> list[Post]:
        """Up to `size` posts, newest first, numbered below `below` (0: from the top)."""
        count = self.count(account, moment)
        top = min(below, count) if below else count
        return [self._post(account, number, moment) for number in range(top - 1, max(top - 1 - size, -1), -1)]

    def find(self, media_pk: int, moment: Moment) -> tuple[Account, Post] | None:
        """A post by pk with its owner, or None when there is none (yet)."""
        owner, number = divmod(media_pk - MEDIA_ORIGIN, PER_ACCOUNT)
        account = self.world.account(owner, moment) if owner > 0 else None
        if account is None or number >= self.count(account, moment):
            return None
        return account, self._post(account, number, moment)

    def _post(self, account: Account, number: int, moment: Moment) -> Post:
        key = draw(self.world.seed, account.pk, 62, number)
        pk = MEDIA_ORIGIN + account.pk * PER_ACCOUNT + number
        kind = (1, 1, 2, 8)[key & 3]
        born = self._born(account, number)
        media_id = f"{pk}_{account.pk}"
        followers = self.world.frozen(account.pk, "followers", moment).count
        engaged = 0.01 + 0.07 * share(draw(key, 1)) ** 2
        ripe = 1 - exp(-max(moment.now - born, 0) / (1.5 * DAY))
        likes = int(followers * engaged * ripe * (1 + 0.02 * (moment.now - born) / (90 * DAY + moment.now - born)))
        written = self.world.overlay
        return Post(
            pk=pk,
            owner=account.pk,
            number=number,
            kind=kind,
            born=born,
            caption=CAPTIONS[(key >> 8) % len(CAPTIONS)],
            likes=likes + len(written.likes.get(media_id, {})),
            comments=int(likes * (0.02 + 0.06 * share(draw(key, 2)))) + len(written.comments.get(media_id, [])),
            plays=int(likes * (6 + 20 * share(draw(key, 3)))) if kind == 2 else 0,
        )

    def likers(self, account: Account, post: Post, moment: Moment) -> list[int]:
        """Up to a hundred pks, those who liked through the API first."""
        frozen = self.world.frozen(account.pk, "followers", moment)
        written = list(self.world.overlay.likes.get(post.id, {}))
        natural = (draw(post.pk, n, 7) % max(frozen.slots, 1) for n in range(min(post.likes, LIKERS_SHOWN + 30)))
        pks = [frozen.pk_at(slot) for slot in dict.fromkeys(natural) if frozen.is_listed(slot)]
        return (written + pks)[: min(LIKERS_SHOWN, post.likes)]

    def comments(
        self, account: Account, post: Post, moment: Moment, below: int, size: int
    ) -> tuple[list[Comment], int]:
        """Natural comments numbered below `below` (-1: from the newest), newest first, and where the next page begins
        (0: nowhere). Comments of people who have gone are not shown, though they count."""
        count = post.comments - len(self.world.overlay.comments.get(post.id, []))
        top = count if below < 0 else min(below, count)
        frozen = self.world.frozen(account.pk, "followers", moment)
        bottom = max(top - size, 0)
        found = []
        for number in range(top - 1, bottom - 1, -1):
            key = draw(post.pk, number, 8)
            slot = key % max(frozen.natural.shape.founders, 1)
            if not frozen.is_listed(slot):
                continue
            pk = COMMENT_ORIGIN + (draw(post.pk, 9) & 0xFFFFFFFF) * 10_000 + number
            born = post.born + (moment.now - post.born) * (number + share(key)) / (count + 1)
            found.append(Comment(pk, frozen.pk_at(slot), TEXTS[(key >> 20) % len(TEXTS)], born, (key >> 40) % 9))
        return found, bottom
