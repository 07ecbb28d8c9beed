"""Whom people mean: numbers, names and addresses in pasted text or a file, and who of them is known here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from import_export.formats.base_formats import Format

from accounts.models import Profile, TrackedAccount, Workspace
from accounts.tracked_exchange import FILE_BYTES, SmallCSV, SmallXLSX
from accounts.tracking import InvalidAccountName, username_in
from automation.models import Item, SafelistEntry
from igsite.problems import Invalid
from igsite.text import clean_text, words_of
from scans.models import EdgeList
from scans.person_rows import fetch, number_array

FORMATS: Final[dict[str, type[Format]]] = {"csv": SmallCSV, "xlsx": SmallXLSX}
#: Instagram's own number. A name of digits only is written with its "@".
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST: Final = (1 << 63) - 1
NUMBER_COLUMNS: Final = ("pk", "id", "user_id")
NAME_COLUMNS: Final = ("username", "account", "name", "target", "url")
_NOTE_COLUMNS: Final = ("note", "reason")


class UnreadableFile(Invalid):
    """Neither CSV nor XLSX as wanted; the sentence says what is."""

    code = "unreadable_file"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"file": [sentence]})


@dataclass(frozen=True, slots=True)
class Named:
    """One person who is meant, by Instagram's number or by name; ``note`` is what the file says beside it."""

    pk: int | None = None
    username: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """As it is typed: a number, or "@name"."""
        return str(self.pk) if self.pk is not None else f"@{self.username}"


