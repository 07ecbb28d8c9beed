"""Sessions of the private API, and the half-finished logins: second factors, challenges, trusted devices."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from simulator.cast import BY_PK, PK_OF
from simulator.mixing import draw
from simulator.wire import Request


@dataclass(slots=True)
class Session:
    """A login of somebody on a device; dead sessions are answered with login_required."""

    sessionid: str
    pk: int
    device: str
    is_alive: bool = True

    @property
    def username(self) -> str:
        return BY_PK[self.pk].username

    @property
    def authorization(self) -> str:
        data = {"ds_user_id": str(self.pk), "sessionid": self.sessionid, "should_use_header_over_cookies": True}
        return "Bearer IGT:2:" + base64.b64encode(json.dumps(data, separators=(",", ":")).encode()).decode()


@dataclass(slots=True)
class Challenge:
    """A login held up until a code is entered or a person approves it."""

    nonce: str
    pk: int
    device: str
    is_native: bool
    choice: str = ""
    attempts: int = 0
    is_solved: bool = False


class Sessions:
    """Everything about who is signed in."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget all sessions but the one of `demo_session`, which is documented and always there."""
        self.sessions: dict[str, Session] = {}
        self.trusted: set[tuple[int, str]] = set()
        self.approved: set[int] = set()
        self.contexts: dict[str, tuple[int, str]] = {}
        self.challenges: dict[str, Challenge] = {}
        pk = PK_OF["demo_session"]
        self._keep(Session(self.documented_sessionid("demo_session"), pk, "browser"))

    def documented_sessionid(self, username: str) -> str:
        pk = PK_OF[username]
        return f"{pk}%3A{draw(self.seed, pk, 51):016x}%3A26%3AAYd{draw(self.seed, pk, 52):016x}"

    def _keep(self, session: Session) -> Session:
        self.sessions[unquote(session.sessionid)] = session
        return session

    def open(self, pk: int, device: str) -> Session:
        token = f"{pk}%3A{secrets.token_hex(7)}%3A{secrets.randbelow(30)}%3AAYe{secrets.token_urlsafe(24)}"
        return self._keep(Session(token, pk, device))

    def find(self, request: Request) -> Session | None:
        """The live session that the request carries, in its Authorization header or its cookies."""
        header = request.headers.get("authorization", "")
        token = ""
        if header.startswith("Bearer IGT:2:"):
            try:
                token = json.loads(base64.b64decode(header[13:]))["sessionid"]
            except (ValueError, KeyError, TypeError):
                token = ""
        token = token or request.cookies.get("sessionid", "")
        session = self.sessions.get(unquote(str(token)))
        return session if session is not None and session.is_alive else None

    def kill(self, pk: int | None = None) -> int:
        """End the sessions of somebody, or of everybody; how many were alive."""
        ended = 0
        for session in self.sessions.values():
            if session.is_alive and pk in (None, session.pk):
                session.is_alive = False
                ended += 1
        return ended

    def hold_for_code(self, pk: int, device: str) -> str:
        """The context of a second factor."""
        context = "AR" + secrets.token_urlsafe(48)
        self.contexts[context] = (pk, device)
        return context

    def challenge(self, pk: int, device: str, *, native: bool) -> Challenge:
        """The open challenge of this login and device, or a new one."""
        for challenge in self.challenges.values():
            if (challenge.pk, challenge.device, challenge.is_solved) == (pk, device, False):
                return challenge
        challenge = Challenge(secrets.token_urlsafe(8), pk, device, native)
        self.challenges[challenge.nonce] = challenge
        return challenge

    def solve(self, challenge: Challenge) -> None:
        challenge.is_solved = True
        self.trusted.add((challenge.pk, challenge.device))

    def approve(self, pk: int) -> int:
        """What a person does in the official app: every waiting challenge of this login is solved."""
        self.approved.add(pk)
        waiting = [c for c in self.challenges.values() if c.pk == pk and not c.is_solved]
        for challenge in waiting:
            self.solve(challenge)
        return len(waiting)

    def dump(self) -> dict[str, Any]:
        return {
            "sessions": [asdict(session) for session in self.sessions.values()],
            "trusted": sorted(self.trusted),
            "approved": sorted(self.approved),
            "contexts": self.contexts,
            "challenges": [asdict(challenge) for challenge in self.challenges.values()],
        }

    def load(self, data: dict[str, Any]) -> None:
        for entry in data["sessions"]:
            self._keep(Session(**entry))
        self.trusted = {(pk, device) for pk, device in data["trusted"]}
        self.approved = set(data["approved"])
        self.contexts = {context: (pk, device) for context, (pk, device) in data["contexts"].items()}
        self.challenges = {entry["nonce"]: Challenge(**entry) for entry in data["challenges"]}
