"""What is text goes compressed to whoever can read it so; its length differs from time to time."""

from __future__ import annotations

import gzip

from django.test import Client

from tests.people import Cast, cast

__all__ = ["cast"]
TAKES = {"Accept-Encoding": "gzip, br"}


def test_pages_and_data_are_compressed_and_say_the_same(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    for path in ("/patterns/", "/api/openapi.json"):
        plain, packed = client.get(path), client.get(path, headers=TAKES)
        assert plain.headers.get("Content-Encoding") is None
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert len(packed.content) < len(plain.content) / 3
        assert len(gzip.decompress(packed.content)) == len(plain.content)


def test_the_length_of_a_page_tells_nothing(db: None) -> None:
    lengths = {len(Client().get("/auth/login/", headers=TAKES).content) for _time in range(12)}
    assert len(lengths) > 3
