"""What we saw: scans, the lists they read, and what changed between them."""

from scans.models.bitmaps import ListBitmap
from scans.models.changes import ChangeKind, ProfileChange
from scans.models.imports import ExportUpload, Extent, FollowDate, ImportedName
from scans.models.list_exports import ExportContent, ExportFormat, ListExport
from scans.models.lists import Direction, EdgeList
from scans.models.pictures import PictureState, ProfilePicture
from scans.models.runs import ListScan, Reason, Scan, ScanMode, ScanState, Source
from scans.models.saved_filters import SavedFilter
from scans.models.schedules import ScanPreferences, ScanSchedule, ScheduledReading, ScheduleRun
from scans.models.search import ListSearch
from scans.models.verdicts import LossReason, LossState, LossVerdict

__all__ = [
    "ChangeKind",
    "Direction",
    "EdgeList",
    "ExportContent",
    "ExportFormat",
    "ExportUpload",
    "Extent",
    "FollowDate",
    "ImportedName",
    "ListBitmap",
    "ListExport",
    "ListScan",
    "ListSearch",
    "LossReason",
    "LossState",
    "LossVerdict",
    "PictureState",
    "ProfileChange",
    "ProfilePicture",
    "Reason",
    "SavedFilter",
    "Scan",
    "ScanMode",
    "ScanPreferences",
    "ScanSchedule",
    "ScanState",
    "ScheduleRun",
    "ScheduledReading",
    "Source",
]
