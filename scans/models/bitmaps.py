"""The people of a list as a set of small numbers, for overlaps and networks; and figures that would need counting."""

from __future__ import annotations

from django.db import models

from igsite.ownership import OwnedQuerySet
from scans.models.lists import EdgeList


class ListBitmap(models.Model):
    """A list as it stood after scan ``seq``, worked out behind the scan (:mod:`scans.bitmaps`), None of it by a page.

    ``bits`` is a serialised roaring bitmap of ``accounts_profile.n``, about a byte a person: fetch it only to compute
    with it. Of ``people_count`` people, ``private_known`` are known to be private or not, ``private_count`` are; the
    same for ``verified``.
    """

    workspace_path = "edge_list__account__workspace"

    edge_list = models.OneToOneField(EdgeList, primary_key=True, on_delete=models.CASCADE, related_name="bitmap")
    seq = models.PositiveIntegerField()
    bits = models.BinaryField()
    people_count = models.BigIntegerField()
    private_count = models.BigIntegerField()
    private_known = models.BigIntegerField()
    verified_count = models.BigIntegerField()
    verified_known = models.BigIntegerField()
    built_at = models.DateTimeField()

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"list {self.edge_list_id} after scan {self.seq}"
