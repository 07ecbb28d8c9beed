"""The environment, typed. A value that cannot be used stops the start with a sentence that says what to do."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


def text(name: str, default: str = "") -> str:
    """The variable's text, stripped; ``default`` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1, true, yes, on or 0, false, no, off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number within ``low`` and ``high``."""
    value = text(name, str(default))
    if not value.lstrip("-").isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number from {low} to {high}.")
    return int(value)


def choice(name: str, default: str, allowed: set[str]) -> str:
    """One of ``allowed``."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} must be one of: {', '.join(sorted(allowed))}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str, allowed: set[str], pattern: str) -> dict[str, str]:
    """A comma-separated list of ``key=value``: keys among ``allowed``, each value matching ``pattern`` as a whole."""
    found = {}
    for word in words(name):
        key, _equals, value = (part.strip() for part in word.partition("="))
        if key not in allowed or not re.fullmatch(pattern, value):
            known = ", ".join(sorted(allowed))
            raise ImproperlyConfigured(f"{name}: {word!r} cannot be used. Write key=value; the keys are: {known}.")
        found[key] = value
    return found


def loopback_url(name: str, default: str) -> str:
    """An http address on this machine; anything else is refused."""
    value = text(name, default)
    if urlsplit(value).hostname not in LOOPBACK_HOSTS:
        raise ImproperlyConfigured(f"{name}={value!r} leaves this machine. Demo and test mode reach loopback only.")
    return value.rstrip("/")


def kept_secret(name: str, file: Path) -> str:
    """A secret from the environment, else from ``file`` (made on first use, readable by its owner only)."""
    value = text(name)
    if value:
        return value
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(secrets.token_urlsafe(48))
        return _written(file)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{file} cannot be made or read ({error.strerror}). Give its folder to this account, or set {name}, or set "
            "IGSITE_STATE_DIR to a folder that this account may write."
        ) from error


def _written(file: Path) -> str:
    """The file's text; another process may have made the file a moment ago and not yet filled it."""
    for _ in range(100):
        value = file.read_text().strip()
        if value:
            return value
        time.sleep(0.01)
    raise ImproperlyConfigured(f"{file} is empty. Delete it, and a new secret is made.")


def required(name: str, why: str) -> str:
    """A variable without which the site must not start."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why}")
    return value
