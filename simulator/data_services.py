"""The services beside Instagram, each below a base address of its own: which module answers, and how it refuses."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.apify import service as apify
from simulator.faults import Fault
from simulator.meta_graph import service as meta_graph
from simulator.stage import Stage
from simulator.tikhub import service as tikhub
from simulator.wire import Request, Response


@dataclass(frozen=True, slots=True)
class DataService:
    """`prefix` is its base address here; `host` stands in the log and in the paths of faults; `refuse` says a status in
    its own words."""

    prefix: str
    host: str
    answer: Callable[[Stage, Request], Response]
    refuse: Callable[[int], Response]


SERVICES = (
    DataService("/apify", "api.apify.com", apify.answer, apify.refuse),
    DataService("/tikhub", "api.tikhub.io", tikhub.answer, tikhub.refuse),
    DataService("/meta_graph", "graph.facebook.com", meta_graph.answer, meta_graph.refuse),
)
#: Faults that Instagram answers in its own words, and the status that the other services know them by.
_STATUS = {"429": 429, "5xx": 500, "timeout_408": 408, "not_found": 404, "please_wait": 429, "login_required": 401}


def service_of(path: str) -> DataService | None:
    """The service whose base address the path lies below."""
    return next((service for service in SERVICES if path.startswith(f"{service.prefix}/")), None)


def rephrased(service: DataService, fault: Fault, response: Response) -> Response:
    """What a fault answers, in the words of the service that is struck."""
    status = fault.status if fault.kind == "refused" else _STATUS.get(fault.kind)
    if status is None:
        return response
    refusal = service.refuse(fault.status or status)
    if fault.retry_after is not None:
        refusal.headers.append(("Retry-After", str(fault.retry_after)))
    return refusal
