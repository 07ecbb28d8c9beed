"""What the tables of the admin have in common: rows to look at, lists that cost the same on a million rows, and acts
that go through the domain.

An operator's act is the domain's: the same function as on the pages, so that it is judged and written to the audit log
in the same way. What the domain refuses is told, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from igsite.problems import Problem

M = TypeVar("M", bound=models.Model)

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin
else:

    class _ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, _model: object) -> type:
            return cls


#: How far the list of a big table can be leafed through. Who looks for older rows narrows the list down.
NEWEST: Final = 5_000
#: At once, by one act.
ACTED_ON_MOST: Final = 500
#: By day, week, month and year: without the years and days being gathered from the rows, as a drill-down would.
ByDate = admin.DateFieldListFilter


class NewestRows(Paginator):  # type: ignore[type-arg]
    """Pages of the first rows of a list. It counts no further than these."""

    most = NEWEST

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most :data:`NEWEST`."""
        rows: Any = self.object_list
        return int(rows.order_by()[:NEWEST].count())


class LookOnly(_ModelAdmin[M]):
    """Rows that the site writes: a row changed by hand would lie about what was done or seen.

    Nothing is added, changed or deleted, and there are no addresses for it.
    """

    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def get_urls(self) -> list[Any]:
        """The list and the row."""
        kept = ("_changelist", "_change")
        return [route for route in super().get_urls() if (getattr(route, "name", "") or "").endswith(kept)]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may act on rows of workspaces that are not theirs."""
        named = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return request.user.has_perm(named)


class BigTable(LookOnly[M]):
    """Look only, where there may be millions: the newest rows, never counted or sorted otherwise."""

    paginator = NewestRows
    sortable_by = ()
    ordering: ClassVar[Any] = ("-id",)


def on_each(request: HttpRequest, rows: Iterable[M], act: Callable[[M], object]) -> None:
    """Act on the chosen rows, each by itself, and say how many were done and why others were not."""
    done = 0
    for row in list(rows)[:ACTED_ON_MOST]:
        try:
            act(row)
            done += 1
        except Problem as refused:
            messages.warning(request, f"{row}: {refused}")
    if done:
        said = ngettext("Done for %(count)s row.", "Done for %(count)s rows.", done)
        messages.success(request, said % {"count": done})


def workspace_of(path: str) -> Any:
    """A column with the workspace of a row that hangs on it by ``path``."""

    @admin.display(description=_("workspace"))
    def workspace(row: models.Model) -> object:
        found: Any = row
        for part in path.split("__"):
            found = getattr(found, part)
        return found

    return workspace
