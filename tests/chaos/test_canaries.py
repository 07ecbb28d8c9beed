"""Canaries: secrets of every kind go through a whole site, errors included, and are found nowhere afterwards.

Looked at: a dump of the whole database, a backup, the log, every file of the state folder (the database's own files,
its write log, uploads; the simulator's apart), all that was answered, what commands print.
"""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import tarfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from igsite import embedded_binaries
from igsite.embedded import DATABASE, EmbeddedServer
from tests.chaos.canaries import canary, forms_of, found_in
from tests.site_person import PASSWORD, Refused, SitePerson
from tests.site_process import SiteProcess, open_temporary_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(500)]
OURS = {"master_key", "secret_key"}  # the files whose work it is to hold a key; mode 0600
SHOWN_ONCE = {"api token"}  # its page shows it to its owner, once


class Harvest:
    """The site, the person who uses it, the canaries that were planted, and everything that was answered."""

    def __init__(self, site: SiteProcess) -> None:
        self.site = site
        self.person = SitePerson(site.base_url).sign_up()
        self.planted: dict[str, str] = {}
        self.answers = io.BytesIO()
        self.statuses: dict[str, int] = {}

    def plant(self, kind: str) -> str:
        """A new canary."""
        return self.planted.setdefault(kind, canary(kind))

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(EmbeddedServer(self.site.state_dir).superuser_dsn(DATABASE)) as link:
            found = link.execute(statement.encode())
            return found.fetchall() if found.description else []

    def tell(self, what: str, path: str, body: dict[str, Any]) -> Any:
        """A POST to the API, whatever it answers."""
        try:
            answer = self.person.api(path, body)
            self.answers.write(json.dumps(answer).encode())
        except Refused as refused:
            self.answers.write(str(refused.said).encode())
            self.statuses[what] = refused.status
            return None
        return answer

    def form(self, what: str, path: str, page: str = "", **fields: str) -> str:
        """A form of a page, whatever it answers; its text."""
        opener = self.person._opener
        with opener.open(f"{self.site.base_url}{page or path}", timeout=60) as shown:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown.read().decode())
        assert token, path
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token[1]}).encode()
        address = f"{self.site.base_url}{path}"
        try:
            with opener.open(urllib.request.Request(address, body, {"Referer": address}), timeout=60) as answer:  # noqa: S310
                text, self.statuses[what] = answer.read(), answer.status
        except urllib.error.HTTPError as refused:
            text, self.statuses[what] = refused.read(), refused.code
        self.answers.write(text)
        return str(text.decode())

    def wait_for_login(self, path: str, is_so: Callable[[dict[str, Any]], bool]) -> None:
        """Until the login is as ``is_so`` wants it."""
        self.person.until(lambda: self.person.api(path), is_so, "the login goes on")

    def wait_for_jobs(self) -> None:
        """Until nothing is at work: what waits for people may wait."""
        busy = "select 1 from jobs_job where state in ('queued', 'running') and kind <> 'jobs.canary'"
        self.site.wait_for(lambda: not self.sql(busy), 120, "the jobs are done")


@pytest.fixture(scope="module")
def harvest() -> Iterator[Harvest]:
    """A site of this module's own that says everything it can say, used for all that has to do with secrets."""
    with open_temporary_folder() as folder, SiteProcess(folder, IGSITE_LOG_LEVEL="DEBUG") as site:
        harvest = Harvest(site)
        _sign_in_to_instagram(harvest)
        _hand_over_other_keys(harvest)
        _break_things(harvest)
        _lock_and_unlock(harvest)
        harvest.wait_for_jobs()
        yield harvest


def _sign_in_to_instagram(harvest: Harvest) -> None:
    """Logins that work, that ask for codes, that fail; each way of handing one over."""
    plant = harvest.plant
    harvest.person.hand_over_login()
    harvest.planted["working password"] = "demo-pass-1"
    wrong = {"username": "@demo_approve", "password": plant("login password"), "keep_password": True}
    login = harvest.tell("wrong password", "v1/logins", wrong)
    seed = base64.b32encode(plant("seed")[:30].encode()).decode().rstrip("=")
    harvest.planted["seed as typed"] = seed
    body = {"username": "@aurora.studio", "password": plant("second password"), "totp_seed": seed}
    harvest.tell("with a seed", "v1/logins", body)
    harvest.planted["sessionid"] = f"1234567%3A{uuid4().hex}%3A1"
    body = {"username": "@gap.gallery", "sessionid": harvest.planted["sessionid"]}
    harvest.tell("a cookie", "v1/logins", body)
    settings = {"authorization_data": {"ds_user_id": "123", "sessionid": f"123%3A{plant('session settings')}%3A1"}}
    text = json.dumps({**settings, "uuids": {"phone_id": str(uuid4()), "uuid": str(uuid4())}})
    harvest.tell("settings", "v1/logins", {"username": "@deep.following", "settings_text": text})
    for name, password in (("demo_2fa", "demo-pass-2"), ("demo_challenge", "demo-pass-3")):
        harvest.planted[f"password of {name}"] = password
        asked = harvest.tell(name, "v1/logins", {"username": f"@{name}", "password": password})
        path = f"v1/logins/{asked['id']}"
        harvest.wait_for_login(path, lambda now: now["status"] == "needs_code")
        found = harvest.person.api(path)
        if not found["code_channel"]:
            harvest.tell("channel", f"{path}/channel", {"channel": found["code_channels"][0]["name"]})
            harvest.wait_for_login(path, lambda now: bool(now["code_channel"]))
        code = harvest.planted[f"code {name}"] = str(uuid4().int)[:12]
        assert harvest.tell(f"code for {name}", f"{path}/code", {"code": code}) is not None
    assert login is not None
    harvest.wait_for_jobs()
    harvest.tell("again", f"v1/logins/{login['id']}/sign-in", {"password": plant("password once more")})


