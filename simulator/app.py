"""One request from end to end: which service it is for, the fault that strikes it, the answer, the log."""

import asyncio
import json
import sys
import time
import traceback

from simulator import control
from simulator.data_services import DataService, rephrased, service_of
from simulator.faults import ANSWERS, Fault
from simulator.instagram import service as instagram
from simulator.sessions import Session
from simulator.stage import Stage
from simulator.wire import Request, Response, as_json

INSTAGRAM = "/ig/"
"""Instagram's hosts live below /ig/<host>/…; the data services have prefixes of their own."""
CONTROL = "/_control/"


class App:
    """The handler that the server calls."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def __call__(self, request: Request) -> Response:
        if request.path.startswith(CONTROL):
            response = await asyncio.to_thread(control.answer, self.stage, request)
            self.stage.save()
            return response
        service = service_of(request.path)
        if service is not None:
            request.host, request.path = service.host, request.path.removeprefix(service.prefix)
            return await self._served(request, service)
        if not request.path.startswith(INSTAGRAM):
            return as_json({"error": "Instagram's hosts are below /ig/<host>/, the control API below /_control/."}, 404)
        request.host, slash, rest = request.path[len(INSTAGRAM) :].partition("/")
        request.path = slash + rest
        return await self._served(request, None)

    async def _served(self, request: Request, service: DataService | None) -> Response:
        """The answer of a data service, or of Instagram, with the faults that strike it."""
        stage, began = self.stage, time.perf_counter()
        session = instagram.session_of(stage, request) if service is None else None
        names = {str(session.pk), session.username} if session is not None else set()
        faults = stage.faults.strike(request, names)
        kinds = "+".join(fault.kind for fault in faults) or None
        try:
            response = await self._before(faults, request, session, service)
            if response is None:
                response = self._ask(request, session, service)
                for fault in faults:
                    response = await stage.faults.after(fault, request, response)
        except asyncio.CancelledError:
            self._log(request, Response(is_reset=True), kinds, began)
            raise
        self._log(request, response, kinds, began)
        stage.save()
        return response

    async def _before(
        self, faults: list[Fault], request: Request, session: Session | None, service: DataService | None
    ) -> Response | None:
        """What a fault answers instead of the service."""
        response: Response | None = None
        for fault in faults:
            response = await self.stage.faults.before(fault, request)
            if fault.kind == "challenge" and session is not None:
                response = instagram.held_up(self.stage, request, session)
            if response is not None and service is not None and fault.kind in ANSWERS:
                response = rephrased(service, fault, response)
        return response

    def _ask(self, request: Request, session: Session | None, service: DataService | None) -> Response:
        try:
            if service is not None:
                return service.answer(self.stage, request)
            return instagram.answer(self.stage, request, session)
        except Exception:  # a bug of the simulator must be told apart from a fault that was asked for
            traceback.print_exc(file=sys.stderr)
            return Response(500, json.dumps({"message": "simulator error", "status": "fail"}).encode())

    def _log(self, request: Request, response: Response, fault: str | None, began: float) -> None:
        moment = self.stage.now()
        named = instagram.name_of(request.login_pk)
        ms = (time.perf_counter() - began) * 1000
        self.stage.log.add(request, response, moment, login=named, fault=fault, ms=ms)
