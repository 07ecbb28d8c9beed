"""Keyset paging for pages and the API: page 10,000 costs what page 1 costs.

A cursor is the sort key of the last row shown, signed, so that nobody can make one up. It is bound to the name of its
list: a cursor of one list is refused by another. Conditions are row comparisons on the ordering's own columns, so that
an index on them answers (``docs/storage.md``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext as _

from igsite.problems import Invalid

PAGE_MAX: Final = 200
API_MAX: Final = 1000
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


class BadCursor(Invalid):
    """The cursor was changed, or belongs to another list."""

    code = "bad_cursor"


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. ``next`` is the cursor of the following page, empty on the last one."""

    items: Sequence[T]
    next: str = ""


def seal_cursor(name: str, values: Sequence[Any]) -> str:
    """The cursor that stands behind a row with these sort values, for the list called ``name``."""
    return signing.dumps([_plain(value) for value in values], salt=f"igsite.cursor.{name}")


def open_cursor(name: str, cursor: str) -> list[Any]:
    """The sort values within ``cursor``: JSON scalars. Raises :class:`BadCursor`."""
    try:
        values = signing.loads(cursor, salt=f"igsite.cursor.{name}")
    except (signing.BadSignature, ValueError, UnicodeError) as error:
        raise BadCursor(_("This cursor cannot be used. Start again from the first page.")) from error
    if not isinstance(values, list):
        raise BadCursor(_("This cursor cannot be used. Start again from the first page."))
    return values


def within(limit: int | str | None, *, most: int, default: int = 50) -> int:
    """A page size from 1 to ``most``. Text that is no number counts as ``default``."""
    try:
        wanted = int(limit) if limit not in (None, "") else default
    except ValueError:
        wanted = default
    return max(1, min(wanted, most))


def page_of(
    queryset: models.QuerySet[M],
    *,
    name: str,
    order: Sequence[str],
    cursor: str = "",
    limit: int = 50,
    show: Callable[[M], Any] | None = None,
) -> Page[Any]:
    """One page of ``queryset``, sorted by the fields ``order``: all ascending, or all descending (with a leading "-").

    The last field must be unique. None of the fields may be null. ``name`` is the list's own name for its cursors;
    put into it what the list is filtered by when a cursor must not survive a change of the filter. ``show`` turns
    each row into what the page carries.
    """
    fields = [field.removeprefix("-") for field in order]
    descending = [field.startswith("-") for field in order]
    if len(set(descending)) != 1:
        raise ValueError("Keyset order goes one way: all fields ascending or all descending.")
    rows = queryset.order_by(*order)
    if cursor:
        rows = rows.filter(_behind(queryset.model, fields, open_cursor(name, cursor), descending=descending[0]))
    found = list(rows[: limit + 1])
    items, more = found[:limit], len(found) > limit
    following = seal_cursor(name, [_value(items[-1], field) for field in fields]) if more else ""
    return Page([show(row) for row in items] if show else items, following)


def _behind(model: type[models.Model], fields: list[str], values: list[Any], *, descending: bool) -> Any:
    if len(values) != len(fields) or None in values:
        raise BadCursor(_("This cursor cannot be used. Start again from the first page."))
    try:
        typed = tuple(_field(model, name).to_python(value) for name, value in zip(fields, values, strict=True))
    except (ValidationError, TypeError, ValueError, OverflowError) as error:
        raise BadCursor(_("This cursor cannot be used. Start again from the first page.")) from error
    lookup = TupleLessThan if descending else TupleGreaterThan
    return lookup(tuple(models.F(name) for name in fields), typed)


def _field(model: type[models.Model], path: str) -> Any:
    """The model field at ``path``, following relations through ``__``."""
    *relations, last = path.split("__")
    for relation in relations:
        model = model._meta.get_field(relation).related_model  # type: ignore[assignment]
    field: Any = model._meta.get_field(last)
    return field.target_field if field.is_relation else field


def _value(row: models.Model, path: str) -> Any:
    value: Any = row
    for part in path.split("__"):
        value = getattr(value, part)
    return value.pk if isinstance(value, models.Model) else value


def _plain(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a cursor")
