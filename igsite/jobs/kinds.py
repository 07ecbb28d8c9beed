"""Kinds of jobs, which register themselves, and what a step may answer.

An app declares its kinds in ``<app>/job_kinds.py``; they are found when Django starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from igsite.jobs.models import Job
    from igsite.jobs.run import Run


@dataclass(frozen=True, slots=True)
class Again:
    """More to do: at once, or ``after`` a pause. In a pause of up to a minute the job stays running, in its lane.

    It lends the lane meanwhile to a kind that ``goes_between``; such a kind lends it to whoever is due.
    """

    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be done before ``until``; ``why`` is a sentence for the person. The lane is free meanwhile."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A person must act first: ``why`` says what, ``url`` where. :func:`igsite.jobs.runner.resume` goes on."""

    why: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """Finished, with an optional closing ``message`` and a JSON ``result``."""

    message: str = ""
    result: dict[str, Any] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Failed:
    """Over, without success: ``message`` is a sentence for the person, ``code`` a stable word for programs."""

    message: str
    code: str = "failed"


Outcome = Again | Wait | Blocked | Done | Failed


class Kind:
    """One kind of job. Instances hold no state: everything a step needs is in the run's params and cursor."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    can_retry: ClassVar[bool] = True
    #: A few short steps that must not wait for hours behind a long job of their lane: they take turns with it.
    goes_between: ClassVar[bool] = False

    def step(self, run: Run) -> Outcome:
        """Do one short, bounded, idempotent piece (≤ 2 s of work, network time-outs well under the lease).

        Rows are written inside ``with run.save(...)``. An exception is retried with back-off, at most three times
        without progress in between. Never catch ``BaseException``: the cluster's time-out is a ``SystemExit``.
        """
        raise NotImplementedError

    def ended(self, job: Job) -> None:
        """The job ended (done, failed or cancelled), in the same transaction, whoever ended it. Must be quick."""

    def retried(self, job: Job) -> None:
        """A person asked for another try after the end, in the same transaction. The cursor stands as it was left."""


_kinds: dict[str, Kind] = {}
K = TypeVar("K", bound=type[Kind])


def register(kind: K) -> K:
    """Make a kind known by its name. Raises ``ValueError`` when the name is taken by another class."""
    known = _kinds.get(kind.name)
    if known is not None and (type(known).__module__, type(known).__qualname__) != (
        kind.__module__,
        kind.__qualname__,
    ):
        raise ValueError(f"Two kinds of job call themselves {kind.name!r}.")
    _kinds[kind.name] = kind()
    return kind


def find_kind(name: str) -> Kind | None:
    """The kind of that name, or None when no installed app has it."""
    return _kinds.get(name)


def kinds_between() -> list[str]:
    """The names of the kinds that go between the steps of longer jobs."""
    return [name for name, kind in sorted(_kinds.items()) if kind.goes_between]


def all_kinds() -> list[Kind]:
    """Every kind, by name."""
    return [_kinds[name] for name in sorted(_kinds)]
