"""Placeholder of this commit: the embedded server is written next."""
from __future__ import annotations
from pathlib import Path
from typing import Any


def database_settings(state_dir: Path) -> dict[str, Any]:
    """Settings of the embedded database under ``state_dir``."""
    return {"NAME": "site", "USER": "site", "HOST": str(state_dir / "pg")}
