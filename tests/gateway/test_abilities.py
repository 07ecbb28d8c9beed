"""What sources say of themselves; that they keep it is the business of the contract tests."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.gateway import providers
from accounts.gateway.abilities import SOURCES, Ability, Needs, sources_for
from accounts.gateway.protocol import ReadGateway, ReadsByUsername, WriteGateway
from accounts.gateway.providers.apify import Apify
from accounts.gateway.providers.apify_rows import Rows
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from accounts.gateway.providers.meta_graph import MetaGraph
from accounts.gateway.providers.tikhub import TikHub
from accounts.gateway.providers.web_public import WebPublic
from accounts.gateway.runs import KeyedGateway, RunGateway
from tests.gateway.opened_sources import DOORS


def test_every_ability_is_a_call_of_the_protocol() -> None:
    calls = {name for name, value in vars(ReadGateway).items() if callable(value) and not name.startswith("_")}
    assert {str(ability) for ability in Ability} == calls


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_its_door_and_stands_in_the_contract_tests(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert source.offers
    if source.needs == Needs.FILE:
        assert source.door == ""
    else:
        assert callable(getattr(providers, source.door))
        assert name in DOORS


def test_what_a_list_takes_and_costs_is_computed() -> None:
    private, web, apify = SOURCES["instagrapi_private"], SOURCES["web_public"], SOURCES["apify"]
    assert private.requests_for(Ability.FOLLOWERS, 10_001) == 51
    assert web.requests_for(Ability.FOLLOWERS, 0) == 1
    assert web.requests_for(Ability.LIKERS, 10) is None
    assert private.dollars_for(Ability.FOLLOWERS, 10_000) == 0
    assert SOURCES["tikhub"].dollars_for(Ability.POST, 250) == Decimal("0.25")
    assert apify.dollars_for(Ability.FOLLOWERS, 10_000) is None, "not known before, so not claimed"


def test_sources_speak_their_protocols() -> None:
    """Held by the type checker: each assignment is a claim."""
    read: tuple[type[ReadGateway], ...] = (InstagrapiPrivate, WebPublic, Apify, TikHub, MetaGraph, Rows)
    by_name: tuple[type[ReadsByUsername], ...] = (MetaGraph, Rows)
    keyed: tuple[type[KeyedGateway], ...] = (Apify, TikHub, MetaGraph)
    runs: type[RunGateway] = Apify
    write: type[WriteGateway] = InstagrapiPrivate
    assert {source.source for source in read} == {name for name in SOURCES if SOURCES[name].door}
    assert {source.__name__ for source in (*by_name, *keyed, runs)} == {"Apify", "MetaGraph", "Rows", "TikHub"}
    assert SOURCES["instagrapi_private"].writes
    assert write is InstagrapiPrivate


def test_sources_are_found_by_what_they_can() -> None:
    assert [source.name for source in sources_for(Ability.LIKERS)] == ["instagrapi_private"]
    assert "export_zip" in [source.name for source in sources_for(Ability.FOLLOWERS)]
