"""Settings, Vault: what staff does there, what members see, what the API answers."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import vault_lock
from accounts.models import VaultLock
from igsite import key_keeper
from igsite.key_keeper import Keeper
from tests.accounts.locked_vault import NOW, OTHER, WORDS, keeper, keeper_clock, put_behind, restart
from tests.people import Cast

__all__ = ["keeper", "keeper_clock"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not key_keeper.POSSIBLE, reason="this system has no Unix sockets"),
]


@pytest.fixture(autouse=True)
def _kept(keeper: Keeper) -> None:
    """Somebody keeps the key in each of these tests."""


def test_whoever_runs_the_site_sets_a_passphrase_unlocks_and_locks_by_pages(cast: Cast, keeper: Keeper) -> None:
    client = cast.signed_in(cast.operator)
    assert "Set a passphrase" in client.get("/settings/vault/").content.decode()
    typed = {"new": WORDS.reveal(), "again": WORDS.reveal(), "lock_after": "15"}
    assert client.post("/settings/vault/passphrase/", typed).headers["Location"] == "/settings/vault/"
    assert "locks by itself at" in client.get("/settings/vault/").content.decode()
    assert client.post("/settings/vault/lock/").status_code == 302
    assert "The vault is locked" in client.get("/settings/vault/").content.decode()
    dialog = client.get("/settings/vault/unlock/", headers={"HX-Request": "true", "HX-Target": "modal-body"})
    assert "<html" not in dialog.content.decode()
    wrong = client.post("/settings/vault/unlock/", {"passphrase": OTHER.reveal()})
    assert wrong.status_code == 422
    assert "does not open the vault" in wrong.content.decode()
    assert OTHER.reveal() not in wrong.content.decode()
    right = {"passphrase": WORDS.reveal(), "lock_after": "60", "next": "/accounts/"}
    assert client.post("/settings/vault/unlock/", right).headers["Location"] == "/accounts/"
    assert not vault_lock.state(NOW).is_locked


def test_the_passphrase_is_changed_and_removed_by_pages(cast: Cast) -> None:
    put_behind(WORDS)
    client = cast.signed_in(cast.operator)
    differing = {"passphrase": WORDS.reveal(), "new": OTHER.reveal(), "again": WORDS.reveal()}
    assert client.post("/settings/vault/passphrase/", differing).status_code == 422
    client.post("/settings/vault/passphrase/", differing | {"again": OTHER.reveal()})
    assert client.post("/settings/vault/passphrase/remove/", {"passphrase": WORDS.reveal()}).status_code == 422
    client.post("/settings/vault/passphrase/remove/", {"passphrase": OTHER.reveal()})
    assert not VaultLock.objects.exists()


def test_the_passphrase_pages_ask_for_the_password_again(cast: Cast) -> None:
    client = cast.client(cast.operator)
    for path in ("/settings/vault/passphrase/", "/settings/vault/passphrase/remove/"):
        assert "/auth/reauthenticate/" in client.get(path).headers["Location"]


def test_members_see_a_quiet_line_on_each_page_and_staff_a_way_to_unlock(cast: Cast, keeper: Keeper) -> None:
    page = cast.client(cast.viewer).get("/accounts/").content.decode()
    assert "vault is locked" not in page
    put_behind(WORDS)
    restart(keeper)
    page = cast.client(cast.viewer).get("/accounts/").content.decode()
    assert "The vault is locked" in page
    assert "/settings/vault/unlock/" not in page
    assert "/settings/vault/unlock/?next=/accounts/" in cast.client(cast.operator).get("/accounts/").content.decode()
    explained = cast.client(cast.viewer).get("/settings/vault/").content.decode()
    assert "Ask whoever runs this site" in explained
    assert not re.search(r"<form[^>]*vault", explained)


@pytest.mark.parametrize("path", ["unlock/", "lock/", "passphrase/", "passphrase/remove/"])
def test_members_cannot_reach_the_acts(cast: Cast, path: str) -> None:
    put_behind(WORDS)
    for user in (cast.owner, cast.stranger):
        assert cast.client(user).post(f"/settings/vault/{path}", {"passphrase": WORDS.reveal()}).status_code == 403
    assert not vault_lock.state(NOW).is_locked


def test_the_api_answers_423_with_the_one_shape(cast: Cast, keeper: Keeper) -> None:
    put_behind(WORDS)
    restart(keeper)
    client = cast.signed_in(cast.owner)
    body = {"username": "@ada", "password": "a password"}
    answer = client.post("/api/v1/logins", body, content_type="application/json")
    assert answer.status_code == 423
    assert answer.json()["error"]["code"] == "vault_locked"
    assert "The vault is locked" in answer.json()["error"]["message"]


def test_a_page_that_needs_the_vault_says_that_it_is_locked(cast: Cast, keeper: Keeper) -> None:
    put_behind(WORDS)
    restart(keeper)
    client: Client = cast.signed_in(cast.owner)
    answer = client.post("/settings/logins/add/", {"username": "ada", "password": "a password"})
    assert "vault is locked" in answer.content.decode()
    assert answer.status_code in {422, 423}


def test_no_operation_of_the_api_touches_the_vault(cast: Cast) -> None:
    paths = cast.client(cast.owner).get("/api/openapi.json").json()["paths"]
    assert [path for path in paths if "vault" in path or "passphrase" in path] == []
