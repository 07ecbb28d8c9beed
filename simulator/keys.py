"""Keys of the data services: whose they are, what is left on them, what has been charged."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Key:
    """One key. `dollars` is its balance; `spent` what was taken; a key that is not valid is refused with 401 (Meta:
    code 190); `rented` are the actors of others it may run (None: all)."""

    service: str
    secret: str
    owner: str
    dollars: float
    spent: float = 0.0
    is_valid: bool = True
    rented: list[str] | None = field(default=None)

    def charge(self, dollars: float) -> bool:
        """Take an amount; False (and nothing taken) if there is not enough."""
        if dollars > self.dollars + 1e-9:
            return False
        self.dollars -= dollars
        self.spent += dollars
        return True


class Keys:
    """All keys of all services; the documented ones are always there."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], Key] = {}
        self.reset()

    def reset(self) -> None:
        """The documented keys, with their first balances."""
        documented = (
            Key("apify", "apify_api_demo", "demo", 50.0),
            Key("apify", "apify_api_poor", "poor", 0.0),
            Key("apify", "apify_api_norent", "norent", 50.0, rented=[]),
            Key("apify", "apify_api_revoked", "revoked", 50.0, is_valid=False),
            Key("tikhub", "tikhub-demo", "demo@tikhub.example", 1.0),
            Key("tikhub", "tikhub-poor", "poor@tikhub.example", 0.0),
            Key("tikhub", "tikhub-revoked", "revoked@tikhub.example", 1.0, is_valid=False),
            Key("meta_graph", "EAAdemo", "demo_creator", 0.0),
            Key("meta_graph", "EAAexpired", "demo_creator", 0.0, is_valid=False),
        )
        self.keys = {(key.service, key.secret): key for key in documented}

    def find(self, service: str, secret: str) -> Key | None:
        """A key that the service accepts."""
        key = self.keys.get((service, secret))
        return key if key is not None and key.is_valid else None

    def change(self, service: str, secret: str, **changes: Any) -> Key:
        """Change a key, or make it."""
        key = self.keys.setdefault((service, secret), Key(service, secret, secret, 0.0))
        for name, value in changes.items():
            if name not in ("owner", "dollars", "is_valid", "rented"):
                raise ValueError(f"a key has no {name!r}")
            setattr(key, name, value)
        return key

    def dump(self) -> list[dict[str, Any]]:
        """As JSON can hold it."""
        return [asdict(key) for key in self.keys.values()]

    def load(self, data: list[dict[str, Any]]) -> None:
        for fields in data:
            key = Key(**fields)
            self.keys[key.service, key.secret] = key
