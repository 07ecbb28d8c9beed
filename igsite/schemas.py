"""The shapes shared by the whole API: bodies that refuse unknown fields, pages, errors."""

from __future__ import annotations

from typing import Generic, TypeVar

from ninja import Schema
from pydantic import ConfigDict, Field

T = TypeVar("T")


class Body(Schema):
    """A request's body. An unknown field is an error: nobody writes a column that was not offered."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class PageOut(Schema, Generic[T]):
    """One page of a list. ``next`` is the ``cursor`` of the following page, empty on the last one."""

    items: list[T]
    next: str = ""


class ErrorDetail(Schema):
    """``code`` is for programs and does not change; ``message`` is for people; ``fields`` names what to correct."""

    code: str
    message: str
    fields: dict[str, list[str]] | None = Field(None, description="Sentences by the name of the input.")


class ErrorOut(Schema):
    """What every error of the API looks like."""

    error: ErrorDetail
