"""The production settings: Django's own checks are clean, and nothing starts half configured."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def manage(tmp_path: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` as an operator would run it in production."""
    environment = {
        "PATH": os.environ["PATH"],
        "IGSITE_MODE": "production",
        "IGSITE_STATE_DIR": str(tmp_path),
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "IGSITE_MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "ig.example",
        **changes,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_without_a_secret_key_nothing_starts(tmp_path: Path) -> None:
    done = manage(tmp_path, "check", SECRET_KEY="")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("SESSION_COOKIE_NAME", "__Host-session"),
        ("CSRF_COOKIE_NAME", "__Host-csrf"),
        ("SESSION_COOKIE_SECURE", "True"),
        ("CSRF_COOKIE_SECURE", "True"),
        ("SECURE_SSL_REDIRECT", "True"),
        ("SECURE_HSTS_SECONDS", "63072000"),
        ("OPEN_SIGN_UP", "False"),
        ("DEBUG", "False"),
        ("ACCOUNT_EMAIL_VERIFICATION", "mandatory"),
        ("MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "False"),
        ("INSTAGRAM_BASE_URL", "None"),
    ],
)
def test_production_is_strict_by_default(production: dict[str, str], name: str, wanted: str) -> None:
    assert production[name] == wanted


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The production settings as text, read once."""
    each = "[print(n, getattr(s, n), sep='=') for n in dir(s) if n.isupper()]"
    code = f"from django.conf import settings as s; {each}"
    done = manage(tmp_path_factory.mktemp("production"), "shell", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
