"""Only the vault encrypts and decrypts what is stored."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("igsite", "accounts", "scans", "monitoring", "automation")
CIPHERS = ("cryptography", "nacl", "Crypto", "Cryptodome", "jwcrypto")
#: The client of Instagram's app encrypts passwords on the wire: that is the source's contract, nothing stored.
ALLOWED = {Path("accounts/ciphers.py")}
PROVIDERS = Path("accounts/gateway/providers")


def imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def users_of_ciphers() -> set[Path]:
    found = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            if any(name.split(".")[0] in CIPHERS for name in imported(file)):
                found.add(file.relative_to(ROOT))
    return found


def test_nobody_but_the_vault_imports_a_cipher() -> None:
    users = {file for file in users_of_ciphers() if PROVIDERS not in file.parents}
    assert users == ALLOWED


def test_sealed_columns_are_touched_by_the_logins_own_modules_only() -> None:
    sealed = ("session_sealed", "pending_sealed", "totp_sealed", "password_sealed")
    users = {
        file.relative_to(ROOT).as_posix()
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        if "migrations" not in file.parts and any(name in file.read_text(encoding="utf-8") for name in sealed)
    }
    assert users == {
        "accounts/models/logins.py",
        "accounts/login_secrets.py",
        "accounts/login_pending.py",
        "accounts/login_outcomes.py",
        "accounts/logins.py",
        "accounts/connecting.py",
        "accounts/connect.py",
        "accounts/refusals.py",
        "accounts/housekeeping.py",
        "monitoring/measuring_orders.py",  # leaves them out of its query
    }
