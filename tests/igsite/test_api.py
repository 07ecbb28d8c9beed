"""The API's ground: one shape of errors, no unknown fields, keys against doing things twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import OperationalError, connections
from django.http import Http404, HttpRequest
from django.test import Client, override_settings
from django.urls import path
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from accounts.models import Workspace
from igsite import api as the_api
from igsite.idempotency import idempotent
from igsite.models import KeptAnswer
from igsite.problems import Conflict, Invalid, Locked, TooMany, Unavailable
from igsite.schemas import Body
from igsite.urls import urlpatterns as site_urls
from tests.people import Cast

router = Router()
PROBLEMS: dict[str, tuple[Exception, int, str]] = {
    "conflict": (Conflict("It runs already."), 409, "conflict"),
    "invalid": (Invalid("Not so.", fields={"name": ["Too long."]}), 422, "invalid"),
    "locked": (Locked("Unlock first."), 423, "locked"),
    "too_many": (TooMany("Slower.", retry_after=7), 429, "too_many_requests"),
    "unavailable": (Unavailable("Away."), 503, "unavailable"),
    "missing": (Http404("secret detail"), 404, "not_found"),
    "refused": (PermissionDenied("Not with your role."), 403, "not_allowed"),
    "django": (DjangoValidationError({"name": ["Too short."]}), 422, "invalid"),
    "database": (OperationalError("host=10.0.0.1 password=hunter2"), 503, "unavailable"),
    "crash": (ZeroDivisionError("password=hunter2"), 500, "internal_error"),
}


class Thing(Body):
    name: str = Field(max_length=20)
    count: int = Field(1, ge=1, le=9)


@router.get("/fails/{why}")
def fails(request: HttpRequest, why: str) -> None:
    raise PROBLEMS[why][0]


@router.post("/things")
@idempotent
def start(request: HttpRequest, payload: Thing, fail: bool = False) -> Status[Any]:
    made = Workspace.objects.create(name=payload.name)
    if fail:
        raise Conflict("Half way.")
    return Status(202, {"id": str(made.pk), "name": made.name})


api = the_api.build({"/probe": "tests.igsite.test_api.router"})
urlpatterns = [path("probe/", (the_api.routes(api), "ninja", "api")), *site_urls]
handler404 = "igsite.shell.not_found"


@pytest.fixture(autouse=True)
def with_probe() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def post(client: Client, body: dict[str, Any], key: str = "", query: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else None
    return client.post(
        f"/probe/probe/things{query}", json.dumps(body), content_type="application/json", headers=headers
    )


@pytest.mark.django_db
@pytest.mark.parametrize("why", PROBLEMS)
def test_every_error_has_the_one_shape_and_no_inner_detail(cast: Cast, why: str) -> None:
    answer = cast.client(cast.owner).get(f"/probe/probe/fails/{why}")
    _problem, status, code = PROBLEMS[why]
    assert answer.status_code == status
    body = answer.json()
    assert list(body) == ["error"]
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert "hunter2" not in answer.content.decode()
    assert "secret detail" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_limit_says_when_to_come_back(cast: Cast) -> None:
    assert cast.client(cast.owner).get("/probe/probe/fails/too_many").headers["Retry-After"] == "7"


@pytest.mark.django_db
def test_unknown_and_wrong_fields_are_named(cast: Cast) -> None:
    answer = post(cast.client(cast.owner), {"name": "x" * 21, "count": 0, "workspace": str(cast.elsewhere.pk)})
    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"name", "count", "workspace"}
    assert not Workspace.objects.filter(name__startswith="xx").exists()


@pytest.mark.django_db
def test_a_body_that_is_no_json_and_a_method_that_is_not_taken(cast: Cast) -> None:
    client = cast.client(cast.owner)
    broken = client.post("/probe/probe/things", "{", content_type="application/json")
    assert broken.status_code in {400, 422}
    assert broken.json()["error"]["code"] in {"bad_request", "invalid"}
    wrong = client.delete("/probe/probe/things")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "POST"
    assert client.get("/probe/nothing/here").json()["error"]["code"] == "not_found"


@pytest.mark.django_db
def test_a_key_starts_a_thing_once_and_gives_the_same_answer(cast: Cast) -> None:
    client = cast.client(cast.owner)
    first, second = post(client, {"name": "one"}, "k1"), post(client, {"name": "one"}, "k1")
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert Workspace.objects.filter(name="one").count() == 1
    assert post(client, {"name": "one"}, "k2").json() != first.json()
    assert post(client, {"name": "one"}).json() != first.json()


@pytest.mark.django_db
def test_a_key_belongs_to_its_person_and_its_request(cast: Cast) -> None:
    first = post(cast.client(cast.owner), {"name": "one"}, "k1").json()
    assert post(cast.client(cast.editor), {"name": "one"}, "k1").json() != first
    other = post(cast.client(cast.owner), {"name": "two"}, "k1")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")


@pytest.mark.django_db
def test_what_failed_left_nothing_and_can_be_tried_again(cast: Cast) -> None:
    client = cast.client(cast.owner)
    assert post(client, {"name": "one"}, "k1", "?fail=1").status_code == 409
    assert not Workspace.objects.filter(name="one").exists()
    assert not KeptAnswer.objects.exists()
    assert post(client, {"name": "one"}, "k1").status_code == 202


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 201, "tab\there"])
def test_a_key_that_cannot_be_stored_is_refused(cast: Cast, key: str) -> None:
    assert post(cast.client(cast.owner), {"name": "one"}, key).json()["error"]["code"] == "idempotency_key_invalid"


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_requests_with_one_key_start_one_thing(cast: Cast) -> None:
    clients = [cast.client(cast.owner) for _ in range(20)]
    answers: list[str] = []

    def send(client: Client) -> None:
        try:
            answers.append(post(client, {"name": "one"}, "k1").content.decode())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1
    assert Workspace.objects.filter(name="one").count() == 1
