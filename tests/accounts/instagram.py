"""What a person does with a login in these tests, against the simulator, and what the simulator saw of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import logins
from accounts.models import InstagramLogin, User, Workspace
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_inline
from igsite.secrets import Secret
from tests.simulator_process import SimulatorProcess

TOTP_SEED = "JBSWY3DPEHPK3PXP"
PASSWORDS = {"demo_creator": "demo-pass-1", "demo_2fa": "demo-pass-2", "demo_challenge": "demo-pass-3",
             "demo_approve": "demo-pass-4"}  # fmt: skip


@dataclass
class Instagram:
    """The simulator, and the person who signs in to it."""

    simulator: SimulatorProcess
    workspace: Workspace
    person: User
    clock: ManualClock

    def add(self, name: str, password: str = "", **more: Any) -> InstagramLogin:
        """A login by password, its first phase done."""
        login = logins.add_by_password(
            workspace=self.workspace, username=name, password=Secret(password or PASSWORDS[name]),
            by=self.person, now=self.clock(), **more,
        )  # fmt: skip
        return self.run(login)

    def ready(self, name: str = "demo_creator", **more: Any) -> InstagramLogin:
        """A login that is signed in."""
        return self.add(name, is_warm=True, **more)

    def submit(self, login: InstagramLogin, code: str) -> InstagramLogin:
        logins.submit_code(login=login, code=Secret(code), by=self.person, now=self.clock())
        return self.run(login)

    def choose(self, login: InstagramLogin, channel: str) -> InstagramLogin:
        logins.choose_channel(login=login, channel=channel, by=self.person, now=self.clock())
        return self.run(login)

    def resume(self, login: InstagramLogin) -> InstagramLogin:
        logins.resume_after_approval(login=login, by=self.person, now=self.clock())
        return self.run(login)

    def run(self, login: InstagramLogin) -> InstagramLogin:
        """Works off the login's open jobs."""
        for job in Job.objects.open().filter(params__login=str(login.pk)).order_by("pk"):
            run_inline(job, clock=self.clock)
        login.refresh_from_db()
        return login

    def fault(self, **what: Any) -> None:
        self.simulator.control("faults", what)

    def log(self, path: str = "") -> list[dict[str, Any]]:
        """Every request since the reset, whose path contains ``path``."""
        answer = self.simulator.control(f"log?path={path}")
        entries = answer["entries"] if isinstance(answer, dict) else answer
        return [dict(entry) for entry in entries]
