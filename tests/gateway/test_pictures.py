"""Which addresses of pictures are asked, and what is taken of an answer: against a raw server on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from accounts.gateway import pictures
from accounts.gateway.pictures import (
    AddressRefused,
    PictureGone,
    PictureRefused,
    PictureSource,
    PictureUnreachable,
    checked_address,
)

ADDRESS = "https://scontent-ams2-1.cdninstagram.com/v/t51/1.jpg?oh=abc&oe=69"
JPEG = {"Content-Type": "image/jpeg"}


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes = b"") -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything alike; its address and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # the client may have had enough
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetched(base: str, address: str = ADDRESS) -> bytes:
    with PictureSource(base) as source:
        return source.fetch(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://scontent.cdninstagram.com/1.jpg",
        "https://example.com/1.jpg",
        "https://cdninstagram.com.example.com/1.jpg",
        "https://evilcdninstagram.com/1.jpg",
        "https://cdninstagram.com@example.com/1.jpg",
        "https://user:pass@scontent.cdninstagram.com/1.jpg",
        "https://scontent.cdninstagram.com:8080/1.jpg",
        "https://scontent.cdninstagram.com:99999/1.jpg",
        "https://example.com\\.cdninstagram.com/1.jpg",
        "https://example.com#.cdninstagram.com/1.jpg",
        "https://example.com?.cdninstagram.com/1.jpg",
        "https://127.0.0.1/1.jpg",
        "https://[::1]/1.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://scontent.cdninstagram.com/1.jpg",
        "//scontent.cdninstagram.com/1.jpg",
        "https://scontent.cdninstagram.com/\r\nHost: example.com",
        "https://ѕcontent.cdninstagram.com/1.jpg",
        "https://[scontent.cdninstagram.com/1.jpg",
        "",
        "1.jpg",
    ],
)
def test_addresses_elsewhere_are_never_asked(address: str) -> None:
    with answering(200, JPEG, b"x") as (base, asked):
        with pytest.raises(AddressRefused):
            fetched(base, address)
        assert asked == []


@pytest.mark.parametrize("host", ["scontent-ams2-1.cdninstagram.com", "instagram.fham1-1.fna.fbcdn.net", "X.FBCDN.NET"])
def test_the_two_domains_are_asked(host: str) -> None:
    assert checked_address(f"https://{host}/v/1.jpg").hostname == host.lower()


def test_a_picture_comes_through_the_base_address_with_its_signature() -> None:
    with answering(200, JPEG, b"bytes") as (base, asked):
        assert fetched(base) == b"bytes"
    assert asked == ["/ig/scontent-ams2-1.cdninstagram.com/v/t51/1.jpg?oh=abc&oe=69"]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "image/gif", "application/octet-stream", ""])
def test_other_types_are_refused(kind: str) -> None:
    with answering(200, {"Content-Type": kind}, b"<svg/>") as (base, _asked), pytest.raises(PictureRefused):
        fetched(base)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    there = {**JPEG, "Location": "/ig/scontent-ams2-1.cdninstagram.com/elsewhere"}
    with answering(status, there) as (base, asked):
        with pytest.raises(PictureRefused):
            fetched(base)
        assert len(asked) == 1


@pytest.mark.parametrize(("status", "error"), [(403, PictureGone), (404, PictureGone), (410, PictureGone),
                                               (429, PictureUnreachable), (500, PictureUnreachable),
                                               (204, PictureRefused), (206, PictureRefused)])  # fmt: skip
def test_other_answers_say_what_to_do(status: int, error: type[Exception]) -> None:
    with answering(status, JPEG) as (base, _asked), pytest.raises(error):
        fetched(base)


def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    headers = {**JPEG, "Content-Length": str(pictures.MOST_BYTES + 1)}
    with answering(200, headers) as (base, _asked), pytest.raises(PictureRefused):
        fetched(base)


def test_a_body_that_turns_out_too_long_is_left() -> None:
    with answering(200, JPEG, b"x" * (pictures.MOST_BYTES + 70_000)) as (base, _asked), pytest.raises(PictureRefused):
        fetched(base)


def test_a_compressed_body_is_not_unpacked() -> None:
    headers = {**JPEG, "Content-Encoding": "gzip"}
    with answering(200, headers, b"\x1f\x8b") as (base, _asked), pytest.raises(PictureRefused):
        fetched(base)


def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "DEADLINE", -1.0)
    with answering(200, JPEG, b"x" * 1_000) as (base, _asked), pytest.raises(PictureUnreachable):
        fetched(base)


def test_a_server_that_is_away_is_unreachable() -> None:
    with answering(200, JPEG) as (base, _asked):
        pass
    with pytest.raises(PictureUnreachable):
        fetched(base)
