"""The named accounts, their list sizes, and the logins with their passwords. docs/simulator.md describes each."""

from dataclasses import dataclass

from simulator.population import SIZE

CAST_ORIGIN = 500_000_000
CAST_STRIDE = 1_111
ART, RUN, HOSTILE = 0, 65_536, SIZE - 65_536
"""Where the windows of a community begin: accounts of one community share followers."""


@dataclass(frozen=True, slots=True)
class Login:
    """How somebody signs in. `second_step` is one of "", "totp", "challenge", "approve", "risky"."""

    password: str
    second_step: str = ""
    totp_seed: str = ""
    code: str = ""
    backup_code: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CastAccount:
    """A named account. Sizes are those on the world's first day; `followers_window` widens the pool followers come
    from, `hidden` is the share of the count that is never listed, `per_day` how many new followers come each day."""

    username: str
    full_name: str
    followers: int
    following: int
    note: str
    per_day: float = 0.0
    community: int = ART
    followers_window: int = 0
    hidden: float = 0.0
    is_private: bool = False
    is_verified: bool = False
    is_business: bool = False
    is_limited: bool = False
    category: str = ""
    biographies: tuple[str, ...] = ("",)
    external_url: str = ""
    posts: int = 60
    login: Login | None = None
    follows: tuple[str, ...] = ()


CAST: tuple[CastAccount, ...] = (
    CastAccount(
        "aurora.studio", "Aurora Studio", 10_000, 800, "10,000 followers: the account of the walk-through", 25,
        followers_window=32_768, is_business=True, category="Art", external_url="https://aurora.example/",
        biographies=("Ceramics & light ✨\nOslo · Lisboa", "Ceramics & light ✨ new kiln!\nOslo · Lisboa"),
        posts=240, follows=("tiny.pottery", "gap.gallery", "la.cocina.verde", "demo_creator", "megastar.official"),
    ),
    CastAccount(
        "tiny.pottery", "Tiny Pottery", 50, 64, "50 followers: the smallest", 0.5,
        biographies=("small pots",), posts=9, follows=("aurora.studio", "gap.gallery"),
    ),
    CastAccount(
        "northwind_run", "Northwind Running Club", 1_000, 310, "1,000 followers", 3, community=RUN,
        category="Sports club", posts=120, follows=("megastar.official", "million.club"),
    ),
    CastAccount(
        "la.cocina.verde", "La Cocina Verde 🌿", 100_000, 1_200, "100,000 followers, 1 % never listed", 180,
        hidden=0.01, followers_window=262_144, is_verified=True, is_business=True, category="Food & beverage",
        biographies=("Recetas sin prisa. Temporada: otoño", "Recetas sin prisa. Temporada: invierno"),
        external_url="https://cocina.example/", posts=900, follows=("aurora.studio", "million.club"),
    ),
    CastAccount(
        "megastar.official", "MEGASTAR", 5_000_000, 93, "5,000,000 followers", 8_000, followers_window=1 << 23,
        is_verified=True, is_business=True, category="Musician/band", posts=1_800, biographies=("World tour 🌍",),
        follows=("million.club", "la.cocina.verde"),
    ),
    CastAccount(
        "million.club", "The Million Club", 1_000_000, 2_400, "1,000,000 followers", 1_600, followers_window=1 << 21,
        is_verified=True, posts=1_200, follows=("megastar.official",),
    ),
    CastAccount(
        "gap.gallery", "Gap Gallery", 2_000, 350, "2,000 followers of which a stable 3 % are never listed", 4,
        hidden=0.03, category="Art gallery", is_business=True, follows=("aurora.studio", "tiny.pottery"),
    ),
    CastAccount(
        "limited.lists", "Limited Lists", 20_000, 500, "20,000 followers, but others see about 50 of a list", 20,
        followers_window=32_768, is_limited=True, is_verified=True, follows=("aurora.studio",),
    ),
    CastAccount(
        "private.garden", "Private Garden", 300, 220, "300 followers, private", 0.6, is_private=True,
        follows=("demo_2fa", "aurora.studio"), posts=40,
    ),
    CastAccount(
        "deep.following", "Deep Following", 500, 7_500, "follows 7,500, the most there can be", 1,
        follows=("aurora.studio", "northwind_run"),
    ),
    CastAccount(
        "hostile.names", "<b>Hostile & \u202eNames\u202c</b>", 400, 120, "followers whose names are attacks", 2,
        community=HOSTILE, biographies=("</textarea><script>alert('bio')</script>\n=1+1 \u200b" + "z" * 90,), posts=12,
    ),
    CastAccount(
        "demo_creator", "Demo Creator", 1_200, 420, "login by password only", 4,
        login=Login("demo-pass-1"), posts=80, follows=("aurora.studio", "tiny.pottery", "la.cocina.verde"),
    ),
    CastAccount(
        "demo_2fa", "Demo Two-Factor", 350, 280, "login with a second factor: TOTP or SMS; private, with requests", 1,
        is_private=True, follows=("private.garden", "aurora.studio"), posts=30,
        login=Login("demo-pass-2", "totp", "JBSWY3DPEHPK3PXP", "123456", "55554444", phone="+1 *** ***-**-21"),
    ),
    CastAccount(
        "demo_challenge", "Demo Challenge", 640, 510, "login that asks for a code by e-mail or SMS", 2, posts=25,
        login=Login("demo-pass-3", "challenge", code="654321", email="d***o@e***e.com", phone="+34 *** ** ** 09"),
    ),
    CastAccount(
        "demo_approve", "Demo Approve", 90, 150, "login that a person must approve in the app", 0.4, posts=5,
        login=Login("demo-pass-4", "approve"),
    ),
    CastAccount(
        "demo_risky", "Demo Risky", 120, 130, "login whose right password is refused from a risky address", 0.4,
        posts=5, login=Login("demo-pass-5", "risky"),
    ),
    CastAccount(
        "demo_session", "Demo Session", 210, 190, "login by a session id only", 0.8, posts=15,
        login=Login("", "session"),
    ),
)  # fmt: skip
"""Everybody with a name."""

BY_USERNAME = {account.username: account for account in CAST}
PK_OF = {account.username: CAST_ORIGIN + (n + 1) * CAST_STRIDE for n, account in enumerate(CAST)}
BY_PK = {PK_OF[account.username]: account for account in CAST}
