"""The one door to everything that a workspace owns.

Views, API, websocket, exports and admin actions reach rows only through :meth:`OwnedQuerySet.for_workspace`; an
architecture test looks for ways around it. What is not found through the door does not exist: strangers get 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

M = TypeVar("M", bound=models.Model)


class Role(models.TextChoices):
    """What a member may do: viewers read, editors start and change work, owners also manage members and secrets."""

    VIEWER = "viewer", _("Viewer")
    EDITOR = "editor", _("Editor")
    OWNER = "owner", _("Owner")

    def reaches(self, needed: Role) -> bool:
        """Whether this role includes ``needed``."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class OwnedQuerySet(models.QuerySet[M]):
    """A queryset of rows that hang on a workspace, through the field path ``workspace_path`` of the model."""

    def for_workspace(self, workspace: Any) -> Self:
        """The rows of one workspace; none when ``workspace`` is None."""
        if workspace is None:
            return self.none()
        path = getattr(self.model, "workspace_path", "workspace")
        return self.filter(**{path: workspace})


def may(request: HttpRequest, needed: Role) -> bool:
    """Whether the signed-in member reaches ``needed`` in ``request.workspace``; False without a workspace."""
    membership = getattr(request, "membership", None)
    return membership is not None and Role(membership.role).reaches(needed)


def require_role(request: HttpRequest, needed: Role) -> None:
    """Raise ``PermissionDenied`` unless :func:`may`.

    A member who may look but not act is told so (403); whoever may not look gets 404 from the door before this.
    """
    if not may(request, needed):
        raise PermissionDenied(_("Your role in this workspace does not allow this."))
