"""The vault of a whole site is locked, restarted and given new keys while a scan reads with a login out of it."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from igsite.embedded import DATABASE, EmbeddedServer
from tests.browser.simulated_instagram import SimulatedInstagram
from tests.site_person import PASSWORD, Refused, SitePerson
from tests.site_process import ROOT, SiteProcess, open_temporary_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]
WORDS = "seven quiet herons at dusk"
SCAN_JOB = "select state, message, done_units from jobs_job where kind = 'scans.people' order by id desc limit 1"
AGE_KEYS = "update accounts_datakey set created_at = created_at - interval '2 hours' returning id"


class Vaulted:
    """A site, its Instagram, and the person who runs it, with a login."""

    def __init__(self, site: SiteProcess) -> None:
        self.site = site
        self.instagram = SimulatedInstagram(site.simulator_url)
        self.person = SitePerson(site.base_url).sign_up()
        self.sql(f"update accounts_user set is_staff = true where email = '{self.person.email}' returning id")  # noqa: S608
        self.person.hand_over_login()

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What the site's database says."""
        with psycopg.connect(EmbeddedServer(self.site.state_dir).superuser_dsn(DATABASE)) as link:
            return link.execute(statement.encode()).fetchall()

    def submit(self, path: str, page: str = "", **fields: str) -> int:
        """A form as a browser without scripts sends it; the status of the answer."""
        opener = self.person._opener
        with opener.open(f"{self.site.base_url}{page or path}", timeout=30) as shown:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.read().decode())
        assert token
        address = f"{self.site.base_url}{path}"
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        try:
            with opener.open(urllib.request.Request(address, body, {"Referer": address}), timeout=60) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    def scan_slowly(self, account: str, milliseconds: int) -> dict[str, Any]:
        """A scan that has begun and whose pages take their time."""
        self.instagram.fault("/followers/", "slow", ms=milliseconds, count=-1)
        scan = self.person.start_scan(account)
        self.wait_for_scan(lambda state, _message, done: state == "running" and done >= 400, "it reads")
        return scan

    def wait_for_scan(self, is_so: Any, what: str, seconds: float = 60) -> None:
        """Until the scan's job is as ``is_so(state, message, units done)`` wants it."""
        self.site.wait_for(lambda: is_so(*self.sql(SCAN_JOB)[0]), seconds, f"the scan: {what}")

    def check_end(self, scan: dict[str, Any], account: str) -> None:
        """It ended complete and is the truth, with the one sign-in that there ever was."""
        ended = self.person.wait_for_end(scan, 120)
        self.instagram.mend()
        assert ended["state"] == "complete", ended["message"]
        assert self.person.people(ended) == self.instagram.followers(account)
        assert len(self.instagram.log("send_login_request")) <= 1  # none when the simulator was started anew since
        assert "Traceback" not in self.site.log


@pytest.fixture(scope="module")
def vaulted() -> Iterator[Vaulted]:
    """A whole site of this module's own."""
    with open_temporary_folder() as folder, SiteProcess(folder, IGSITE_PACE_PERCENT="0") as site:
        yield Vaulted(site)


def test_keys_are_changed_again_and_again_under_a_running_scan(vaulted: Vaulted) -> None:
    scan = vaulted.scan_slowly("aurora.studio", 800)
    before = vaulted.sql("select id, master_key_id from accounts_datakey")
    states = []
    for _round in range(2):
        vaulted.sql(AGE_KEYS)
        with _rotation(vaulted.site, "data") as killed:
            assert killed.stdout is not None
            assert "new data keys" in killed.stdout.readline()  # they stand, nothing is sealed under them yet
            killed.kill()
        assert "done" in vaulted.site.manage("rotate_keys", "data")
        assert "done" in vaulted.site.manage("rotate_keys", "master")
        states.append(vaulted.sql(SCAN_JOB)[0][0])
    after = vaulted.sql("select id, master_key_id from accounts_datakey where is_current")
    assert not set(before) & set(after)
    assert not {master for _id, master in before} & {master for _id, master in after}
    assert states[0] == "running"
    vaulted.check_end(scan, "aurora.studio")


def test_a_scan_waits_for_the_passphrase_and_goes_on_by_itself(vaulted: Vaulted) -> None:
    assert vaulted.submit("/auth/reauthenticate/", password=PASSWORD) == 200
    new = {"new": WORDS, "again": WORDS, "lock_after": ""}
    assert vaulted.submit("/settings/vault/passphrase/", **new) == 200
    assert vaulted.sql("select count(*) from accounts_vaultlock") == [(1,)]
    scan = vaulted.scan_slowly("gap.gallery", 500)
    assert vaulted.submit("/settings/vault/lock/", page="/settings/vault/unlock/") == 200
    vaulted.wait_for_scan(lambda state, message, _done: state == "blocked" and "is locked" in message, "it waits")
    asked = len(vaulted.instagram.log("/followers/"))
    with pytest.raises(Refused) as refused:
        vaulted.person.api("v1/logins", {"username": "@demo_2fa", "password": "demo-pass-2"})
    assert refused.value.status == 423
    vaulted.site.stop()
    vaulted.site.start()
    assert vaulted.submit("/settings/vault/unlock/", passphrase="not these words at all") == 422
    assert vaulted.sql(SCAN_JOB)[0][0] == "blocked"
    assert len(vaulted.instagram.log("/followers/")) in {0, asked}  # none while it is locked; the log may start anew
    assert vaulted.submit("/settings/vault/unlock/", passphrase=WORDS, lock_after="15") == 200
    vaulted.wait_for_scan(lambda state, *_rest: state in {"running", "done"}, "it goes on", seconds=10)
    ended = vaulted.person.wait_for_end(scan, 120)
    vaulted.instagram.mend()
    assert ended["state"] == "complete", ended["message"]
    assert vaulted.person.people(ended) == vaulted.instagram.followers("gap.gallery")
    assert vaulted.submit("/settings/vault/passphrase/remove/", passphrase=WORDS) == 200  # as the other test found it
    assert vaulted.sql("select count(*) from accounts_vaultlock") == [(0,)]
    assert WORDS not in vaulted.site.log


def _rotation(site: SiteProcess, which: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-u", str(ROOT / "manage.py"), "rotate_keys", which]
    return subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=subprocess.PIPE, text=True)
