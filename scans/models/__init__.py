"""What we saw: scans, the lists they read, and what changed between them."""

from scans.models.changes import ChangeKind, ProfileChange
from scans.models.lists import Direction, EdgeList
from scans.models.runs import ListScan, Reason, Scan, ScanState, Source

__all__ = [
    "ChangeKind",
    "Direction",
    "EdgeList",
    "ListScan",
    "ProfileChange",
    "Reason",
    "Scan",
    "ScanState",
    "Source",
]
