"""The gateway is pure Python: no Django anywhere in it, and no client library until a door is opened."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import accounts.gateway
from tests.simulator_process import ROOT

HEAVY = ("instagrapi", "requests", "httpx", "pydantic", "curl_cffi", "apify_client", "impit")


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after ``statement``."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(answer.stdout))


def test_no_module_of_the_gateway_imports_django() -> None:
    names = [module.name for module in pkgutil.walk_packages(accounts.gateway.__path__, "accounts.gateway.")]
    assert "accounts.gateway.providers.instagrapi_private" in names
    loaded = loaded_after("\n".join(f"import {name}" for name in names))
    assert "instagrapi" in loaded
    assert not loaded & {"django", "psycopg", "ninja", "channels"}


def test_the_doors_load_no_client_library_until_they_are_opened() -> None:
    light = [
        "providers", "protocol", "results", "errors", "login", "classify", "export_zip", "totp", "abilities", "proxy",
        "runs",
    ]  # fmt: skip
    loaded = loaded_after("\n".join(f"import accounts.gateway.{name}" for name in light))
    assert not loaded & set(HEAVY)
    opened = loaded_after("from accounts.gateway.providers import open_private\nopen_private({}).close()")
    assert "instagrapi" in opened
