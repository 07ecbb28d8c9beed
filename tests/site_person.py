"""A person who uses a running site from outside: signs up with the form, then works over the API with a token."""

from __future__ import annotations

import http.cookiejar
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

PASSWORD = "a-long-enough-one-77"
LOGIN, LOGIN_PASSWORD = "demo_creator", "demo-pass-1"
TOKEN_SECONDS = 300  # the access token is asked for anew before it runs out
WAIT_SECONDS = 90


class Refused(AssertionError):
    """The API answered with an error; ``status`` and ``said`` are its answer."""

    def __init__(self, status: int, said: object) -> None:
        super().__init__(f"{status}: {said}")
        self.status, self.said = status, said


class SitePerson:
    """Somebody with a workspace of their own. Every call waits out a web server that is away for a moment."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.email = f"{uuid4().hex[:12]}@igsite.example"
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self._api = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._token, self._token_at = "", 0.0

    def sign_up(self) -> Self:
        """With the form, as people do."""
        address = f"{self.base_url}/auth/signup/"
        with self._opener.open(address, timeout=30) as page:
            form = page.read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert found, form
        given = {"email": self.email, "password1": PASSWORD, "password2": PASSWORD, "csrfmiddlewaretoken": found[1]}
        request = urllib.request.Request(address, urllib.parse.urlencode(given).encode(), {"Referer": address})  # noqa: S310 - our own process
        with self._opener.open(request, timeout=30) as answer:
            assert "/auth/" not in answer.url, answer.read().decode()
        return self

    def hand_over_login(self, name: str = LOGIN, password: str = LOGIN_PASSWORD, code: str = "") -> dict[str, Any]:
        """An Instagram login, until it is ready; ``code`` answers its second step or its challenge."""
        login = self.api("v1/logins", {"username": f"@{name}", "password": password})
        path = f"v1/logins/{login['id']}"
        if code:
            waiting = self._wait_for_login(path, "needs_code")
            if not waiting["code_channel"]:
                self.api(f"{path}/channel", {"channel": waiting["code_channels"][0]["name"]})
                self._wait_for_login(path, "needs_code")
            self.api(f"{path}/code", {"code": code})
        return self._wait_for_login(path, "ready")

    def _wait_for_login(self, path: str, status: str) -> dict[str, Any]:
        def is_there(login: dict[str, Any]) -> bool:
            return bool(login["status"] == status)

        found: dict[str, Any] = self.until(lambda: self.api(path), is_there, f"the login is {status}")
        return found

    def start_scan(self, account: str, lists: tuple[str, ...] = ("followers",)) -> dict[str, Any]:
        """A scan that was ordered."""
        scan: dict[str, Any] = self.api("v1/scans", {"account": f"@{account}", "lists": list(lists)})
        return scan

    def wait_for_end(self, scan: dict[str, Any], seconds: float = WAIT_SECONDS) -> dict[str, Any]:
        """The scan once it has ended."""

        def is_over(now: dict[str, Any]) -> bool:
            return now["finished_at"] is not None

        ended: dict[str, Any] = self.until(lambda: self.api(f"v1/scans/{scan['id']}"), is_over, "it ended", seconds)
        return ended

    def scan(self, account: str, lists: tuple[str, ...] = ("followers",)) -> dict[str, Any]:
        """A whole scan."""
        return self.wait_for_end(self.start_scan(account, lists))

    def people(self, scan: dict[str, Any], which: str = "followers") -> list[int]:
        """The numbers of everybody on one of the account's lists."""
        return sorted(one["pk"] for one in self.pages(f"v1/scans/of/{scan['account_id']}/people/{which}"))

    def changes(self, scan: dict[str, Any], direction: str = "followers") -> dict[str, list[int]]:
        """Who is new, lost, returned and renamed between the last two complete scans."""
        base = f"v1/scans/of/{scan['account_id']}/changes/{direction}"
        kinds = ("new", "lost", "returned", "renamed")
        return {kind: sorted(one["pk"] for one in self.pages(f"{base}/{kind}")) for kind in kinds}

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a paged list."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.api(f"{path}?limit=1000&cursor={urllib.parse.quote(cursor)}")
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items

    def api(self, path: str, body: object = None, method: str = "") -> Any:
        """``/api/<path>``: a POST if there is a body. Raises :class:`Refused`."""
        return self._ask(path, body, method, {"Authorization": f"Bearer {self._fresh_token()}"})

    def _fresh_token(self) -> str:
        if time.monotonic() - self._token_at > TOKEN_SECONDS or not self._token:
            pair = self._ask("auth/token", {"email": self.email, "password": PASSWORD}, "POST", {})
            self._token, self._token_at = pair["access_token"], time.monotonic()
        return self._token

    def _ask(self, path: str, body: object, method: str, headers: dict[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        # With a key a request that is sent again after a broken connection starts nothing twice.
        headers = headers | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        request = urllib.request.Request(  # noqa: S310 - our own process
            f"{self.base_url}/api/{path}", data, headers, method=method or ("GET" if data is None else "POST")
        )
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with self._api.open(request, timeout=30) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise Refused(error.code, error.read().decode()) from error
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def until(
        self, ask: Callable[[], Any], is_so: Callable[[Any], bool], what: str, seconds: float = WAIT_SECONDS
    ) -> Any:
        """Ask until the answer is right, and return it."""
        deadline = time.monotonic() + seconds
        while True:
            found = ask()
            if is_so(found):
                return found
            assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}: {found}"
            time.sleep(0.2)
