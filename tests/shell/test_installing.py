"""The site can be kept as an app: its manifest says what browsers ask for, and its icons are there in their sizes."""

from __future__ import annotations

from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image


def test_the_manifest_is_there_for_everybody_and_its_icons_have_their_sizes(db: None) -> None:
    answer = Client().get("/site.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["start_url"], said["display"], said["lang"]) == ("/", "standalone", "en")
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        file = finders.find(icon["src"].removeprefix("/static/"))
        assert isinstance(file, str)
        with Image.open(file) as image:
            assert "{}x{}".format(*image.size) == icon["sizes"]


def test_pages_name_it_and_an_icon_for_phones_without_it(db: None) -> None:
    page = Client().get("/auth/login/").content.decode()
    assert 'rel="manifest" href="/site.webmanifest"' in page
    assert 'rel="apple-touch-icon"' in page
