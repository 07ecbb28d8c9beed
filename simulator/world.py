"""The world: accounts of both kinds (cast and population), their lists, and who follows whom."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp

from simulator import cast
from simulator.cast import CastAccount
from simulator.clock import Moment
from simulator.follows import FrozenList, ListShape, NaturalList, window_for
from simulator.fullnames import as_json_text
from simulator.mixing import draw, share
from simulator.overlay import Overlay
from simulator.population import SIZE, Person, Population

FOLLOWING_CAP = 7_500
FOUNDING = -900 * 86_400.0
CATEGORIES = ("Artist", "Photographer", "Product/service", "Personal blog", "Clothing (brand)", "Restaurant")


@dataclass(frozen=True, slots=True)
class Account:
    """Anybody with a profile, at one moment. `index` is None for the cast; the `_json` texts are escaped for JSON."""

    pk: int
    username: str
    name_json: str
    bio_json: str
    is_private: bool
    is_verified: bool
    is_business: bool
    has_picture: bool
    category: str
    external_url: str
    index: int | None
    cast: CastAccount | None


class World:
    """Everything that can be asked about people; time is always given, nothing is stored but the overlay."""

    def __init__(self, seed: int, *, dirty: bool = False) -> None:
        self.seed = seed
        self.population = Population(seed, dirty=dirty)
        self.overlay = Overlay()
        self._lists: OrderedDict[tuple[int, str], NaturalList] = OrderedDict()
        self._cast_lists: dict[tuple[int, str], NaturalList] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything that was written."""
        self.overlay = Overlay()
        for account in cast.CAST:
            for target in account.follows:
                self.overlay.set(cast.PK_OF[account.username], cast.PK_OF[target], "following", FOUNDING)

    def account(self, pk: int, moment: Moment) -> Account | None:
        """The account with this pk, or None when there is none or it is closed."""
        named = cast.BY_PK.get(pk)
        if named is not None:
            return _named(pk, named, moment)
        person = self.population.person(pk, moment.step)
        return _ordinary(person) if person is not None and person.is_active else None

    def by_username(self, username: str, moment: Moment) -> Account | None:
        username = username.lower()
        pk = cast.PK_OF.get(username)
        if pk is not None:
            return self.account(pk, moment)
        person = self.population.find(username, moment.step)
        return _ordinary(person) if person is not None and person.is_active else None

    def natural(self, pk: int, direction: str) -> NaturalList:
        """The natural list of anybody; those of the cast are kept, of others the latest thousand."""
        key = (pk, direction)
        if pk in cast.BY_PK:
            found = self._cast_lists.get(key)
            if found is None:
                found = self._cast_lists[key] = self._cast_list(pk, direction)
            return found
        found = self._lists.get(key)
        if found is None:
            found = self._lists[key] = NaturalList(self._ordinary_shape(pk, direction), self.population)
            if len(self._lists) > 1000:
                self._lists.popitem(last=False)
        return found

    def frozen(self, pk: int, direction: str, moment: Moment) -> FrozenList:
        return self.natural(pk, direction).at(moment.step)

    def _cast_list(self, pk: int, direction: str) -> NaturalList:
        """With as many founders as it takes for the first day's count to be the documented one."""
        account = cast.BY_PK[pk]
        incoming = direction == "followers"
        size = account.followers if incoming else account.following
        size -= len(self.overlay.partners(pk, direction))
        shape = ListShape(
            key=draw(self.seed, pk, 31 if incoming else 32),
            start=account.community,
            window=(account.followers_window or window_for(size)) if incoming else window_for(size),
            founders=size,
            per_day=account.per_day if incoming else 0.0 if size > 7_000 else account.following / 2_000,
            leave_share=184 if incoming else 90,
            hidden=account.hidden if incoming else 0.0,
        )
        low, high = size, size + size // 3 + 64
        while low < high:
            middle = (low + high) // 2
            if NaturalList(replace(shape, founders=middle), self.population).at(0).count < size:
                low = middle + 1
            else:
                high = middle
        return NaturalList(replace(shape, founders=low), self.population)

    def _ordinary_shape(self, pk: int, direction: str) -> ListShape:
        """Most people have a few hundred followers, a few have thousands; the gap is up to 5 %, stable per person."""
        key = draw(self.seed, pk, 33 if direction == "followers" else 34)
        luck = share(draw(key, 1))
        size = int(14 * exp(6.2 * luck**1.4)) if direction == "followers" else int(40 * exp(4.2 * luck))
        index = self.population.index_of(pk)
        if index is None:
            origin = self.population.predecessor_of(pk)
            index = origin[0] if origin else 0
        window = window_for(size)
        hidden = 0.05 * share(draw(key, 2)) if direction == "followers" and key & 3 == 0 else 0.0
        start = min(index & -window, SIZE - window)
        return ListShape(key, start, window, min(size, FOLLOWING_CAP), size * 0.0007, 120, hidden)

    def pinned(self, pk: int, direction: str, moment: Moment) -> list[int]:
        """The cast in an ordinary person's list: those whose natural lists hold this person the other way round."""
        if pk in cast.BY_PK:
            return []
        other = "following" if direction == "followers" else "followers"
        return [named for named in cast.BY_PK if self.frozen(named, other, moment).slot_holding(pk) is not None]

    def follows(self, source: int, target: int, moment: Moment) -> str:
        """ "following", "requested" or "none". Between two ordinary people the target's follower list decides."""
        edge = self.overlay.edge(source, target)
        state = edge.state(moment.now) if edge is not None else None
        if state is not None:
            return state
        if source in cast.BY_PK:
            natural = target not in cast.BY_PK and self.frozen(source, "following", moment).slot_holding(target)
        else:
            natural = self.frozen(target, "followers", moment).slot_holding(source)
        return "following" if natural is not None and natural is not False else "none"

    def extras(self, pk: int, direction: str, moment: Moment) -> list[tuple[int, int]]:
        """(sequence, pk) of those in a list who are not in the natural one, latest first, without closed accounts."""
        decided = self.overlay.decided(pk, direction, moment.now)
        found = [(seq, partner) for seq, partner, state in decided if state == "following"]
        overruled = self.overlay.partners(pk, direction)
        found += [(-named, named) for named in self.pinned(pk, direction, moment) if named not in overruled]
        return sorted(((s, p) for s, p in found if self.account(p, moment) is not None), reverse=True)

    def overruled(self, pk: int, direction: str, moment: Moment) -> set[int]:
        """Partners whom the natural list must not show, because the overlay decides about them."""
        return {partner for _, partner, _ in self.overlay.decided(pk, direction, moment.now)}

    def count(self, pk: int, direction: str, moment: Moment) -> int:
        """The count on the profile."""
        frozen = self.frozen(pk, direction, moment)
        hidden = sum(frozen.slot_holding(p) is not None for p in self.overruled(pk, direction, moment))
        return frozen.count - hidden + len(self.extras(pk, direction, moment))


@lru_cache(maxsize=64)
def _json(text: str) -> str:
    return as_json_text(text)


def _named(pk: int, named: CastAccount, moment: Moment) -> Account:
    season = int(moment.now // (45 * 86_400)) % len(named.biographies)
    return Account(
        pk=pk,
        username=named.username,
        name_json=_json(named.full_name),
        bio_json=_json(named.biographies[season]),
        is_private=named.is_private,
        is_verified=named.is_verified,
        is_business=named.is_business,
        has_picture=True,
        category=named.category,
        external_url=named.external_url,
        index=None,
        cast=named,
    )


def _ordinary(person: Person) -> Account:
    bits = person.traits >> 48
    bio = f"{person.full_name_json} · {CATEGORIES[bits % 6]} #{bits & 1023}" if bits & 3 else ""
    return Account(
        pk=person.pk,
        username=person.username,
        name_json=person.full_name_json,
        bio_json=bio,
        is_private=person.is_private,
        is_verified=person.is_verified,
        is_business=person.is_business,
        has_picture=person.has_picture,
        category=CATEGORIES[(bits >> 4) % 6] if person.is_business else "",
        external_url=f"https://{person.username}.example/" if bits & 15 == 1 else "",
        index=person.index,
        cast=None,
    )
