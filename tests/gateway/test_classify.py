"""Whatever is raised, whatever was answered: one error of the tree comes out, and it carries nothing along."""

from __future__ import annotations

import builtins
import json
import traceback

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from instagrapi import exceptions as library

from accounts.gateway import errors
from accounts.gateway.classify import asked, classify

TREE = {
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, errors.GatewayError) and error is not errors.GatewayError
}
LIBRARY = sorted(
    (error for error in vars(library).values() if isinstance(error, type) and issubclass(error, Exception)),
    key=lambda error: error.__name__,
)
BUILTIN = [
    error
    for error in vars(builtins).values()
    if isinstance(error, type)
    and issubclass(error, Exception)
    and not issubclass(error, Warning | UnicodeError | BaseExceptionGroup)
]

#: What each class of the library means when nothing else is known. Those not named here are ContractDrift.
MEANING = {
    "LoginRequired": errors.NeedsLogin, "ClientLoginRequired": errors.NeedsLogin,
    "ReloginAttemptExceeded": errors.NeedsLogin, "TwoFactorRequired": errors.NeedsCode,
    "ChallengeError": errors.NeedsPerson, "ChallengeRedirection": errors.NeedsPerson,
    "ChallengeRequired": errors.NeedsPerson, "ChallengeSelfieCaptcha": errors.NeedsPerson,
    "ChallengeUnknownStep": errors.NeedsPerson, "SelectContactPointRecoveryForm": errors.NeedsPerson,
    "RecaptchaChallengeForm": errors.NeedsPerson, "SubmitPhoneNumberForm": errors.NeedsPerson,
    "LegacyForceSetNewPasswordForm": errors.NeedsPerson, "CaptchaChallengeRequired": errors.NeedsPerson,
    "AccountSuspended": errors.NeedsPerson, "FeedbackRequired": errors.ActionBlocked,
    "SignupSpamError": errors.ActionBlocked, "SentryBlock": errors.ActionBlocked,
    "PleaseWaitFewMinutes": errors.Throttled, "RateLimitError": errors.Throttled,
    "ClientThrottledError": errors.Throttled, "BadPassword": errors.BadPassword, "BadCredentials": errors.BadPassword,
    "PrivateAccount": errors.Private, "ProxyAddressIsBlocked": errors.ProxyBlocked,
    "ClientConnectionError": errors.Transient, "ClientIncompleteReadError": errors.Transient,
    "ClientRequestTimeout": errors.Transient, "CommentNotFound": errors.Gone, "CommentUnavailable": errors.Gone,
    "InvalidMediaId": errors.Gone, "InvalidTargetUser": errors.Gone, "MediaUnavailable": errors.Gone,
}  # fmt: skip


def answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, body
    response.headers.update(headers or {})
    return response


@pytest.mark.parametrize("error", LIBRARY, ids=lambda error: error.__name__)
def test_each_class_of_the_library_has_its_meaning(error: type[Exception]) -> None:
    expected = MEANING.get(error.__name__)
    if expected is None:
        expected = errors.Gone if issubclass(error, library.NotFoundError) else errors.ContractDrift
    assert type(classify(error("x"))) is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KNOWN_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        name: JSON
        | st.sampled_from(["login_required", "challenge_required", "feedback_required", "Please wait a few minutes"])
        for name in ("message", "error_type", "challenge", "two_factor_info", "feedback_message", "spam", "status")
    },
)
BODIES = st.one_of(
    st.binary(max_size=60),
    JSON.map(lambda body: json.dumps(body).encode()),
    KNOWN_FIELDS.map(lambda body: json.dumps(body).encode()),
)
HEADERS = st.fixed_dictionaries({}, optional={"Retry-After": st.text(max_size=12), "Location": st.text(max_size=40)})
STATUSES = st.integers(min_value=100, max_value=599)
FAILURES = st.one_of(
    st.sampled_from(LIBRARY).map(lambda error: error("x")),
    st.sampled_from(BUILTIN).map(lambda error: error("x")),
    st.sampled_from([requests.Timeout, requests.ConnectionError, requests.HTTPError]).map(lambda error: error("x")),
    KNOWN_FIELDS.map(lambda fields: library.ClientError(**fields)),
)


@given(failure=FAILURES, status=STATUSES, body=BODIES, headers=HEADERS)
def test_anything_becomes_one_error_of_the_tree(
    failure: Exception, status: int, body: bytes, headers: dict[str, str]
) -> None:
    told = classify(failure, response=answer(status, body, headers), endpoint="x")
    assert type(told) in TREE
    assert str(told)


@given(failure=FAILURES)
def test_anything_without_an_answer_does_too(failure: Exception) -> None:
    assert type(classify(failure)) in TREE


@given(failure=FAILURES)
def test_nothing_of_the_failure_leaves_with_the_error(failure: Exception) -> None:
    def call() -> None:
        raise failure

    with pytest.raises(errors.GatewayError) as told:
        asked(call)
    assert told.value.__context__ is None
    assert told.value.__cause__ is None


def test_the_encrypted_password_of_a_two_factor_answer_is_scrubbed() -> None:
    def call() -> None:
        raise library.TwoFactorRequired(message="x", result={"enc_password": "#PWD_INSTAGRAM:4:1:c4n4ry"})

    with pytest.raises(errors.NeedsCode) as told:
        asked(call)
    assert "c4n4ry" not in repr(told.value) + repr(vars(told.value))
    frames = [frame for frame, _line in traceback.walk_tb(told.tb)]
    assert all("TwoFactorRequired" not in str(frame.f_locals.get("failure", "")) for frame in frames)


def test_an_error_of_the_tree_passes_as_it_is() -> None:
    error = errors.Private("why")
    assert classify(error) is error


def test_interrupts_are_not_swallowed() -> None:
    def call() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(call)