def _hand_over_other_keys(harvest: Harvest) -> None:
    """Proxies, services, tokens, an upload."""
    plant = harvest.plant
    proxy = {
        "name": "home",
        "host": "127.0.0.1",
        "port": 9,
        "username": plant("proxy user"),
        "password": plant("proxy"),
    }
    harvest.tell("proxy", "v1/proxies", proxy)
    _add_channels(harvest)
    key = (
        "from django.utils import timezone; from accounts import source_keys; from accounts.models import Workspace;"
        "from igsite.secrets import Secret; import os;"
        "source_keys.save(workspace=Workspace.objects.get(), source='tikhub', key=Secret(os.environ['CANARY']),"
        " by=None, now=timezone.now())"
    )
    harvest.site.environment["CANARY"] = plant("provider key")
    with pytest.raises(subprocess.CalledProcessError) as refused:  # the simulated service knows no such key
        harvest.site.manage("shell", "-c", key)
    harvest.answers.write((refused.value.stdout + refused.value.stderr).encode())
    del harvest.site.environment["CANARY"]
    harvest.form("reauthenticated", "/auth/reauthenticate/", password=PASSWORD)
    shown = harvest.form("token", "/settings/tokens/", name="cron", scope="write", days="30")
    token = re.search(r'id="fresh-token">([^<]+)<', shown)
    assert token, shown[:2000]
    harvest.planted["api token"] = token[1].strip()
    account = harvest.person.api("v1/accounts", {"account": "@tiny.pottery"})
    _upload(harvest, account["id"])


def _add_channels(harvest: Harvest) -> None:
    """Where alerts are sent to: one that is tried and cannot be reached, others that are refused."""
    plant = harvest.plant
    hook = {"webhook_url": f"http://127.0.0.1:9/{plant('webhook')}", "access_token": plant("webhook-token")}
    assert harvest.tell("channel", "v1/notification-channels", {"name": "hook", "kind": "webhook", **hook})
    unknown = {"name": "bell", "kind": "other", "address": f"dbus://{plant('refused-channel')}"}
    harvest.tell("refused channel", "v1/notification-channels", unknown)
    wish = {"name": "phone", "least_severity": "info", "language": "en", "pace": "at_once", "chat": "no chat"}
    page = "/settings/notifications/add/?kind=telegram"
    harvest.form("refused bot", page, bot_token=f"123456:{plant('bot-token')}", **wish)
    assert (harvest.statuses["refused channel"], harvest.statuses["refused bot"]) == (422, 422)


def _upload(harvest: Harvest, account_id: str) -> None:
    """An export of which nothing but two lists is ours to read: messages are nobody's business."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        people = [{"string_list_data": [{"value": "aurora.studio", "timestamp": 1_700_000_000}]}]
        archive.writestr("connections/followers_and_following/followers_1.json", json.dumps(people))
        archive.writestr("your_instagram_activity/messages/inbox/one.json", harvest.plant("upload"))
    mark = uuid4().hex
    body = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="export.zip"\r\n'
        "Content-Type: application/zip\r\n\r\n"
    ).encode() + packed.getvalue() + f"\r\n--{mark}--\r\n".encode()  # fmt: skip
    headers = {
        "Authorization": f"Bearer {harvest.planted['api token']}",
        "Content-Type": f"multipart/form-data; boundary={mark}",
    }
    address = f"{harvest.site.base_url}/api/v1/imports/of/{account_id}?extent=part"
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:  # noqa: S310
        harvest.answers.write(answer.read())


def _break_things(harvest: Harvest) -> None:
    """A wrong password of the site, and errors of ours in the middle of handing secrets over."""
    plant = harvest.plant
    harvest.tell(
        "site sign-in", "auth/token", {"email": harvest.person.email, "password": plant("wrong site password")}
    )
    harvest.sql("alter table accounts_instagramlogin rename to hidden_for_a_moment")
    try:
        body = {"username": "@somebody", "password": plant("password in an error")}
        harvest.tell("error of the API", "v1/logins", body)
        form = {"username": "somebody", "password": plant("password in an error of a page")}
        harvest.form("error of a page", "/settings/logins/add/", page="/settings/profile/", **form)
    finally:
        harvest.sql("alter table hidden_for_a_moment rename to accounts_instagramlogin")
    assert harvest.statuses["error of the API"] == 500
    assert harvest.statuses["error of a page"] == 500


def _lock_and_unlock(harvest: Harvest) -> None:
    """The vault's passphrase, a wrong one, and a job that meets the lock."""
    plant = harvest.plant
    harvest.sql("update accounts_user set is_staff = true")
    words = {"new": plant("passphrase"), "again": plant("passphrase"), "lock_after": "60"}
    harvest.form("passphrase", "/settings/vault/passphrase/", **words)
    assert harvest.sql("select count(*) from accounts_vaultlock") == [(1,)]
    harvest.form("lock", "/settings/vault/lock/", page="/settings/vault/unlock/")
    harvest.form("wrong", "/settings/vault/unlock/", passphrase=plant("wrong passphrase"))
    harvest.tell("locked", "v1/logins", {"username": "@northwind_run", "password": plant("password while locked")})
    harvest.form("unlock", "/settings/vault/unlock/", passphrase=plant("passphrase"), lock_after="60")
    assert (harvest.statuses["wrong"], harvest.statuses["locked"]) == (422, 423)


