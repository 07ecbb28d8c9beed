"""Requests made up from the API's own document: no error of ours, every answer as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from accounts import tokens
from accounts.models import TokenScope
from igsite.api import api
from tests.architecture.world import build
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
PATHS = r"^/api/v1/(instagram/(influencer|post)_monitor|monitors)"
PARAMETERS = ("task_id", "post_task_id", "monitor_id", "note_id", "user_id", "post_code")


@pytest.fixture
def token(cast: Cast) -> str:
    """An editor's token that may write."""
    _token, text = tokens.issue(
        membership=cast.membership(cast.editor), name="made up", scope=TokenScope.WRITE, life=timedelta(hours=1),
        by=cast.editor,
    )  # fmt: skip
    return text


def _document() -> Any:
    """The part of the document that is about monitoring."""
    whole = schemathesis.openapi.from_dict(dict(api.get_openapi_schema(path_prefix="/api/")))
    whole.app = get_wsgi_application()
    return whole.include(path_regex=PATHS)


schema = _document()


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The test's own for all requests, as Django's test client keeps it: the end of a request must not close it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schema.parametrize()  # type: ignore[untyped-decorator] # the library's own decorator has no types
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_every_answer_is_as_the_document_says(case: Any, cast: Cast, token: str) -> None:
    _keep_to_real_rows(case, cast)
    # What is well-formed may still mean nothing: a name that is none, a cursor of another list. That is 422.
    # The library reads a WSGI answer as it is, and does not unpack a long one that was compressed.
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance, *_not_ours()])


def _not_ours() -> list[Any]:
    """Checks of things that are tested elsewhere: who may come in (the stranger sweep), and time."""
    return [checks.max_response_time]


def _keep_to_real_rows(case: Any, cast: Cast) -> None:
    """Half of the requests ask for rows that are there."""
    given = case.path_parameters
    if not given or len(str(given)) % 2:
        return
    from monitoring.models import Monitor

    params = {} if Monitor.objects.exists() else build(cast).params
    for name in set(given) & set(PARAMETERS) & set(params):
        given[name] = str(params[name])
