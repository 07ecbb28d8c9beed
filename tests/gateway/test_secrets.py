"""Secrets are not shown by accident, and the log filter cuts out what a library writes."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igsite.secrets import MASK, RedactingFilter, Secret, redact

CANARY = "c4n4ry-Value_9"


def test_a_secret_shows_a_mask_wherever_it_is_formatted() -> None:
    secret = Secret(CANARY)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{[secret]}", f"{secret!r}", "%s" % secret):  # noqa: UP031
        assert CANARY not in shown
    assert secret.reveal() == CANARY


def test_a_secret_is_neither_pickled_nor_written_as_json() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(CANARY))
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(CANARY)})


def test_copies_and_comparisons_keep_the_value_inside() -> None:
    secret = Secret("pässwörd")
    assert copy.deepcopy({"k": secret})["k"] == secret
    assert secret == Secret("pässwörd")
    assert secret != Secret("other")
    assert secret != "pässwörd"
    assert not Secret("")


def test_a_traceback_with_locals_does_not_show_it() -> None:
    def work(password: Secret) -> None:
        raise RuntimeError

    try:
        work(Secret(CANARY))
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        assert "password" in shown
        assert CANARY not in shown


LEAKS = [
    f"login with password={CANARY} failed",
    f'{{"password": "{CANARY} with blanks"}}',
    f"{{'password': '{CANARY} with blanks'}}",
    f'{{\\"sessionid\\":\\"{CANARY}\\"}}',
    f"Cookie: mid=1; sessionid={CANARY}; ds_user_id=5",
    f"Set-Cookie: sessionid={CANARY}; Path=/",
    f"{{'Authorization': 'Bearer {CANARY}'}}",
    f"authorization: Bearer IGT:2:{CANARY}==",
    f"token IGT:2:{CANARY}",
    f"GET /v25.0/1?fields=a&access_token={CANARY}&limit=2",
    f"GET /login?next=%2F&sessionid%3D{CANARY}",
    f"#PWD_INSTAGRAM:4:1700000000:{CANARY.replace('-', '+').replace('_', '/')}",
    f"-----BEGIN EC PRIVATE KEY-----\n{CANARY}\n-----END EC PRIVATE KEY-----",
    f"proxy http://user:{CANARY}@10.0.0.1:3128 refused",
    f"enc_password={CANARY}&username=me",
    f"X-Goog-Api-Key: {CANARY}",
    f"Not Found: /alerts/feed/{CANARY}/",
    f"Internal Server Error: /settings/join/{CANARY}/",
    f"GET https://ig.example/auth/password/reset/key/{CANARY}/",
]


@pytest.mark.parametrize("line", LEAKS)
def test_redact_masks_each_kind_of_secret(line: str) -> None:
    shown = redact(line)
    assert CANARY not in shown
    assert CANARY.replace("-", "+").replace("_", "/") not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/v1/friendships/17/followers/?count=200 answered 429 in 0.3 s",
        "scan 5: 10,000 followers, complete",
        "see http://127.0.0.1:8099/ig/i.instagram.com/",
        "the password is wrong; ask for a new one",
    ],
)
def test_redact_leaves_what_is_not_secret(line: str) -> None:
    assert redact(line) == line


def test_the_filter_masks_message_arguments_and_traceback() -> None:
    lines: list[str] = []

    class Sink(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    sink = Sink()
    sink.addFilter(RedactingFilter())
    logger = logging.Logger("canary")
    logger.addHandler(sink)
    logger.info("sending %s", {"sessionid": CANARY})
    try:
        raise ValueError(f"password={CANARY}")
    except ValueError:
        logger.exception("failed")
    logger.info("wrong %s %s arguments", "one")
    assert len(lines) == 3
    assert CANARY not in "\n".join(lines)
    assert "ValueError" in lines[1]


@given(st.text(max_size=200))
def test_redact_never_fails_and_is_stable(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
