"""Keys of data services: tried on save, sealed, replaced, erased; and the chains that they serve in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import source_chains, source_keys, source_secrets, sources, vault
from accounts.models import KeyStatus, Purpose, SourceAccess, SourceCall, SourceName, Workspace
from igsite.models import AuditEntry
from igsite.secrets import Secret
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db(transaction=True)
APIFY, TIKHUB, META = SourceName.APIFY, SourceName.TIKHUB, SourceName.META
GOOD = {APIFY: "apify_api_demo", TIKHUB: "tikhub-demo", META: "EAAdemo"}
REFUSED = {APIFY: "apify_api_revoked", TIKHUB: "tikhub-revoked", META: "EAAexpired"}


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


def save(instagram: Instagram, source: SourceName, key: str = "") -> SourceAccess:
    own = str(instagram.simulator.control("services")["own_id"]) if source == META else ""
    return source_keys.save(
        workspace=instagram.workspace, source=source, key=Secret(key or GOOD[source]), own_user_id=own,
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip


def profile_chain(instagram: Instagram, *names: SourceName) -> None:
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PROFILE, sources=names, by=None, now=instagram.clock()
    )


def look(instagram: Instagram, name: str = "northwind_run") -> SourceName:
    return sources.read_profile(instagram.workspace, username=name, clock=instagram.clock).source


@pytest.mark.parametrize("source", [APIFY, TIKHUB, META])
def test_a_good_key_is_tried_by_one_free_request_and_kept_sealed(instagram: Instagram, source: SourceName) -> None:
    access = save(instagram, source)
    assert access.status == KeyStatus.GOOD
    assert len(instagram.log()) == 1
    assert access.key_sealed is not None
    assert GOOD[source].encode() not in bytes(access.key_sealed)
    assert source_secrets.opened(access) == Secret(GOOD[source])
    assert GOOD[source] not in str(list(AuditEntry.objects.values())) + access.note
    assert instagram.simulator.control("services")["runs"] == []


@pytest.mark.parametrize("source", [APIFY, TIKHUB, META])
def test_a_refused_key_is_not_kept_and_the_one_before_it_stays(instagram: Instagram, source: SourceName) -> None:
    with pytest.raises(source_keys.KeyInvalid) as refused:
        save(instagram, source, REFUSED[source])
    assert "key" in refused.value.fields
    assert not SourceAccess.objects.exists()
    save(instagram, source)
    with pytest.raises(source_keys.KeyInvalid):
        save(instagram, source, REFUSED[source])
    assert source_secrets.opened(SourceAccess.objects.get()) == Secret(GOOD[source])


def test_a_key_is_replaced_by_the_next_one(instagram: Instagram) -> None:
    instagram.simulator.control("services/key", {"service": "apify", "secret": "apify_api_second", "dollars": 1})
    first, second = save(instagram, APIFY), save(instagram, APIFY, "apify_api_second")
    assert first.pk == second.pk
    assert source_secrets.opened(SourceAccess.objects.get()) == Secret("apify_api_second")
    actions = list(AuditEntry.objects.filter(action__startswith="source_access").values_list("action", flat=True))
    assert sorted(actions) == ["source_access.added", "source_access.replaced"]


@pytest.mark.parametrize("text", ["", "two words", "clé", "a" * 5_000, "nul\x00byte"])
def test_what_cannot_be_a_key_is_refused_without_any_request(instagram: Instagram, text: str) -> None:
    with pytest.raises(source_keys.KeyInvalid):
        source_keys.save(workspace=instagram.workspace, source=APIFY, key=Secret(text), by=None, now=instagram.clock())
    assert instagram.log() == []


def test_the_web_and_logins_take_no_key_and_meta_wants_a_number(instagram: Instagram) -> None:
    for source in (SourceName.WEB, SourceName.LOGIN, META):
        with pytest.raises(source_keys.KeyInvalid):
            source_keys.save(
                workspace=instagram.workspace, source=source, key=Secret("EAAdemo"), by=None, now=instagram.clock()
            )


def test_a_service_that_is_away_does_not_stand_in_the_way(instagram: Instagram) -> None:
    instagram.fault(path="api.tikhub.io", kind="5xx", count=-1)
    access = save(instagram, TIKHUB)
    assert access.status == KeyStatus.UNKNOWN
    instagram.simulator.control("faults", method="DELETE")
    assert source_keys.check(access=access, by=None, now=instagram.clock()).status == KeyStatus.GOOD


def test_a_removed_key_is_erased(instagram: Instagram) -> None:
    source_keys.remove(access=save(instagram, APIFY), by=instagram.person, now=instagram.clock())
    assert not SourceAccess.objects.exists()
    assert AuditEntry.objects.filter(action="source_access.removed").exists()


def test_a_key_copied_to_another_workspace_does_not_open(instagram: Instagram) -> None:
    access = save(instagram, APIFY)
    copy = SourceAccess.objects.create(
        workspace=Workspace.objects.create(name="Elsewhere"), source=APIFY, key_sealed=access.key_sealed
    )
    with pytest.raises(vault.VaultError):
        source_secrets.opened(copy)


def test_tikhub_answers_until_its_credit_is_used_up_and_then_the_login_does(instagram: Instagram) -> None:
    instagram.ready()
    save(instagram, TIKHUB)
    profile_chain(instagram, TIKHUB, SourceName.LOGIN)
    assert look(instagram) == TIKHUB
    instagram.simulator.control("services/key", {"service": "tikhub", "secret": "tikhub-demo", "dollars": 0})
    assert look(instagram) == SourceName.LOGIN
    access = SourceAccess.objects.get(source=TIKHUB)
    assert (access.status, access.resumes_at) == (KeyStatus.EMPTY, instagram.clock() + timedelta(hours=1))
    sent = len(instagram.log("tikhub"))
    assert look(instagram) == SourceName.LOGIN
    assert len(instagram.log("tikhub")) == sent


def test_a_revoked_key_is_not_used_again_until_a_person_replaces_it(instagram: Instagram) -> None:
    save(instagram, TIKHUB)
    profile_chain(instagram, TIKHUB)
    instagram.simulator.control("services/key", {"service": "tikhub", "secret": "tikhub-demo", "is_valid": False})
    for _time in range(2):
        with pytest.raises(sources.NoAnswer) as none:
            look(instagram)
        assert none.value.passed[0].code == "needs_key"
    assert SourceAccess.objects.get().status == KeyStatus.REFUSED
    assert SourceCall.objects.filter(source=TIKHUB, outcome="needs_key").count() == 1


def test_meta_shows_professionals_and_says_nothing_of_the_others(instagram: Instagram) -> None:
    instagram.ready()
    save(instagram, META)
    profile_chain(instagram, META, SourceName.LOGIN)
    answer = sources.read_profile(instagram.workspace, username="private.garden", clock=instagram.clock)
    assert answer.source == SourceName.LOGIN
    assert answer.passed[0].source == META


def test_another_workspace_has_nothing_of_the_key(instagram: Instagram) -> None:
    save(instagram, TIKHUB)
    elsewhere = Workspace.objects.create(name="Elsewhere")
    source_chains.choose(workspace=elsewhere, purpose=Purpose.PROFILE, sources=[TIKHUB], by=None, now=instagram.clock())
    sent = len(instagram.log())
    with pytest.raises(sources.NoAnswer, match="no key"):
        sources.read_profile(elsewhere, username="northwind_run", clock=instagram.clock)
    assert len(instagram.log()) == sent
