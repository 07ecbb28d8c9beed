"""docs/settings.md names every variable that the code reads, and none that it does not; wrong values are sentences."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site_process import ROOT

FOLDERS = ("igsite", "accounts", "scans", "monitoring", "automation", "tests/browser", "simulator")
READS = re.compile(
    r"(?:env(?:ironment)?\.(?:text|flag|number|choice|words|pairs|required|loopback_url|kept_secret)|environ\.get)\(\s*\"([A-Z][A-Z0-9_]+)\""
)
OTHERS = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}  # known to many programs, not ours
COMPOSE = {"POSTGRES_PASSWORD"}


def read_by_the_code() -> set[str]:
    """Every variable named in a call that reads the environment."""
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    return {name for file in files for name in READS.findall(file.read_text())} - OTHERS


def documented() -> set[str]:
    """First column of the tables."""
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))


def test_every_variable_is_documented_and_none_is_invented() -> None:
    assert documented() == read_by_the_code() | COMPOSE


def test_the_example_names_only_documented_variables() -> None:
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert "SECRET_KEY" in named
    assert named <= documented()


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py in a process of its own, with only these variables of ours."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=kept | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"IGSITE_MODE": "staging"}, "IGSITE_MODE='staging' must be one of: demo, production, test."),
        ({"IGSITE_MODE": "production"}, "SECRET_KEY is not set. Run `manage.py generate_env` to make one."),
        ({"IGSITE_WORKERS": "many"}, "IGSITE_WORKERS='many' must be a whole number from 1 to 64."),
        ({"IGSITE_APIFY_ACTORS": "followers=no-name"}, "Write key=value; the keys are: comments, followers"),
        ({"IGSITE_OPEN_SIGN_UP": "perhaps"}, "IGSITE_OPEN_SIGN_UP='perhaps' is neither yes nor no."),
        ({"IGSITE_INSTAGRAM_URL": "https://i.instagram.com"}, "leaves this machine"),
        ({"IGSITE_STATE_DIR": "/proc/igsite"}, "set IGSITE_STATE_DIR to a folder that this account may write"),
    ],
)
def test_a_wrong_value_is_answered_with_a_sentence(environment: dict[str, str], sentence: str, tmp_path: Path) -> None:
    refused = manage("check", **{"IGSITE_STATE_DIR": str(tmp_path), **environment})
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demo_does_not_listen_beyond_this_machine(tmp_path: Path) -> None:
    refused = manage("up", IGSITE_STATE_DIR=str(tmp_path), IGSITE_HOST="0.0.0.0")  # noqa: S104 - it is refused
    assert refused.returncode == 1
    assert "it listens on this machine only" in refused.stderr


def test_generated_secrets_make_a_production_site(tmp_path: Path) -> None:
    written = manage("generate_env", IGSITE_MODE="production", IGSITE_STATE_DIR=str(tmp_path)).stdout
    values = dict(line.split("=", 1) for line in written.splitlines() if line and not line.startswith("#"))
    assert min(len(values[name]) for name in ("SECRET_KEY", "IGSITE_MASTER_KEY", "POSTGRES_PASSWORD")) >= 40

    again = manage("generate_env", IGSITE_STATE_DIR=str(tmp_path)).stdout
    assert values["SECRET_KEY"] not in again

    values |= {"DATABASE_URL": "postgresql://site@localhost/site", "IGSITE_STATE_DIR": str(tmp_path)}
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **values)
    assert checked.returncode == 0, checked.stderr
