"""Jobs in the admin: to look at, with the error and the lease; cancel and retry go through the same functions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from igsite.admin_tables import BigTable, ByDate, on_each
from igsite.jobs import runner
from igsite.jobs.kinds import all_kinds
from igsite.jobs.models import Job


class ByKind(admin.SimpleListFilter):
    """By kind of work, as the code knows them: the rows are not asked which there are."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Every kind there is."""
        return [(kind.name, kind.name) for kind in sorted(all_kinds(), key=lambda one: one.name)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:  # noqa: ARG002
        """Those of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(BigTable[Job]):
    """Read-only: a row changed by hand would lie about what was done."""

    list_display = (
        "kind", "subject", "state", "progress", "attempts", "error", "workspace", "created_at", "due_at", "finished_at",
    )  # fmt: skip
    list_filter: ClassVar[Any] = ("state", ByKind, ("created_at", ByDate))
    search_fields = ("=uuid", "^subject", "=error_code", "=lane", "=workspace__name")
    search_help_text = gettext_lazy(
        "Number of the task, how its subject begins, code of its error, its lane, or the name of the workspace."
    )
    list_select_related = ("workspace",)
    actions = ("cancel_chosen", "retry_chosen")

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        """Units done of units in all."""
        return f"{job.done_units} / {'?' if job.total_units is None else job.total_units}"

    @admin.action(description=gettext_lazy("Cancel the chosen jobs"), permissions=["operate"])
    def cancel_chosen(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """As the task board does."""
        on_each(request, jobs.order_by("id"), lambda job: runner.cancel(job, by=request.user))

    @admin.action(description=gettext_lazy("Retry the chosen jobs"), permissions=["operate"])
    def retry_chosen(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """As the task board does."""
        on_each(request, jobs.order_by("id"), lambda job: runner.retry(job, by=request.user))