def dump(harvest: Harvest) -> bytes:
    """Everything in the database, as text."""
    dsn = EmbeddedServer(harvest.site.state_dir).superuser_dsn(DATABASE)
    program = embedded_binaries.find().program("pg_dump")
    return subprocess.run([str(program), "--dbname", dsn], capture_output=True, check=True, timeout=120).stdout


def test_the_search_finds_a_secret_in_each_disguise() -> None:
    secret = canary("control")
    raw = secret.encode()
    for disguise in (
        raw, raw.hex().encode(), base64.b64encode(b"x" + raw + b"yz"), base64.urlsafe_b64encode(b"ab" + raw),
        urllib.parse.quote(secret, safe="").encode(), json.dumps({"a": secret}).encode(), secret.encode("utf-16-le"),
        b"." + base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"="), b"\\x" + base64.b64encode(raw).hex().encode(),
    ):  # fmt: skip
        assert found_in(b"some text " + disguise + b" and more", {"it": secret}) == {"it"}, disguise
    assert found_in(base64.b64encode(b"nothing at all to be found"), {"it": secret}) == set()


def test_no_canary_is_in_the_database(harvest: Harvest) -> None:
    text = dump(harvest)
    assert b"tiny.pottery" in text  # the control: what may be read is there
    assert found_in(text, harvest.planted) == set()


def test_no_canary_is_in_a_backup(harvest: Harvest, tmp_path: Path) -> None:
    """Unpacked: its dump is compressed."""
    harvest.site.manage("backup", str(tmp_path / "whole.tar"))
    restore = str(embedded_binaries.find().program("pg_restore"))
    with tarfile.open(tmp_path / "whole.tar") as archive:
        names = [member.name for member in archive if member.isfile()]
        for name in names:
            stream = archive.extractfile(name)
            assert stream is not None
            held = stream.read()
            if name == "database.dump":
                held = subprocess.run([restore, "--file=-"], input=held, capture_output=True, check=True).stdout
                assert b"tiny.pottery" in held
            assert found_in(held, harvest.planted) == set(), name
    assert "database.dump" in names


def test_no_canary_is_in_the_log_although_it_says_everything(harvest: Harvest) -> None:
    log = harvest.site.log.encode()
    assert b"Traceback" in log  # the errors were logged
    assert found_in(log, harvest.planted) == set()


def test_no_canary_is_in_any_answer(harvest: Harvest) -> None:
    expected = set(harvest.planted) - SHOWN_ONCE
    assert found_in(harvest.answers.getvalue(), {name: harvest.planted[name] for name in expected}) == set()


def test_no_canary_is_in_any_file_of_the_state_folder(harvest: Harvest) -> None:
    """The database's own files keep what was overwritten, too, and its write log every page."""
    looked = 0
    for file in _files(harvest.site.state_dir):
        looked += 1
        assert _plain_in(file.read_bytes(), harvest.planted) == set(), file
    assert looked > 500  # the database's files were among them


def test_commands_print_no_canary(harvest: Harvest) -> None:
    said = harvest.site.examine() + harvest.site.manage("vault", "status") + harvest.site.manage("rotate_keys", "data")
    assert found_in(said.encode(), harvest.planted) == set()


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        # The simulator is no part of the site: it plays Instagram, which knows the passwords of its people.
        if file.is_file() and file.name not in OURS and not file.name.startswith(("simulator", "master_key.")):
            yield file


def _plain_in(text: bytes, secrets: dict[str, str]) -> set[str]:
    """Without unpacking: binary pages hold no text that would decode."""
    return {name for name, secret in secrets.items() if any(form in text for form in forms_of(secret))}