class UnknownPeople(Invalid):
    """People are named whom nobody here knows, and nobody who could look them up; ``fields`` says who, by input."""

    code = "unknown_people"

    def __init__(self, sentence: str, unknown: Mapping[str, Sequence[Named]]) -> None:
        super().__init__(sentence, fields={name: [one.text for one in who] for name, who in unknown.items() if who})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text names, in its order, each once; ``odd`` is what is no person, as it was typed."""

    people: list[Named]
    odd: list[str]


@dataclass(frozen=True, slots=True)
class Resolved:
    """``known`` in the order in which they were named, by number; ``unknown`` would have to be looked up."""

    known: dict[int, Named]
    unknown: list[Named]


def read_text(text: str) -> Reading:
    """People named one per line or between commas, or in a table with a heading (pk, username, note)."""
    lines = text.splitlines()
    heading = _cells(lines[0]) if lines else []
    if {cell.lower() for cell in heading} & {*NUMBER_COLUMNS, *NAME_COLUMNS}:
        names = [cell.lower() for cell in heading]
        return _read(_of_row(dict(zip(names, _cells(line), strict=False))) for line in lines[1:] if line.strip())
    return _read((word, "") for word in words_of(text))


def read_words(words: Iterable[str]) -> Reading:
    """The same from words, each of which names one person."""
    return _read((word.strip(), "") for word in words)


def read_file(upload: UploadedFile[Any]) -> Reading:
    """The same from a CSV or XLSX file. A table without a heading we know is read as words.

    Raises:
        UnreadableFile: too large, or of another kind.
    """
    kind = (upload.name or "").rpartition(".")[2].lower()
    if kind not in {*FORMATS, "txt"}:
        raise UnreadableFile(_("Choose a .csv, .xlsx or .txt file."))
    if (upload.size or 0) > FILE_BYTES:
        raise UnreadableFile(_("This file is too large."))
    data = upload.read()
    try:
        if kind != "xlsx":
            return read_text(data.decode("utf-8-sig"))
        dataset = FORMATS[kind]().create_dataset(data)
    except Exception as error:  # the libraries raise all kinds of errors about files that are none
        raise UnreadableFile(str(error) if type(error) is ValueError else _("This file cannot be read.")) from error
    heading = [str(cell or "").strip() for cell in dataset.headers or []]
    rows = [[str(cell if cell is not None else "") for cell in row] for row in dataset]
    table = io.StringIO()
    csv.writer(table).writerows([heading, *rows])
    return read_text(table.getvalue())


def _cells(line: str) -> list[str]:
    delimiter = max(",;\t", key=line.count)
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _of_row(row: dict[str, str]) -> tuple[str, str]:
    """Who a row of a table names: by number where it has one, which a rename does not change."""
    note = next((row[name] for name in _NOTE_COLUMNS if row.get(name)), "")
    number = next((row[name] for name in NUMBER_COLUMNS if row.get(name)), "").removeprefix("'")
    name = next((row[name] for name in NAME_COLUMNS if row.get(name)), "").removeprefix("'")
    return number or (name if not name.isdecimal() else f"@{name}"), note.removeprefix("'")


def _read(words: Iterable[tuple[str, str]]) -> Reading:
    people: dict[str, Named] = {}
    odd: list[str] = []
    for word, note in words:
        try:
            one = _person(word, clean_text(note, limit=200))
        except InvalidAccountName:
            odd.append(clean_text(word, limit=100))
            continue
        people.setdefault(one.text, one)
    return Reading(list(people.values()), odd)


def _person(word: str, note: str) -> Named:
    if _NUMBER.fullmatch(word) and int(word) <= _LARGEST:
        return Named(pk=int(word), note=note)
    return Named(username=username_in(clean_text(word)), note=note)


# A name is an address that its holders leave and others take: of several who had it, nobody is meant for sure.
_BY_NAME: Final = """
select p.username, min(p.id), count(*) from accounts_profile p
where p.username = any(%(names)s) and p.id > 0 group by p.username
"""


def resolve(workspace: Workspace, people: Sequence[Named]) -> Resolved:
    """Who of them this workspace knows by number. Constant in queries."""
    names = [one.username for one in people if one.pk is None]
    found = {name: pk for name, pk, count in fetch(_BY_NAME, {"names": names}) if count == 1} if names else {}
    mine = seen_among(workspace, found.values())
    numbers = [one.pk for one in people if one.pk is not None]
    stored = set(Profile.objects.filter(pk__in=numbers).values_list("pk", flat=True)) if numbers else set()
    known: dict[int, Named] = {}
    unknown = []
    for one in people:
        pk = one.pk if one.pk is not None else found.get(one.username)
        if pk is not None and pk in (stored if one.pk is not None else mine):
            known.setdefault(pk, one)
        else:
            unknown.append(one)
    return Resolved(known, unknown)


_ON_LISTS: Final = """
select id from unnest(%(pks)s::bigint[]) id
where exists (select 1 from edge_current where list_id = any(%(lists)s) and profile_id = id)
   or exists (select 1 from edge_past where list_id = any(%(lists)s) and profile_id = id)
"""


def seen_among(workspace: Workspace, pks: Iterable[int]) -> set[int]:
    """Those whom the workspace tracks, has or had on a list, named in a batch before, or keeps on a safelist."""
    wanted = sorted({pk for pk in pks if pk > 0})
    if not wanted:
        return set()
    return on_lists(workspace, wanted) | {
        pk
        for rows in (
            Item.objects.for_workspace(workspace).filter(target_pk__in=wanted).values_list("target_pk", flat=True),
            SafelistEntry.objects.for_workspace(workspace)
            .filter(target_pk__in=wanted)
            .values_list("target_pk", flat=True),
        )
        for pk in rows
    }


def on_lists(workspace: Workspace, pks: Iterable[int]) -> set[int]:
    """Those whose picture the workspace may see: tracked, or now or before on one of its lists."""
    wanted = sorted({pk for pk in pks if pk > 0})
    lists = list(EdgeList.objects.for_workspace(workspace).order_by("pk").values_list("pk", flat=True))
    tracked = TrackedAccount.objects.for_workspace(workspace).filter(profile_id__in=wanted)
    rows = fetch(_ON_LISTS, {"pks": number_array(wanted), "lists": lists})
    return {pk for (pk,) in rows} | {pk for pk in tracked.values_list("profile_id", flat=True) if pk}
