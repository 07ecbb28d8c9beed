"""Instagram's hosts: which module answers a request, and who is asking."""

from simulator import pictures
from simulator.cast import BY_PK
from simulator.instagram import challenge, feed, friendships, lists, login, media, users, web
from simulator.instagram.refusals import RefusalError, login_required, refuse
from simulator.instagram.routing import Call, private_api
from simulator.sessions import Session
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json

MODULES = (challenge, feed, friendships, lists, login, media, users)
"""Imported for the routes that they register."""
API = "/api/v1/"


def session_of(stage: Stage, request: Request) -> Session | None:
    session = stage.sessions.find(request)
    if session is not None:
        request.login_pk = session.pk
    return session


def answer(stage: Stage, request: Request, session: Session | None) -> Response:
    """The answer of the host that the request names."""
    try:
        return _answer(stage, request, session)
    except RefusalError as refusal:
        return refusal.response


def _answer(stage: Stage, request: Request, session: Session | None) -> Response:
    if request.host.endswith((".cdninstagram.com", ".fbcdn.net")):
        return _picture(stage, request)
    if request.host == "www.instagram.com":
        found = web.answer(stage, request)
        if found is not None:
            return found
    if request.path == "/graphql_www":
        return _register_device()
    if request.path.startswith(API):
        return _private(stage, request, session)
    return Response(404, b"<!DOCTYPE html><title>Page not found</title>", "text/html; charset=utf-8")


def _private(stage: Stage, request: Request, session: Session | None) -> Response:
    found = private_api.find(request.method, request.path[len(API) :])
    if found is None:
        raise refuse(404, "Not found")
    route, parts = found
    if session is None and not route.is_open:
        raise login_required()
    return route.answer(Call(stage, request, parts, session))


def _register_device() -> Response:
    return as_json({"data": {"1$usdid_registration(input:$input)": {"success": True}}})


def _picture(stage: Stage, request: Request) -> Response:
    """A picture; 403 once the address has expired, as on the real CDN."""
    if pictures.is_expired(request.query, stage.now().epoch):
        return Response(403, b"URL signature expired", "text/plain")
    image = pictures.image_for(request.path)
    if image is None:
        return Response(404, b"Not found", "text/plain")
    return Response(200, image, "image/png", [("Cache-Control", "max-age=1209600, no-transform")])


def held_up(stage: Stage, request: Request, session: Session) -> Response:
    """A challenge in the middle of a session (the fault of that name): it can be solved with the login's code."""
    device = request.headers.get("x-ig-android-id", "unknown")
    held = stage.sessions.challenge(session.pk, device, native=False)
    stage.is_changed = True
    return login.challenge_refusal(held).response


def name_of(pk: int | None) -> str | None:
    """The username of a login."""
    return BY_PK[pk].username if pk in BY_PK else None
