"""What we saw: scans, the lists they read, and what changed between them."""

from scans.models.bitmaps import ListBitmap
from scans.models.changes import ChangeKind, ProfileChange
from scans.models.lists import Direction, EdgeList
from scans.models.pictures import PictureState, ProfilePicture
from scans.models.runs import ListScan, Reason, Scan, ScanState, Source

__all__ = [
    "ChangeKind",
    "Direction",
    "EdgeList",
    "ListBitmap",
    "ListScan",
    "PictureState",
    "ProfileChange",
    "ProfilePicture",
    "Reason",
    "Scan",
    "ScanState",
    "Source",
]
