"""What is logged is redacted, by every handler, whoever logs it."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from django.conf import settings


def configured_handlers() -> list[logging.Handler]:
    return [handler for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler]


def test_every_handler_of_the_settings_redacts() -> None:
    logging_settings: Any = settings.LOGGING
    handlers = logging_settings["handlers"]
    assert handlers
    assert all("redact" in handler["filters"] for handler in handlers.values())
    own = [name for name, logger in logging_settings["loggers"].items() if "handlers" in logger]
    assert own == []


@pytest.mark.parametrize("name", ["igsite", "django.request", "some.library"])
def test_a_secret_that_somebody_logs_is_masked(name: str) -> None:
    (handler,) = configured_handlers()
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    before = handler.setStream(stream)
    try:
        try:
            raise ValueError("sessionid=hunter2abc;")
        except ValueError:
            logging.getLogger(name).exception("Authorization: Bearer %s password=%s", "hunter2", "hunter2")
    finally:
        handler.setStream(before)
    assert "ValueError" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
