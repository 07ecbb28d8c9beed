"""Sixty-seven million people, none of them stored: pk, username and traits are computed from an index, both ways."""

import re
from dataclasses import dataclass

from simulator.churn import PersonTimeline
from simulator.fullnames import HOSTILE_BLOCK, TABLE_SIZE, build_table
from simulator.mixing import GOLDEN, MASK64, draw, mix
from simulator.words import GIVEN_WORDS, SECOND_WORDS

INDEX_BITS = 26
SIZE = 1 << INDEX_BITS
MASK = SIZE - 1
PK_ORIGIN = 2_000_000_000
PK_STRIDE = 59
SUCCESSOR_ORIGIN = 40_000_000_000
HOSTILE_FROM = SIZE - (1 << 16)
"""People of the last 65,536 indexes carry hostile display names."""
LAST_STYLE = 5

_USERNAME = re.compile(r"(its\.|real_)?([a-z]+)([._])([a-z]+)(_?)(\d+)")
STYLES = (("", ".", ""), ("", "_", ""), ("", ".", "_"), ("", "_", "_"), ("its.", ".", ""), ("real_", "_", ""))
_GIVEN_AT = {word: n for n, word in enumerate(GIVEN_WORDS)}
_SECOND_AT = {word: n for n, word in enumerate(SECOND_WORDS)}
_SECOND_SHIFT = 7
_NUMBER_SHIFT = 15


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the population at one moment. `index` is the place in the population, `born` the style they were
    first named in (0 for everybody but the successors of an abandoned username)."""

    pk: int
    index: int
    username: str
    full_name_json: str
    is_private: bool
    is_verified: bool
    is_business: bool
    has_picture: bool
    is_active: bool
    traits: int


class Population:
    """The bijections between index, pk and username, and each person's traits."""

    def __init__(self, seed: int, *, dirty: bool = False) -> None:
        self.seed = seed
        self.trait_key = draw(seed, 1)
        self.full_names = build_table(seed, dirty=dirty)
        self.timeline = PersonTimeline(draw(seed, 2))
        self.pk_factor = (draw(seed, 3) & MASK) | 1
        self.pk_offset = draw(seed, 4) & MASK
        self.name_factor = (draw(seed, 5) & MASK) | 1
        self.name_offset = draw(seed, 6) & MASK
        self._pk_inverse = pow(self.pk_factor, -1, SIZE)
        self._name_inverse = pow(self.name_factor, -1, SIZE)

    def pk_of(self, index: int) -> int:
        return PK_ORIGIN + ((index * self.pk_factor + self.pk_offset) & MASK) * PK_STRIDE

    def index_of(self, pk: int) -> int | None:
        """The index of an ordinary person's pk, or None when nobody ever had it."""
        place, rest = divmod(pk - PK_ORIGIN, PK_STRIDE)
        if rest or not 0 <= place < SIZE:
            return None
        return ((place - self.pk_offset) * self._pk_inverse) & MASK

    def successor_pk(self, index: int, style: int) -> int:
        """The pk of whoever takes the username that this person gave up in this style."""
        return SUCCESSOR_ORIGIN + ((index * self.pk_factor + self.pk_offset) & MASK) * 8 + style

    def predecessor_of(self, pk: int) -> tuple[int, int] | None:
        """(index, style) of the person whose old username this successor carries."""
        place, style = divmod(pk - SUCCESSOR_ORIGIN, 8)
        if not 0 <= place < SIZE or style >= LAST_STYLE:
            return None
        return ((place - self.pk_offset) * self._pk_inverse) & MASK, style

    def username_of(self, index: int, style: int) -> str:
        u = self.name_number(index)
        before, between, after = STYLES[min(style, LAST_STYLE)]
        given, second = GIVEN_WORDS[u & 127], SECOND_WORDS[(u >> _SECOND_SHIFT) & 255]
        return f"{before}{given}{between}{second}{after}{u >> _NUMBER_SHIFT}"

    def index_and_style(self, username: str) -> tuple[int, int] | None:
        """Who may carry this username, and in which style; None when it is not of the population's making."""
        found = _USERNAME.fullmatch(username)
        if found is None:
            return None
        before, given, between, second, after, digits = found.groups(default="")
        style = next((n for n, parts in enumerate(STYLES) if parts == (before, between, after)), None)
        if style is None or given not in _GIVEN_AT or second not in _SECOND_AT or len(digits) > 4:
            return None
        number = int(digits)
        if number >= SIZE >> _NUMBER_SHIFT or str(number) != digits:
            return None
        u = _GIVEN_AT[given] | (_SECOND_AT[second] << _SECOND_SHIFT) | (number << _NUMBER_SHIFT)
        return self.index_of_name(u), style

    def name_number(self, index: int) -> int:
        """Which of the possible names this person has. The shift keeps people of one class from being namesakes."""
        u = (index * self.name_factor + self.name_offset) & MASK
        return u ^ (u >> (INDEX_BITS // 2))

    def index_of_name(self, number: int) -> int:
        """Who has this name: the reverse of `name_number`."""
        u = number ^ (number >> (INDEX_BITS // 2))
        return ((u - self.name_offset) * self._name_inverse) & MASK

    def traits_of(self, index: int) -> int:
        """64 random bits of the person: from bit 0 for the name, 16 private, 24 verified, 32 business, 40 picture."""
        return mix(((index + 1) * GOLDEN ^ self.trait_key) & MASK64)

    def full_name_json(self, index: int, traits: int) -> str:
        if index >= HOSTILE_FROM and traits & 3:
            return self.full_names[(traits >> 4) & (HOSTILE_BLOCK - 1)]
        if traits & 15 < 9:
            u = self.name_number(index)
            return f"{GIVEN_WORDS[u & 127].title()} {SECOND_WORDS[(u >> _SECOND_SHIFT) & 255].title()}"
        return self.full_names[(traits >> 4) & (TABLE_SIZE - 1)]

    def person(self, pk: int, at: int) -> Person | None:
        """Anybody of the population by pk, as they are `at` seconds after the world's start; None if not born yet."""
        index = self.index_of(pk)
        if index is not None:
            state = self.timeline.states(at)[index & 4095]
            traits = self.traits_of(index)
            return self._build(pk, index, state.style, traits, active=not state.gone, flipped=state.flipped)
        origin = self.predecessor_of(pk)
        if origin is None or not self.timeline.is_recycled(origin[0] & 4095, origin[1], at):
            return None
        index, style = origin
        return self._build(pk, index, style, mix(self.traits_of(index) ^ style ^ 77), active=True, flipped=False)

    def _build(self, pk: int, index: int, style: int, traits: int, *, active: bool, flipped: bool) -> Person:
        return Person(
            pk=pk,
            index=index,
            username=self.username_of(index, style),
            full_name_json=self.full_name_json(index, traits),
            is_private=((traits >> 16) & 255 < 56) != flipped,
            is_verified=(traits >> 24) & 255 < 2,
            is_business=(traits >> 32) & 255 < 30,
            has_picture=(traits >> 40) & 255 >= 26,
            is_active=active,
            traits=traits,
        )

    def find(self, username: str, at: int) -> Person | None:
        """Whoever carries the username at that time: its first owner, or the successor once it was given up."""
        found = self.index_and_style(username)
        if found is None:
            return None
        index, style = found
        holder = self.person(self.pk_of(index), at)
        if holder is not None and holder.username == username:
            return holder
        return self.person(self.successor_pk(index, style), at) if style < LAST_STYLE else None
