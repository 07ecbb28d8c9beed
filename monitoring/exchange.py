"""A file of monitors, CSV or XLSX: read with caps, each row one call of the same function as the page's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format

from accounts.models import Workspace
from accounts.tracked_exchange import FILE_BYTES, SmallCSV, SmallXLSX
from igsite.problems import Conflict, Invalid, Problem
from igsite.text import clean_text
from monitoring import acts, due_times, measuring_orders
from monitoring.targets import target_in

FORMATS: Final[dict[str, type[Format]]] = {"csv": SmallCSV, "xlsx": SmallXLSX}
DEFAULT: Final = "1h"
TOLD_MOST: Final = 100
_YES: Final = frozenset({"1", "yes", "true", "on", "x"})


class UnreadableFile(Invalid):
    """Neither CSV nor XLSX as wanted; the sentence says what is."""

    code = "unreadable_file"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"file": [sentence]})


@dataclass(slots=True)
class Report:
    """What became of the rows. ``refused`` are the first of them: number of the row, what it said, why not."""

    made: int = 0
    known: int = 0
    refused_count: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def import_file(*, workspace: Workspace, upload: UploadedFile[Any], by: Any, now: datetime) -> Report:
    """Make a monitor of each row; one that is monitored already stays as it is, a bad row keeps no other from it.

    Raises:
        UnreadableFile: too large, of another kind, or without the column ``target``.
    """
    report = Report()
    for number, row in enumerate(_rows(upload), 2):
        text = str(row.get("target") or row.get("account") or "").removeprefix("'").strip()
        try:
            _make(workspace, text, row, by, now)
            report.made += 1
        except Conflict:
            report.known += 1
        except Problem as refused:
            report.refused_count += 1
            if len(report.refused) < TOLD_MOST:
                report.refused.append((number, clean_text(text, limit=100), str(refused)))
    if report.made:
        measuring_orders.ensure(workspace, now=now)
    return report


def _make(workspace: Workspace, text: str, row: dict[str, Any], by: Any, now: datetime) -> None:
    interval = str(row.get("interval") or DEFAULT)
    seconds = due_times.seconds_of(interval)
    if seconds is None:
        raise acts.BadRhythm(_("Write the interval like 30s, 30m, 1h, 1d or 7d."))
    follows = str(row.get("follow_posts") or "").strip().lower() in _YES
    hours = [_time(row.get(name)) for name in ("active_from", "active_until")]
    acts.create(
        workspace=workspace, target=target_in(text), rhythm=acts.Rhythm(seconds, opens=hours[0], closes=hours[1]),
        by=by, now=now, follows_posts=follows, is_one_of_many=True,
    )  # fmt: skip


def _time(value: Any) -> time | None:
    """A time of day as a file writes it: text, or a sheet's own. Raises :class:`monitoring.acts.BadRhythm`."""
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    text = str(value or "").strip()
    try:
        return time.fromisoformat(text.zfill(5)) if text else None
    except ValueError:
        raise acts.BadRhythm(_("Write a time of day like 08:00.")) from None


def _rows(upload: UploadedFile[Any]) -> list[dict[str, Any]]:
    kind = (upload.name or "").rpartition(".")[2].lower()
    if kind not in FORMATS:
        raise UnreadableFile(_("Choose a .csv or .xlsx file."))
    if (upload.size or 0) > FILE_BYTES:
        raise UnreadableFile(_("This file is too large."))
    data = upload.read()
    try:
        dataset = FORMATS[kind]().create_dataset(data.decode("utf-8-sig") if kind == "csv" else data)
    except Exception as error:  # the libraries raise all kinds of errors about files that are none
        raise UnreadableFile(str(error) if type(error) is ValueError else _("This file cannot be read.")) from error
    dataset.headers = [str(header or "").strip().lower() for header in dataset.headers or []]
    if not {"target", "account"} & set(dataset.headers):
        raise UnreadableFile(_("The file needs a column named “target”."))
    return list(dataset.dict)
