"""The whole site as people start it: it heals, it ends without leaving anything, and it finds its data again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from igsite.ports import free_port
from tests.site_process import SiteProcess, up_command

pytestmark = pytest.mark.chaos
ROLES = ("postgres", "simulator", "cluster", "sweep", "web")


@pytest.fixture
def site(open_folder: Path) -> Iterator[SiteProcess]:
    """A site of one test."""
    with SiteProcess(open_folder) as site:
        yield site


def test_each_killed_role_is_started_again_and_the_end_leaves_nothing(site: SiteProcess) -> None:
    for role in ROLES:
        killed = site.pid(role)
        os.kill(killed, signal.SIGKILL)
        site.wait_for(lambda role=role, killed=killed: site.pid(role) != killed, 30, f"{role} starts again")
        site.wait_for(lambda: site.status("/auth/signup/") == 200, 60, f"pages are served after the death of {role}")

    everything = site.processes()
    assert len(everything) > len(ROLES)
    site.stop()
    assert not [process for process in everything if process.is_running()]
    assert site.process is not None
    assert site.process.returncode == 0


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_start_finds_its_data(site: SiteProcess) -> None:
    site.manage("shell", "-c", "from accounts.models import Workspace; Workspace.objects.create(name='kept')")
    assert site.process is not None
    everything = site.processes()
    site.process.kill()
    site.process.wait()
    _, alive = psutil.wait_procs(everything, timeout=30)
    assert not alive

    site.start()
    assert site.status("/auth/signup/") == 200
    names = "from accounts.models import Workspace; print(*Workspace.objects.values_list('name'))"
    assert "kept" in site.manage("shell", "-c", names)


def test_a_second_site_on_the_same_data_is_refused_with_a_sentence(live_site: SiteProcess) -> None:
    site = live_site
    assert site.process is not None
    refused = start_up(site.environment | {"IGSITE_PORT": str(free_port())})
    assert refused.returncode == 1
    assert f"already runs from {site.state_dir} (process {site.process.pid})" in refused.stderr


def test_a_port_in_use_is_refused_with_a_sentence(live_site: SiteProcess, open_folder: Path) -> None:
    site = live_site
    refused = start_up(site.environment | {"IGSITE_STATE_DIR": str(open_folder / "other")})
    assert refused.returncode == 1
    assert f"Port {site.port} of 127.0.0.1 is in use" in refused.stderr
    assert "IGSITE_PORT=" in refused.stderr
    assert "Traceback" not in refused.stderr


def start_up(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """``manage.py up`` that is expected to end by itself."""
    return subprocess.run(up_command(), env=environment, capture_output=True, text=True, timeout=60, check=False)
