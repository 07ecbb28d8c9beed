"""The pages and the API of proxies: adding, importing, exporting, choosing, and who may."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import proxies, proxy_health, proxy_ways
from accounts.models import InstagramLogin, LoginStatus, Proxy, SourceProxy
from igsite.jobs.models import Job
from tests.people import Cast

pytestmark = pytest.mark.django_db
TYPED = {"name": "", "scheme": "socks5", "host": "Proxy.Example.net", "port": "1080", "username": "canary-user",
         "password": "canary-pass"}  # fmt: skip


def make(cast: Cast, name: str = "Kiln", **more: Any) -> Proxy:
    values = {"workspace": cast.workspace, "name": name, "scheme": "http", "host": "proxy.example.net", "port": 8080}
    return Proxy.objects.create(**values | more)


def upload(client: Client, text: str | bytes) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post(reverse("settings:proxy_import"), {"file": SimpleUploadedFile("list.csv", content)})


def test_a_proxy_is_added_sealed_and_tried(cast: Cast) -> None:
    client = cast.client(cast.owner)
    added = client.post(reverse("settings:proxy_add"), TYPED)
    proxy = Proxy.objects.get()
    assert added.headers["Location"] == reverse("settings:proxy", args=[proxy.pk])
    assert (proxy.name, proxy.host) == ("proxy.example.net:1080", "proxy.example.net")
    assert Job.objects.open().filter(kind=proxies.TRY, params__proxy=str(proxy.pk)).exists()
    for page in (client.get(added.headers["Location"]), client.get(reverse("settings:proxies"))):
        assert page.status_code == 200
        assert b"canary" not in page.content
        assert b"proxy.example.net" in page.content
    assert proxy_ways.opened(proxy).username == "canary-user"


@pytest.mark.parametrize(
    "wrong", [{"host": "10.1.2.3"}, {"host": "a b"}, {"host": ""}, {"port": "0"}, {"port": "70000"}, {"scheme": "ftp"},
              {"username": ""}],
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_the_password_is_not_repeated(cast: Cast, wrong: dict[str, str]) -> None:
    answer = cast.client(cast.owner).post(reverse("settings:proxy_add"), TYPED | wrong)
    assert answer.status_code == 422
    assert b"canary-pass" not in answer.content
    assert not Proxy.objects.exists()


def test_a_bad_proxy_says_why_and_what_to_do(cast: Cast) -> None:
    proxy = make(cast)
    proxy_health.refused_us(proxy.pk, "Nobody listens there.", now=timezone.now())
    client = cast.client(cast.viewer)
    assert b"Nobody listens there." in client.get(reverse("settings:proxies")).content
    part = client.get(reverse("settings:proxy_status", args=[proxy.pk]))
    assert b"none of them goes without it" in part.content
    assert b"<html" not in part.content


def test_a_login_page_says_that_its_proxy_is_bad(cast: Cast) -> None:
    proxy = make(cast)
    login = InstagramLogin.objects.create(
        workspace=cast.workspace, username="my.login", status=LoginStatus.READY, proxy=proxy
    )
    proxy_health.refused_us(proxy.pk, "Nobody listens there.", now=timezone.now())
    page = cast.client(cast.owner).get(reverse("settings:login", args=[login.pk]))
    assert b"Nobody listens there." in page.content
    assert reverse("settings:proxy", args=[proxy.pk]).encode() in page.content


def test_the_proxy_of_a_login_is_chosen_on_its_page(cast: Cast) -> None:
    proxy = make(cast)
    login = InstagramLogin.objects.create(workspace=cast.workspace, username="my.login", status=LoginStatus.READY)
    address, client = reverse("settings:login_proxy", args=[login.pk]), cast.client(cast.owner)
    assert client.post(address, {"proxy": str(proxy.pk)}).status_code == 302
    login.refresh_from_db()
    assert login.proxy_id == proxy.pk
    foreign = make(cast, workspace=cast.elsewhere)
    assert client.post(address, {"proxy": str(foreign.pk)}).status_code == 422
    assert client.post(address, {"proxy": ""}).status_code == 302
    login.refresh_from_db()
    assert login.proxy_id is None


def test_sources_choose_among_the_workspaces_own_proxies(cast: Cast) -> None:
    proxy, foreign = make(cast), make(cast, workspace=cast.elsewhere)
    client = cast.client(cast.owner)
    client.post(reverse("settings:proxy_sources"), {"web_public": str(foreign.pk)})
    assert not SourceProxy.objects.exists()
    client.post(reverse("settings:proxy_sources"), {"web_public": str(proxy.pk)})
    assert SourceProxy.objects.get().proxy_id == proxy.pk
    assert "instagrapi_private" not in dict(proxies.sources())


@pytest.mark.parametrize(
    "text",
    [
        "host,port,username,password,name\nproxy.example.net,8080,kiln,s3cret,Oven\n",
        "Scheme,IP,Port,User,Pass,Name\r\nhttp,proxy.example.net,8080,kiln,s3cret,Oven\r\n",
        "name,proxy\nOven,http://kiln:s3cret@proxy.example.net:8080\n",
        "\ufeffproxy.example.net:8080:kiln:s3cret\n\n",
        "http://kiln:s3cret@proxy.example.net:8080",
    ],
)
def test_lists_of_sellers_are_read(cast: Cast, text: str) -> None:
    answer = upload(cast.client(cast.owner), text)
    assert answer.status_code == 200, answer.content
    assert b"s3cret" not in answer.content
    address = proxy_ways.opened(Proxy.objects.get())
    assert address.password is not None
    assert (address.scheme, address.host, address.port) == ("http", "proxy.example.net", 8080)
    assert (address.username, address.password.reveal()) == ("kiln", "s3cret")
    again = upload(cast.client(cast.owner), text)
    assert b"Here already: 1" in again.content
    assert Proxy.objects.count() == 1


def test_lines_that_cannot_be_used_are_named_without_their_content(cast: Cast) -> None:
    lines = ["good.example.net:1", "http://canary:secret@10.0.0.1:1", "ftp://canary:secret@h:1", "canary secret",
             "good.example.net:2", "https://canary@x:99999"]  # fmt: skip
    answer = upload(cast.client(cast.owner), "\n".join(lines))
    assert Proxy.objects.count() == 2
    for line in (2, 3, 4, 6):
        assert f"Line {line}:".encode() in answer.content
    assert b"canary" not in answer.content


@pytest.mark.parametrize("head", ["", "proxy\n"])
def test_a_line_is_named_by_its_number_in_the_file(cast: Cast, head: str) -> None:
    answer = upload(cast.client(cast.owner), f"{head}\ngood.example.net:1\n\nnonsense\n")
    assert Proxy.objects.count() == 1
    line = 5 if head else 4
    assert f"Line {line}:".encode() in answer.content


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"host,port\n", b"\n".join([b"a.example:1"] * 501)])
def test_files_that_are_no_lists_are_refused(cast: Cast, content: bytes) -> None:
    assert upload(cast.client(cast.owner), content).status_code == 422
    assert not Proxy.objects.exists()


def test_the_export_holds_no_credentials_and_no_formulas(cast: Cast) -> None:
    client = cast.client(cast.owner)
    client.post(reverse("settings:proxy_add"), TYPED | {"name": "=HYPERLINK(1)"})
    make(cast, "Elsewhere", workspace=cast.elsewhere)
    answer = client.get(reverse("settings:proxy_export"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["name"] for row in rows] == ["'=HYPERLINK(1)"]
    assert b"canary" not in answer.content


@pytest.mark.parametrize("route", ["proxy_add", "proxy_import", "proxy_export"])
def test_who_is_no_owner_brings_none_in_and_takes_none_out(cast: Cast, route: str) -> None:
    for person in (cast.editor, cast.viewer):
        assert cast.client(person).get(reverse(f"settings:{route}")).status_code == 403


def test_a_used_proxy_stays_and_an_unused_one_goes(cast: Cast) -> None:
    proxy, client = make(cast), cast.client(cast.owner)
    login = InstagramLogin.objects.create(
        workspace=cast.workspace, username="my.login", status=LoginStatus.READY, proxy=proxy
    )
    address = reverse("settings:proxy_remove", args=[proxy.pk])
    assert b"@my.login" in client.post(address, follow=True).content
    assert Proxy.objects.exists()
    InstagramLogin.objects.filter(pk=login.pk).update(proxy=None)
    client.post(address)
    assert not Proxy.objects.exists()


def test_the_list_asks_as_often_for_many_as_for_one(cast: Cast, django_assert_num_queries: Any) -> None:
    client = cast.client(cast.viewer)
    make(cast)
    client.get(reverse("settings:proxies"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(reverse("settings:proxies"))
    for number in range(40):
        make(cast, f"Kiln {number}")
    with django_assert_num_queries(len(few)):
        client.get(reverse("settings:proxies"))


def api(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    call = getattr(client, method)
    return call(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json")


def test_the_api_does_what_the_pages_do(cast: Cast) -> None:
    client = cast.client(cast.owner)
    added = api(client, "post", "proxies", {**TYPED, "port": 1080})
    assert added.status_code == 202, added.content
    assert b"canary" not in added.content
    proxy = added.json()["id"]
    login = InstagramLogin.objects.create(workspace=cast.workspace, username="my.login", status=LoginStatus.READY)
    assert api(client, "put", f"logins/{login.pk}/proxy", {"proxy": proxy}).json()["proxy_id"] == proxy
    assert api(client, "put", "proxies/sources/web_public", {"proxy": proxy}).status_code == 204
    assert api(client, "put", "proxies/sources/export_zip", {"proxy": proxy}).status_code == 422
    assert api(cast.client(cast.editor), "put", "proxies/sources/web_public", {"proxy": None}).status_code == 403
    assert api(client, "delete", f"proxies/{proxy}").status_code == 409
    assert api(client, "post", f"proxies/{proxy}/try").status_code == 202
    changed = {"name": "Mine", "scheme": "socks5", "host": "proxy.example.net", "port": 1080}
    assert api(client, "put", f"proxies/{proxy}", changed).json()["name"] == "Mine"
    assert api(client, "put", f"proxies/{proxy}", changed | {"port": 1081}).status_code == 422
    api(client, "put", f"logins/{login.pk}/proxy", {"proxy": None})
    api(client, "put", "proxies/sources/web_public", {"proxy": None})
    assert api(client, "delete", f"proxies/{proxy}").status_code == 204
