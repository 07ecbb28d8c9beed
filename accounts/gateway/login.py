"""Logging in, as phases that may be days and processes apart.

Each phase returns one of the steps below. ``state`` and ``settings`` are dictionaries fit for JSON and secret: they
belong in the vault between phases. The password is in none of them; where it is wanted once more, the step says so.
A refusal is an error of the tree, and leaves the state that was handed in good for another try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from accounts.gateway.errors import NeedsPerson
from igsite.secrets import Secret

LoginState = dict[str, Any]
ChannelName = Literal["totp", "sms", "email", "backup_code"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to get a code. ``contact`` is masked by Instagram (``d***o@e***.com``), "" where there is none to show."""

    name: ChannelName
    contact: str = ""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Done. ``settings`` hold device and session."""

    pk: int
    username: str
    settings: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """A code is wanted: from ``chosen``, unless another channel is chosen by ``choose_channel``. None: one must be."""

    state: LoginState = field(repr=False)
    channels: tuple[Channel, ...]
    chosen: Channel | None = None


@dataclass(frozen=True, slots=True)
class ApprovalWanted:
    """Only a person can go on, in the Instagram app. Then ``resume_after_approval``."""

    state: LoginState = field(repr=False)
    #: What to do, for the person.
    sentence: str = NeedsPerson.sentence


@dataclass(frozen=True, slots=True)
class PasswordWanted:
    """The check is passed, but Instagram gave no session: begin again with the password and these ``settings``."""

    username: str
    settings: dict[str, Any] = field(repr=False)


LoginStep = LoggedIn | CodeWanted | ApprovalWanted | PasswordWanted


class LoginGateway(Protocol):
    """The phases. Each raises only ``GatewayError`` subclasses, and none of them sends the password a second time."""

    def new_device(self) -> dict[str, Any]:
        """Settings of a new device. Save them before the first ``begin_login``: a failed try must not cost a device."""
        ...

    def begin_login(
        self, username: str, password: Secret, settings: dict[str, Any] | None = None, totp_seed: Secret | None = None
    ) -> LoginStep: ...

    def choose_channel(self, state: LoginState, channel: ChannelName) -> CodeWanted: ...

    def submit_code(self, state: LoginState, code: str) -> LoginStep:
        """``NeedsCode`` if the code is not accepted; one call is one try."""
        ...

    def resume_after_approval(self, state: LoginState) -> LoginStep: ...

    def open_challenge(self, api_path: str, settings: dict[str, Any], username: str = "") -> LoginStep:
        """For ``NeedsPerson`` raised by a read: finds out whether a code would serve."""
        ...

    def login_by_sessionid(
        self, sessionid: Secret, user_agent: str | None = None, settings: dict[str, Any] | None = None
    ) -> LoggedIn: ...
