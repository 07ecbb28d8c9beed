"""Jobs in the admin: to look at, with the error and the lease; cancel and retry go through the same functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from igsite.jobs import runner
from igsite.jobs.models import Job

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Job]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(Job)
class JobAdmin(ModelAdmin):
    """Read-only: a row changed by hand would lie about what was done."""

    list_display = (
        "kind",
        "subject",
        "state",
        "progress",
        "attempts",
        "error",
        "workspace",
        "created_at",
        "finished_at",
    )
    list_filter = ("state", "kind", "error_code")
    search_fields = ("=uuid", "subject", "error", "lane")
    list_select_related = ("workspace",)
    ordering = ("-created_at", "-uuid")
    show_full_result_count = False
    actions = ("cancel_chosen", "retry_chosen")

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: Job) -> str:
        """Units done of units in all."""
        return f"{job.done_units} / {'?' if job.total_units is None else job.total_units}"

    @admin.action(description=gettext_lazy("Cancel the chosen jobs"), permissions=["view"])
    def cancel_chosen(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """As the task board does."""
        self._each(request, jobs, runner.cancel)

    @admin.action(description=gettext_lazy("Retry the chosen jobs"), permissions=["view"])
    def retry_chosen(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        """As the task board does."""
        self._each(request, jobs, runner.retry)

    def _each(self, request: HttpRequest, jobs: QuerySet[Job], act: Callable[..., Job]) -> None:
        done = 0
        for job in jobs.order_by("id"):
            try:
                act(job, by=request.user)
                done += 1
            except runner.JobConflict as conflict:
                self.message_user(request, f"{job}: {conflict}", messages.WARNING)
        self.message_user(request, _("Done for %(count)s jobs.") % {"count": done}, messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Never."""
        return False
