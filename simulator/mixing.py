"""Integer hashing: everything in the world is drawn from the seed by these two functions."""

from hashlib import blake2b

MASK64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(x: int) -> int:
    """The finalizer of splitmix64 (Steele, Lea and Flood, 2014): a bijection of 64-bit integers."""
    x &= MASK64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
    return x ^ (x >> 31)


def draw(*parts: int) -> int:
    """A 64-bit number that depends on every part and on their order."""
    h = GOLDEN
    for part in parts:
        h = mix(h ^ ((part + 1) * GOLDEN))
    return h


def key_of(text: str) -> int:
    """A 64-bit number for a piece of text."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def share(h: int) -> float:
    """A 64-bit number as a fraction in [0, 1)."""
    return (h >> 11) / (1 << 53)
