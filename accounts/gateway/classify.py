"""The ONE classifier: whatever a client library raises becomes an error of our tree.

Decided by what was on the wire (status, message, error type) before the class of the exception, since libraries raise
the same class for different refusals and different classes for the same one. Libraries are recognised by the names of
their classes: nothing here imports them, so that the module stays cheap and serves every source.

Nothing of a body reaches the error, and the failed exception itself is dropped (:func:`asked`): ``TwoFactorRequired``
carries the encrypted password, others whole answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from accounts.gateway import errors
from accounts.gateway.evidence import Evidence, gather

_NETWORK = {
    "Timeout", "ConnectTimeout", "ReadTimeout", "ConnectionError", "ConnectTimeoutError", "ChunkedEncodingError",
    "ContentDecodingError", "RequestException", "ClientConnectionError", "ClientIncompleteReadError",
    "ClientRequestTimeout", "TransportError", "TimeoutException", "OSError",
}  # fmt: skip
_NO_CONNECTION = {"ConnectError", "ConnectTimeout", "NewConnectionError", "ConnectTimeoutError", "ProxyError"}
_DEEPEST_CHAIN = 12
_NEEDS_LOGIN = {"login_required", "user_has_logged_out", "logged_out", "not_logged_in"}
_NEEDS_PERSON = {"challenge_required", "checkpoint_required", "checkpoint_challenge_required", "consent_required"}
_GONE_MESSAGES = (
    "unable to fetch followers", "user not found", "target user", "user_not_found", "media not found",
    "media is unavailable", "has been deleted", "invalid media_id",
)  # fmt: skip
_GONE_CLASSES = {
    "UserNotFound", "MediaNotFound", "MediaUnavailable", "InvalidTargetUser", "InvalidMediaId", "NotFoundError",
    "CommentNotFound", "CommentUnavailable",
}  # fmt: skip
_CHALLENGE_CLASSES = {"ChallengeError", "CaptchaChallengeRequired"}
_DAY = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")


def classify(failure: Exception, *, response: object = None, endpoint: str = "") -> errors.GatewayError:
    """The error of our tree that ``failure`` means.

    Args:
        failure: whatever was raised.
        response: the last answer of the session, for failures that do not carry one.
        endpoint: for ``detail``.
    """
    if isinstance(failure, errors.GatewayError):
        return failure
    seen = gather(failure, response)
    error = next((error for rule in _RULES if (error := rule(seen)) is not None), None) or errors.ContractDrift()
    error.detail = " ".join(part for part in (endpoint, seen.status_text, seen.class_name) if part)
    return error


Answer = TypeVar("Answer")


def asked(
    call: Callable[[], Answer],
    *,
    seen: Callable[[], object] = lambda: None,
    endpoint: str = "",
    by_proxy: bool = False,
) -> Answer:
    """What ``call`` returns; whatever it raises comes out as an error of our tree, with no trace of the original.

    ``seen`` gives the session's last answer once the call failed. ``by_proxy``: all connections lead to a proxy, so
    that one that does not come about is the proxy's.
    """
    try:
        return call()
    except Exception as failure:
        error = classify(failure, response=seen(), endpoint=endpoint)
        if by_proxy and type(error) is errors.Transient and _is_without_connection(failure):
            error = errors.ProxyUnreachable(detail=error.detail)
    # Raised afresh, outside the handler: as a context, or by the variables of its frames, the original would carry its
    # body into logs and error pages.
    error.__cause__ = error.__context__ = None
    raise error.with_traceback(None)


def _is_without_connection(failure: BaseException) -> bool:
    """Whether no connection came about, however deep the libraries have wrapped that."""
    link: BaseException | None = failure
    for _ in range(_DEEPEST_CHAIN):
        if link is None:
            return False
        if any(parent.__name__ in _NO_CONNECTION for parent in type(link).__mro__):
            return True
        link = link.__cause__ or link.__context__
    return False


def _redirect(seen: Evidence) -> errors.GatewayError | None:
    if seen.status is None or not 300 <= seen.status < 400:
        return None
    if "/accounts/login" in seen.location:
        return errors.NeedsLogin()
    if any(part in seen.location for part in ("/challenge", "/checkpoint", "/suspended", "/auth_platform")):
        return errors.NeedsPerson()
    return errors.ContractDrift()


def _proxy_refused(seen: Evidence) -> errors.GatewayError | None:
    return errors.ProxyUnreachable() if seen.status == 407 else None


def _throttled(seen: Evidence) -> errors.GatewayError | None:
    said = "please wait a few minutes" in seen.message.lower() or "please wait a few minutes" in seen.refusal_text
    if said or seen.status == 429 or seen.error_type == "rate_limit_error" or seen.is_a("ClientThrottledError"):
        return errors.Throttled(retry_after=seen.retry_after)
    if seen.is_a("PleaseWaitFewMinutes", "RateLimitError"):
        return errors.Throttled(retry_after=seen.retry_after)
    return None


def _session_ended(seen: Evidence) -> errors.GatewayError | None:
    if seen.message in _NEEDS_LOGIN or seen.is_a("LoginRequired", "ClientLoginRequired", "ReloginAttemptExceeded"):
        return errors.NeedsLogin()
    return None


def _code_wanted(seen: Evidence) -> errors.GatewayError | None:
    info = seen.body.get("two_factor_info")
    if info or seen.error_type == "two_factor_required" or seen.is_a("TwoFactorRequired"):
        info = info if isinstance(info, dict) else {}
        app, sms = bool(info.get("totp_two_factor_on")), bool(info.get("sms_two_factor_on"))
        return errors.NeedsCode(channel="totp" if app else "sms" if sms else "unknown")
    return None


def _person_wanted(seen: Evidence) -> errors.GatewayError | None:
    if seen.is_a("AccountSuspended"):
        return errors.NeedsPerson("Instagram has suspended this login. Open the Instagram app to see what it asks for.")
    if seen.message in _NEEDS_PERSON or seen.error_type in _NEEDS_PERSON or seen.is_a(*_CHALLENGE_CLASSES):
        return errors.NeedsPerson(api_path=seen.api_path)
    return None


def _actions_blocked(seen: Evidence) -> errors.GatewayError | None:
    named = seen.message.startswith("feedback_required") or "sentry_block" in (seen.error_type, seen.message)
    if named or seen.body.get("spam") is True or seen.is_a("FeedbackRequired", "SentryBlock"):
        return errors.ActionBlocked(until=_named_day(str(seen.body.get("feedback_message") or "")))
    return None


def _named_day(text: str) -> date | None:
    found = _DAY.search(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _password_refused(seen: Evidence) -> errors.GatewayError | None:
    named = seen.error_type in {"bad_password", "invalid_credentials"}
    return errors.BadPassword() if named or seen.is_a("BadPassword", "BadCredentials") else None


def _address_blocked(seen: Evidence) -> errors.GatewayError | None:
    # "The username you entered doesn't appear to belong to an account": said to blocked addresses of users who exist.
    if "the username you entered" in seen.message.lower() or seen.is_a("ProxyAddressIsBlocked"):
        return errors.ProxyBlocked()
    return None


def _target(seen: Evidence) -> errors.GatewayError | None:
    message = seen.message.lower()
    if "not authorized to view user" in message or seen.is_a("PrivateAccount"):
        return errors.Private()
    if any(part in message for part in _GONE_MESSAGES) or seen.is_a(*_GONE_CLASSES):
        return errors.Gone()
    if seen.status == 404:  # a page instead of JSON: the endpoint is gone, not the target
        return errors.Gone() if seen.is_json else errors.ContractDrift()
    return None


def _old_client(seen: Evidence) -> errors.GatewayError | None:
    if seen.error_type == "needs_upgrade" or seen.is_a("ClientNeedsUpgradeError"):
        return errors.ContractDrift("Instagram asks for a newer app than this site speaks for. Update the site.")
    return None


def _by_status(seen: Evidence) -> errors.GatewayError | None:
    if seen.status == 401:
        return errors.NeedsLogin()
    if seen.status == 408 or (seen.status is not None and seen.status >= 500):
        return errors.Transient()
    if seen.status == 200 and seen.body.get("status") == "fail":
        return errors.Transient()
    return None


def _unreachable(seen: Evidence) -> errors.GatewayError | None:
    if seen.status is not None:  # there was an answer, so that whatever failed was not the way to it
        return None
    if seen.is_a("ProxyError", "InvalidProxyURL"):
        return errors.ProxyUnreachable()
    if seen.is_a("ForbiddenAddress"):
        return errors.ContractDrift("The site refused to send a request to an address that is not Instagram's.")
    return errors.Transient() if seen.is_a(*_NETWORK) else None


Rule = Callable[[Evidence], errors.GatewayError | None]
#: In this order: the first that answers decides. "Please wait" wins over 429, a challenge over its status.
_RULES: tuple[Rule, ...] = (
    _redirect, _proxy_refused, _throttled, _session_ended, _code_wanted, _person_wanted, _actions_blocked,
    _password_refused, _address_blocked, _target, _old_client, _by_status, _unreachable,
)  # fmt: skip
