"""Who stands on the lists of a login's own account, as far as they were read."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from accounts.models import InstagramLogin
from scans.models import Direction, EdgeList


def among(login: InstagramLogin, direction: Direction, pks: Collection[int]) -> set[int]:
    """Those of ``pks`` who are on that list now. Two queries however many they are."""
    if login.profile_id is None or not pks:
        return set()
    own = EdgeList.objects.for_workspace(login.workspace_id).filter(account__profile_id=login.profile_id)
    lists = list(own.filter(direction=direction).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "select profile_id from edge_current where list_id = any(%s) and profile_id = any(%s)", [lists, list(pks)]
        )
        return {pk for (pk,) in cursor.fetchall()}
