"""What a view of a signed-in member is handed: the types behind ``WorkspaceMiddleware`` and the API's access."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, User, Workspace


class MemberRequest(HttpRequest):
    """A request behind the sign-in: it has a person, a workspace and a role. For annotations only."""

    user: User
    workspace: Workspace
    membership: Membership
    htmx: HtmxDetails
