"""From a passphrase to a key: Argon2id (RFC 9106), as slow as this machine makes bearable. Imports no Django."""

from __future__ import annotations

import os
import time
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from igsite.secrets import Secret

SALT_BYTES: Final = 16
SHORTEST: Final = 12  # characters
LONGEST: Final = 1_000
_WANTED_SECONDS: Final = 0.5
_MOST_PASSES: Final = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try costs: passes over ``memory_kib`` kibibytes in ``lanes`` parallel lanes."""

    passes: int
    memory_kib: int
    lanes: int


#: RFC 9106, section 4, the second recommended option: for machines whose memory others need as well.
LEAST: Final = Cost(passes=3, memory_kib=64 * 1024, lanes=4)


def key_from(passphrase: Secret, salt: bytes, cost: Cost) -> bytes:
    """32 bytes. The same characters give the same key, however the keyboard composed them (NFKC)."""
    return hash_secret_raw(
        unicodedata.normalize("NFKC", passphrase.reveal()).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )


def new_salt() -> bytes:
    """A fresh salt."""
    return os.urandom(SALT_BYTES)


def cost_for_this_machine() -> Cost:
    """About half a second a try, by measuring one; never less than :data:`LEAST`."""
    started = time.perf_counter()
    key_from(Secret("how long does it take"), bytes(SALT_BYTES), LEAST)
    took = max(time.perf_counter() - started, 0.001)
    passes = round(LEAST.passes * _WANTED_SECONDS / took)
    return replace(LEAST, passes=min(max(passes, LEAST.passes), _MOST_PASSES))
