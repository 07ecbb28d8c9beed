"""The one error tree of all sources. A provider raises nothing else.

Each error carries a sentence for the person (``str(error)``) and says by its class what the caller must do; the table
"When Instagram says no" in ``docs/domain.md`` is the source of these meanings.
"""

from __future__ import annotations

from datetime import date, timedelta


class GatewayError(Exception):
    """Something between us and the source. Never raised itself; one of the classes below is."""

    code = "error"
    #: What the person reads when the provider adds nothing of its own.
    sentence = "The source could not answer."

    def __init__(self, sentence: str = "", *, detail: str = "") -> None:
        super().__init__(sentence or self.sentence)
        #: Technical detail for the log: endpoint, status, exception class; never a body, never a secret.
        self.detail = detail
        #: The method of the protocol that was asked, as far as whoever asked says so; for the health of the source.
        self.asked = ""
        #: Which source said it, as far as whoever asked says so.
        self.said_by = ""
        #: Whether a workspace's own proxy was the way, so that it may be about that address only.
        self.by_proxy = False


class NeedsLogin(GatewayError):
    """The session is dead. At most one new login with the same device and proxy."""

    code = "needs_login"
    sentence = "Instagram ended this session. Log in again to continue."


class NeedsCode(GatewayError):
    """Two-factor or challenge code wanted; ``channel`` is ``totp``, ``sms``, ``email`` or ``unknown``."""

    code = "needs_code"
    sentence = "Instagram asks for a code."

    def __init__(self, sentence: str = "", *, channel: str = "unknown", detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.channel = channel


class NeedsPerson(GatewayError):
    """A challenge that only a person can pass. With an ``api_path`` a code may serve (``open_challenge`` finds out),
    without one only the Instagram app does."""

    code = "needs_person"
    sentence = "Instagram wants you to confirm that it is you. Approve it in the Instagram app, then press Resume."

    def __init__(self, sentence: str = "", *, api_path: str = "", detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.api_path = api_path


class BadPassword(GatewayError):
    """Refused password. Not retried: it may also be an address that Instagram does not trust."""

    code = "bad_password"
    sentence = (
        "Instagram refused the password. Either it is wrong, or Instagram does not trust the address this site"
        " connects from; check the password first, then try a proxy near you."
    )


class ActionBlocked(GatewayError):
    """``feedback_required`` or ``sentry_block``: all writes of this login freeze, reads stop for an hour.

    ``until`` is the day that Instagram named, if it named one; the freeze lasts at least 24 hours in any case.
    """

    code = "action_blocked"
    sentence = "Instagram blocked actions of this login for now."

    def __init__(self, sentence: str = "", *, until: date | None = None, detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.until = until


class Throttled(GatewayError):
    """Too fast. ``retry_after`` is what the source asked for, if it did."""

    code = "throttled"
    sentence = "Instagram asks to slow down. The work goes on by itself after a pause."

    def __init__(self, sentence: str = "", *, retry_after: timedelta | None = None, detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.retry_after = retry_after


class Private(GatewayError):
    """The target is private and this login may not see it."""

    code = "private"
    sentence = "This account is private; the login that was used does not follow it."


class Gone(GatewayError):
    """The source says that there is no such target. Believe it only after the canonical probe."""

    code = "gone"
    sentence = "Instagram says that this account does not exist."


class ProxyBlocked(GatewayError):
    """The address is blocked. Says nothing about the target."""

    code = "proxy_blocked"
    sentence = "Instagram blocks the address or proxy this site connects from."


class Transient(GatewayError):
    """Time-out, refused or reset connection, 5xx: try the same page again later."""

    code = "transient"
    sentence = "Instagram could not be reached. The work is tried again by itself."


class ProxyUnreachable(Transient):
    """No connection to the proxy, or it refused. Nothing reached the source, and nothing is said about the target."""

    code = "proxy_unreachable"
    sentence = "The proxy could not be reached. Check it; the work is tried again by itself."


class ContractDrift(GatewayError):
    """An answer that cannot be understood, or a count with no people: the source is broken for everybody.

    Stop, keep the last good data, never derive a diff from it.
    """

    code = "contract_drift"
    sentence = "The source answered in a form that this site does not know. The last good data stays as it was."


class Unsupported(GatewayError):
    """This source cannot do that at all (the public web has no likers, the export no profile)."""

    code = "unsupported"
    sentence = "This source cannot do that."


class NeedsKey(GatewayError):
    """The key or token of a data service is refused, has expired or lacks a permission: a person replaces it."""

    code = "needs_key"
    sentence = "The service refused the key. Check it, or replace it with a new one."


class OutOfCredit(GatewayError):
    """The account at the data service has no money left. Nothing was brought; another source may serve."""

    code = "out_of_credit"
    sentence = "The account at this service has no credit left. Top it up, or let another source read."


class RunFailed(GatewayError):
    """A paid run ended without a result, or the service no longer knows it. Says nothing about the target."""

    code = "run_failed"
    sentence = "The service could not finish this run. Nothing was taken from it."


class ExportUnreadable(GatewayError):
    """A file that is not Instagram's own export, or one that cannot be read safely. The sentence says what to do."""

    code = "export_unreadable"
    sentence = "This file could not be read as an export of Instagram."
