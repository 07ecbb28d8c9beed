"""How far the search text of a list's people is prepared."""

from __future__ import annotations

from django.db import models

from igsite.ownership import OwnedQuerySet
from scans.models.lists import EdgeList


class ListSearch(models.Model):
    """Everybody whom scans of the list saw up to scan ``seq`` can be found by name through the index of all names.

    Written behind the scans (:mod:`scans.search_text`). Whoever came later is found by walking the list.
    """

    workspace_path = "edge_list__account__workspace"

    edge_list = models.OneToOneField(EdgeList, primary_key=True, on_delete=models.CASCADE, related_name="search")
    seq = models.PositiveIntegerField()

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"names of list {self.edge_list_id} up to scan {self.seq}"
