"""Every page of the site, from the resolver: which addresses a person looks at, as whom, and what is no page.

A new route is looked at by itself. It needs an entry here only where it is not a page although it answers a GET, where
somebody else than the owner sees it, or where it has more faces than its plain address shows.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from tests.architecture.routes import Route
from tests.architecture.test_strangers import address
from tests.browser.site_world import SiteWorld

#: Routes that answer a GET with no page of their own, each with its reason. Changes (405), data and parts of pages are
#: told by their answers and need none.
NOT_PAGES = {
    "api/<path:rest>": "whatever the API does not know: 404 as data",
    "auth/2fa/reauthenticate/": "leads to the one that asks for the password",
    "auth/2fa/webauthn/login/": "data for the browser's passkey dialog",
    "auth/2fa/webauthn/reauthenticate/": "leads to the other ways to confirm where there is no passkey",
    "auth/login/code/confirm/": "leads away: codes by mail are not used to sign in",
    "auth/password/set/": "leads to its change: everybody has a password",
    "settings/doctor/site/<slug:check>/": "a part, for the staff of the site: others get 404",
    "exports/<uuid:export_id>/file/": "a file; while it is not written it leads to the list of exports",
    "settings/": "leads to the first page of the settings",
    "tasks/<uuid:uuid>/row/": "a part; asked for as a page it leads to the board",
    "accounts/<uuid:account_id>/row/": "a part; asked for as a page it leads to the list",
    "alerts/bell/": "a part; asked for as a page it leads to the inbox",
    "alerts/feed/<str:token>/": "data for feed readers; 404 for what is no feed's key",
}
#: Who sees a page that the owner does not: strangers, somebody with two factors, or staff of the site.
SEEN_BY = {
    "auth/login/": "stranger",
    "auth/signup/": "stranger",
    "auth/inactive/": "stranger",
    "auth/password/reset/": "stranger",
    "auth/password/reset/done/": "stranger",
    "auth/password/reset/key/<uidb36>-<key>/": "stranger",
    "auth/password/reset/key/done/": "stranger",
    "auth/confirm-email/<key>/": "stranger",
    "auth/2fa/authenticate/": "half",
    "auth/2fa/totp/deactivate/": "secured",
    "auth/2fa/recovery-codes/": "secured",
    "auth/2fa/recovery-codes/generate/": "secured",
    "auth/2fa/recovery-codes/download/": "secured",
    "auth/2fa/webauthn/": "keyed",
    "auth/2fa/webauthn/keys/<int:pk>/edit/": "keyed",
    "auth/2fa/webauthn/keys/<int:pk>/remove/": "keyed",
    "settings/join/<str:token>/": "viewer",
    "settings/vault/unlock/": "operator",
    "settings/vault/passphrase/": "operator",
    "settings/vault/passphrase/remove/": "operator",
}
#: More faces of a page: what follows its address.
FACES = {
    "accounts/": ["?q=nobody-of-this-name"],
    "accounts/<uuid:account_id>/people/": [
        "?list=following&look=table", "?list=mutuals&look=table", "?list=fans", "?list=dont_follow_back",
        "?q=nobody-of-this-name", "?trait=verified&sort=newest", "?only=new",
    ],
    "accounts/<uuid:account_id>/changes/": ["?list=following", "?since=1&until=1"],
    "accounts/<uuid:account_id>/history/": ["?list=following"],
    "accounts/<uuid:account_id>/history/people/": ["?at=1"],
    "network/": ["?list=following"],
    "search/": ["?q=run", "?q=a", "?q=nobody-of-this-name"],
    "scans/new/": ["?account=northwind_run"],
    "tasks/": ["?state=failed"],
    "actions/": ["?state=frozen", "?state=confirmed"],
    "actions/safelists/<slug:safelist>/": ["?q=nobody-of-this-name"],
    "alerts/": ["?show=unread", "?about=nobody-of-this-name"],
    "alerts/rules/new/": ["?kind=change", "?kind=fact"],
}  # fmt: skip
#: A parameter that stands for rows in several states: each state is a page of its own (:attr:`SiteWorld.rows`).
STATES = {
    "accounts/<uuid:account_id>/": "account",
    "accounts/<uuid:account_id>/people/": "account",
    "accounts/<uuid:account_id>/changes/": "account",
    "accounts/<uuid:account_id>/history/": "account",
    "accounts/<uuid:account_id>/network/": "account",
    "settings/logins/<uuid:login_id>/": "login",
    "scans/<uuid:scan_id>/": "scan",
    "actions/<uuid:batch_id>/": "batch",
    "actions/lookups/<uuid:lookup_id>/": "lookup",
    "actions/items/<int:item_id>/words/": "item",
}
#: Pages that also somebody who may only read looks at.
READ_ONLY = {"", "accounts/", "accounts/<uuid:account_id>/", "scans/<uuid:scan_id>/", "settings/logins/",
             "settings/logins/<uuid:login_id>/", "settings/members/", "settings/workspaces/", "settings/schedule/",
             "tasks/", "actions/", "actions/<uuid:batch_id>/", "actions/safelists/<slug:safelist>/",
             "actions/linked/"}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """One address and who opens it: one of :attr:`SiteWorld.people`, or a stranger. ``leads`` says that it leads on."""

    path: str
    who: str = "owner"
    leads: bool = False


def visits(route: Route, world: SiteWorld) -> list[Visit]:
    """Every face of a route."""
    who = SEEN_BY.get(route.path, "owner")
    plain = address(route, world.params)
    found = [Visit(plain, who)]
    found += [Visit(f"{plain}{face}", who) for face in FACES.get(route.path, [])]
    kind = STATES.get(route.path, "")
    found += [
        Visit(address(route, world.params | {f"{kind}_id": row}), who) for row in world.rows.get(kind, {}).values()
    ]
    if route.path in READ_ONLY:
        found.append(Visit(plain, "viewer"))
    if route.path == "auth/confirm-email/<key>/":
        found.append(Visit(f"/auth/confirm-email/{world.keys['confirm']}/", who))
    if route.path.startswith("auth/password/reset/key/<"):
        found.append(Visit(f"/auth/password/reset/key/{world.keys['reset']}/", who, leads=True))
    return list(dict.fromkeys(found))


def nature(visit: Visit, world: SiteWorld) -> str:
    """What an address answers to a GET: ``page``, ``change``, ``data``, ``part``, or a status that is none of them."""
    connection = http.client.HTTPConnection("127.0.0.1", world.site.port, timeout=30)
    cookie = world.people.get(visit.who, "")
    connection.request("GET", visit.path, headers={"Cookie": f"igsite-session={cookie}"} if cookie else {})
    answer = connection.getresponse()
    body = answer.read(100_000)
    connection.close()
    if visit.leads and answer.status == http.HTTPStatus.FOUND:
        return "page"
    if answer.status == http.HTTPStatus.METHOD_NOT_ALLOWED:
        return "change"
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return "data" if answer.status < 500 and not answer.headers.get("Location") else str(answer.status)
    if answer.status != http.HTTPStatus.OK:
        return str(answer.status)
    return "page" if b"<html" in body else "part"
