#!/usr/bin/env python3
"""igsite from a bare checkout, with nothing but Python 3.11 or newer.

    python3 run.py                 install what is needed, then start the whole demo site
    python3 run.py test [options]  every check, then pytest with these options
    python3 run.py COMMAND ...     any command of manage.py

It makes the virtual environment .venv and installs the requirements with their hashes; a second run finds both.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST = (3, 11)
CHECKS = (
    ("ruff", ["-m", "ruff", "check", "."]),
    ("mypy", ["-m", "mypy", "."]),
    ("import arrows", ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"]),
    ("migrations", ["-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"]),
    ("deployment", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]),
)
# What `check --deploy` looks at: a site as it would stand in the open. Nothing connects.
PRODUCTION = {
    "IGSITE_MODE": "production",
    "SECRET_KEY": "only-for-the-check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "ALLOWED_HOSTS": "igsite.example",
    "DATABASE_URL": "postgresql://site@localhost/site",
    "DEFAULT_FROM_EMAIL": "igsite@igsite.example",
}


def main(arguments: list[str]) -> int:
    """What the module's text says; the process's exit code."""
    os.chdir(ROOT)
    if sys.version_info < OLDEST:
        sys.exit(f"igsite needs Python 3.11 or newer; this is {sys.version.split()[0]}. Start it with a newer python3.")
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    is_test = arguments[:1] == ["test"]
    make_environment()
    install("requirements-dev.txt" if is_test else "requirements.txt")
    bring_browser_files(development=is_test)
    if is_test:
        return test(arguments[1:])
    return hand_over([str(PYTHON), "manage.py", *(arguments or ["up"])])


def make_environment() -> None:
    """Have .venv, made by this Python version; one that does not run any more is made again."""
    if PYTHON.exists() and environment_version() == list(sys.version_info[:2]):
        return
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"This Python has no {' and no '.join(missing)}. On Debian or Ubuntu: apt-get install python{version}-venv "
            "(or python3-venv). Then run this again."
        )
    say("making the virtual environment .venv")
    try:
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{VENV} could not be made ({error}). Can this account write to {ROOT}?")


def environment_version() -> list[int]:
    """The Python version inside .venv; empty when it does not run."""
    try:
        program = "import sys; print(*sys.version_info[:2])"
        output = subprocess.run([str(PYTHON), "-c", program], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return []
    return [int(part) for part in output.stdout.split()]


def install(requirements: str) -> None:
    """Install a lock file with its hashes, unless .venv holds exactly that one, or the larger one of the tests."""
    stamp = VENV / "igsite-installed"
    done = stamp.read_text().split() if stamp.exists() else []
    if digest(requirements) in done:
        return
    say(f"installing {requirements} (a minute or two the first time)")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--prefer-binary"]
    # The lock file is whole: with --no-deps pip has nothing to resolve. Older pips otherwise look past a pin for
    # `pydantic[email]` and end with "all requirements must have their versions pinned".
    result = subprocess.run(
        [*command, "--no-deps", "--require-hashes", "-r", requirements], stderr=subprocess.PIPE, text=True, check=False
    )
    if result.returncode:
        sys.exit(f"{result.stderr[-4000:]}\n{advice(result.stderr)}")
    names = ["requirements.txt"] + (["requirements-dev.txt"] if requirements == "requirements-dev.txt" else [])
    stamp.write_text("\n".join(digest(name) for name in names))


def digest(name: str) -> str:
    """A lock file's fingerprint."""
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def advice(output: str) -> str:
    """What a person can do about a failed installation."""
    low = output.lower()
    if any(word in low for word in ("gcc", "cl.exe", "microsoft visual c++", "compiler", "python.h", "cargo", "rustc")):
        return (
            "A package had to be compiled and this machine lacks what that needs. Debian or Ubuntu: apt-get install "
            "build-essential python3-dev. macOS: xcode-select --install. Windows: use the 64-bit Python of python.org."
        )
    if "hashes" in low and "do not match" in low:
        return (
            "What was downloaded is not what the lock file names. Do not go on: look at the mirror or proxy in between."
        )
    if any(word in low for word in ("connection", "timed out", "temporary failure", "ssl", "no matching distribution")):
        return (
            "The package index could not be reached. Look at the network, proxy and certificates, then run this again."
        )
    return "The installation failed; the lines above say why."


def bring_browser_files(*, development: bool) -> None:
    """With npm. A failure is told and is no reason not to start."""
    command = [str(PYTHON), "manage.py", "assets", *(["--dev"] if development else [])]
    result = subprocess.run(
        command,
        env={**os.environ, "IGSITE_MODE": "demo"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if result.returncode:
        say(result.stderr.strip()[-3000:])


def test(options: list[str]) -> int:
    """Every check, then pytest, whose summary closes the output."""
    failed = []
    for name, command in CHECKS:
        say(f"check: {name}")
        environment = {**os.environ, **(PRODUCTION if name == "deployment" else {})}
        if subprocess.run([str(PYTHON), *command], env=environment, check=False).returncode:
            failed.append(name)
    say(f"checks that failed: {', '.join(failed) or 'none'}")
    say("tests")
    # Three workers on two cores: tests of the whole site wait for it most of the time.
    pytest = [str(PYTHON), "-m", "pytest", "-n", "3", "--dist", "worksteal", *options]
    return subprocess.run(pytest, check=False).returncode or int(bool(failed))


def hand_over(command: list[str]) -> int:
    """Become the command (Windows: wait for it), so that Ctrl-C and signals reach it alone."""
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the command hears it too and ends in its own time
            continue


def say(line: str) -> None:
    """A line of our own."""
    print(f"run.py: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
