"""Instagram's own export: every shape is read, nothing is believed, and no failure looks like an empty list."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.gateway.errors import ExportUnreadable
from accounts.gateway.export_zip import Export, ExportPart, archive, read_export
from accounts.gateway.results import Person
from tests.gateway.export_files import FOLDER, FOLLOWED, NAME, page, part, v1, v2, v3, zipped

WHEN = datetime.fromtimestamp(FOLLOWED, UTC)


def outcome(upload: ExportPart) -> Export | ExportUnreadable:
    """What reading it comes to; anything else that is raised fails the test."""
    try:
        return read_export([upload])
    except ExportUnreadable as error:
        return error


def names(people: tuple[Person, ...] | None) -> list[str] | None:
    return None if people is None else [person.username for person in people]


@pytest.mark.parametrize("shape", [v1, v2, v3])
@pytest.mark.parametrize("folder", [FOLDER, "followers_and_following/", "instagram-x-2026-11-20-h/" + FOLDER, ""])
def test_each_shape_is_read_in_each_layout(shape: Any, folder: str) -> None:
    export = read_export(
        [part({folder + "followers_1.json": [shape("ann"), shape("bob")], folder + "following.json": [shape("cid")]})]
    )
    assert export.followers == (
        Person(pk=None, username="ann", followed_at=WHEN),
        Person(pk=None, username="bob", followed_at=WHEN),
    )
    assert names(export.following) == ["cid"]
    assert (export.gaps, export.is_html, export.deleted_count, export.unread_count) == ((), False, 0, 0)


def test_all_lists_are_read_from_their_old_and_new_names() -> None:
    new = {
        "followers_1.json": [v1("a")],
        "following.json": {"relationships_following": [v2("b")]},
        "recently_unfollowed_profiles.json": {"relationships_unfollowed_users": [v1("c")]},
        "pending_follow_requests.json": {"relationships_follow_requests_sent": [v1("d")]},
        "close_friends.json": {"relationships_close_friends": [v1("e")]},
        "blocked_profiles.json": {"relationships_blocked_users": [v2("f")]},
        "restricted_profiles.json": {"relationships_restricted_users": []},
        "following_hashtags.json": {"relationships_following_hashtags": [v1("not.a.person")]},
        "removed_suggestions.json": {"relationships_dismissed_suggested_users": [v1("nobody")]},
    }
    old = {name.replace("profiles", "accounts"): body for name, body in new.items()}
    old["followers.json"] = {"relationships_followers": old.pop("followers_1.json")}
    for files in (new, old):
        export = read_export([part({FOLDER + name: body for name, body in files.items()})])
        found = [
            names(people)
            for people in (
                export.followers, export.following, export.recently_unfollowed, export.pending, export.close_friends,
                export.blocked, export.restricted,
            )
        ]  # fmt: skip
        assert found == [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], []]


def test_a_list_that_is_not_there_is_not_an_empty_one() -> None:
    export = read_export([part({FOLDER + "followers_1.json": []})])
    assert export.followers == ()
    assert export.following is None


def test_parts_and_numbered_files_are_one_list_and_gaps_are_told() -> None:
    export = read_export(
        [
            part(
                {FOLDER + "followers_1.json": [v1("a"), v1("b", 0)]}, "instagram-aurora.studio-2026-11-20-x-part1.zip"
            ),
            part({FOLDER + "followers_4.json": [v1("b"), v1("c")], FOLDER + "followers_2.json": [v1("d")]}),
        ]
    )
    assert sorted(names(export.followers) or []) == ["a", "b", "c", "d"]
    assert export.gaps == (3,)
    assert {person.username: person.followed_at for person in export.followers or ()}["b"] == WHEN


@pytest.mark.parametrize(
    ("files", "missing"),
    [
        (["instagram-me-2026-11-20-x-part1.zip", "instagram-me-2026-11-20-x-part2.zip"], ()),
        (["me_20261120_part_3.zip", "me_20261120_part_1.zip"], (2,)),
        (["instagram-me-2026-11-20-x (part 2 of 4).zip", "instagram-me-2026-11-20-x-part1.zip"], (3, 4)),
        (["instagram-me-2026-11-20-x.zip", "instagram-me-2026-11-20-x (1).zip"], ()),
        (["instagram-party99-2026-11-20-x.zip"], ()),
    ],
)
def test_parts_that_are_lacking_are_told_as_far_as_names_tell(files: list[str], missing: tuple[int, ...]) -> None:
    uploads = [part({f"followers_{number}.json": [v1("a")]}, name) for number, name in enumerate(files, 1)]
    assert read_export(uploads).missing_parts == missing


def test_exports_of_different_accounts_are_not_mixed() -> None:
    uploads = [
        part({"followers_1.json": [v1("a")]}, "instagram-one-2026-11-20-x.zip"),
        part({"instagram-two-2026-11-20-y/followers_2.json": [v1("b")]}, "renamed.zip"),
    ]
    with pytest.raises(ExportUnreadable, match="@one, @two"):
        read_export(uploads)


def test_exports_of_different_days_are_told_apart() -> None:
    uploads = [
        part({"followers_2.json": [v1("b")]}, "instagram-me-2026-11-20-x.zip"),
        part({"followers_1.json": [v1("a")]}, "instagram-me-2026-10-01-y.zip"),
    ]
    export = read_export(uploads)
    assert export.days == (date(2026, 10, 1), date(2026, 11, 20))
    assert export.exported_on == date(2026, 11, 20)


DATES_OF_MANY_LANGUAGES = ("20 nov. 2026, 14:03", "2026年11月20日 14:03", "٢٠ نوفمبر ٢٠٢٦", "20.11.2026 14:03 Uhr", "")


@pytest.mark.parametrize("shown", DATES_OF_MANY_LANGUAGES)
def test_pages_are_read_whatever_language_their_dates_are_in(shown: str) -> None:
    rows = "".join(
        f'<div><h2>{name}</h2><div><a href="https://www.instagram.com/_u/{name}">https://www.instagram.com/_u/{name}</a>'
        f"</div><div>{shown}</div></div>"
        for name in ("ann", "bob.lee")
    )
    whole = f'<html><head><base href="../"/></head><body><a href="#top">^</a>{rows}</body></html>'.encode()
    export = read_export([part({FOLDER + "followers_1.html": whole})])
    assert names(export.followers) == ["ann", "bob.lee"]
    assert all(person.followed_at is None for person in export.followers or ())


def test_pages_in_several_parts_are_one_list() -> None:
    uploads = [
        part({FOLDER + "followers_1.html": page("ann", "bob")}),
        part({FOLDER + "followers_2.html": page("bob", "cid"), FOLDER + "following.html": page("dan")}),
    ]
    export = read_export(uploads)
    assert (names(export.followers), names(export.following)) == (["ann", "bob", "cid"], ["dan"])


def test_names_are_lower_case_once_and_without_the_deleted() -> None:
    rows = [v1("Ann.Lee"), v2("ann.lee"), v1("__deleted__1234"), v2("__deleted__99"), v1("bob", 0)]
    export = read_export([part({FOLDER + "followers_1.json": rows})])
    assert names(export.followers) == ["ann.lee", "bob"]
    assert export.deleted_count == 2
    assert (export.followers or ())[1].followed_at is None


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"title": "", "string_list_data": [{"href": "https://www.instagram.com/_u/by.link/?x=1"}]}, "by.link"),
        ({"title": "by.title", "string_list_data": []}, "by.title"),
        ({"title": "A Name With Blanks", "string_list_data": [{"href": "https://instagram.com/by.link"}]}, "by.link"),
        ({"string_list_data": [{"value": "by.value", "href": "https://www.instagram.com/other"}]}, "by.value"),
        ({"label_values": [{"label": "URL", "href": "http://www.instagram.com/by.href/"}]}, "by.href"),
    ],
)
def test_the_name_is_found_wherever_it_stands(entry: dict[str, Any], name: str) -> None:
    assert names(read_export([part({"followers_1.json": [entry]})]).followers) == [name]


@pytest.mark.parametrize(
    ("timestamp", "when"),
    [
        (FOLLOWED * 1000, WHEN),
        (0, None),
        (-5, None),
        (10**18, None),
        ("1700000000", None),
        (None, None),
        (True, None),
    ],
)
def test_the_date_of_following_is_read_or_unknown(timestamp: Any, when: datetime | None) -> None:
    export = read_export([part({"followers_1.json": [v1("a", timestamp)]})])
    assert (export.followers or ())[0].followed_at == when


@pytest.mark.parametrize(
    ("name", "owner", "day"),
    [
        (NAME, "aurora.studio", date(2026, 11, 20)),
        ("instagram-a_b-2026-01-02-hash (1).zip", "a_b", date(2026, 1, 2)),
        ("old.name_20230115.zip", "old.name", date(2023, 1, 15)),
        ("old.name_20230115_part_2.zip", "old.name", date(2023, 1, 15)),
        ("instagram-x-2026-13-45-h.zip", None, None),
        ("download.zip", None, None),
    ],
)
def test_the_file_name_tells_owner_and_day(name: str, owner: str | None, day: date | None) -> None:
    export = read_export([part({FOLDER + "followers_1.json": []}, name)])
    assert (export.owner_username, export.exported_on) == (owner, day)


def test_an_outer_folder_tells_them_when_the_file_was_renamed() -> None:
    export = read_export([part({"instagram-me-2026-11-20-h/" + FOLDER + "followers_1.json": []}, "x.zip")])
    assert (export.owner_username, export.exported_on) == ("me", date(2026, 11, 20))


def test_pages_are_read_by_their_links_without_dates() -> None:
    export = read_export(
        [part({FOLDER + "followers_1.html": page("ann", "bob"), FOLDER + "following.html": page("cid")})]
    )
    assert (names(export.followers), names(export.following)) == (["ann", "bob"], ["cid"])
    assert export.is_html
    assert all(person.followed_at is None for person in export.followers or ())


def test_json_is_taken_where_both_are_there() -> None:
    export = read_export([part({"followers_1.json": [v1("json")], "following.html": page("html")})])
    assert names(export.followers) == ["json"]
    assert (export.following, export.is_html) == (None, False)


def test_what_the_mac_adds_is_ignored() -> None:
    files = {"__MACOSX/followers_1.json": b"\0", "._followers_1.json": b"\0", "followers_1.json": [v1("a")]}
    assert names(read_export([part(files)]).followers) == ["a"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"photo.jpg": b"x"}, "no list of followers"),
        ({FOLDER + "close_friends.json": {"relationships_close_friends": []}}, "no list of followers"),
        ({"followers_1.json": b""}, "followers_1.json"),
        ({"followers_1.json": b"\xff\xfe{"}, "new export in JSON"),
        ({"followers_1.json": b'[{"string'}, "new export in JSON"),
        ({"followers_1.json": b"[" * 200_000}, "new export in JSON"),
        ({"followers_1.json": b"null"}, "new export in JSON"),
        ({"followers_1.json": {"something": []}}, "new export in JSON"),
        ({"following.json": {"relationships_following": {}}}, "new export in JSON"),
        ({"followers_1.json": [{"unknown": 1}]}, "does not know yet"),
        ({"followers_1.json": [1, None, "x"]}, "does not know yet"),
        ({"followers_1.html": b"<html>nobody"}, "format JSON"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_advice_never_an_empty_list(files: dict[str, Any], says: str) -> None:
    with pytest.raises(ExportUnreadable, match=says):
        read_export([part(files)])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a ZIP"),
        (b"Rar!\x1a\x07", "not a ZIP"),
        (b'[{"string_list_data": []}]', "single file"),
        (b"\xef\xbb\xbf<html>", "single file"),
        (b"PK\x03\x04" + b"x" * 200, "not a ZIP"),
    ],
)
def test_what_is_no_zip_is_told(content: bytes, says: str) -> None:
    with pytest.raises(ExportUnreadable, match=says):
        read_export([ExportPart("x.zip", io.BytesIO(content))])


def test_a_zip_cut_in_transit_is_told() -> None:
    whole = zipped({"followers_1.json": [v1("a")]}).getvalue()
    for end in range(0, len(whole), 7):
        with pytest.raises(ExportUnreadable):
            read_export([ExportPart("x.zip", io.BytesIO(whole[:end]))])


def test_a_bomb_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_RATIO_FROM", 10_000)
    bomb = part({"followers_1.json": b"[" + b" " * 20_000_000 + b"]"})
    with pytest.raises(ExportUnreadable, match="larger"):
        read_export([bomb])


@pytest.mark.parametrize(
    ("cap", "value"),
    [("MAX_MEMBER_BYTES", 50), ("MAX_TOTAL_BYTES", 50), ("MAX_MEMBERS_READ", 1), ("MAX_DIRECTORY_BYTES", 60)],
)
def test_each_cap_holds(monkeypatch: pytest.MonkeyPatch, cap: str, value: int) -> None:
    upload = part({"followers_1.json": [v1("a")], "followers_2.json": [v1("b")]})
    assert names(read_export([upload]).followers) == ["a", "b"]
    monkeypatch.setattr(archive, cap, value)
    with pytest.raises(ExportUnreadable):
        read_export([upload])


def test_a_directory_that_claims_to_be_huge_is_refused_before_it_is_read() -> None:
    forged = bytearray(zipped({"followers_1.json": [v1("a")]}).getvalue())
    at = forged.rfind(b"PK\x05\x06")
    struct.pack_into("<L", forged, at + 12, 0xFFFFFFF0)
    with pytest.raises(ExportUnreadable, match="more files"):
        read_export([ExportPart("x.zip", io.BytesIO(bytes(forged)))])


def test_a_protected_zip_is_told() -> None:
    content = bytearray(zipped({"followers_1.json": [v1("a")]}).getvalue())
    content[6] |= 1
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ExportUnreadable, match="password"):
        read_export([ExportPart("x.zip", io.BytesIO(bytes(content)))])


def test_an_unusual_packing_is_told() -> None:
    upload = ExportPart("x.zip", zipped({"followers_1.json": [v1("a")]}, zipfile.ZIP_LZMA))
    with pytest.raises(ExportUnreadable, match="unusual"):
        read_export([upload])


def test_names_that_climb_out_are_read_like_any_other_and_nothing_is_written() -> None:
    assert names(read_export([part({"../../followers_1.json": [v1("a")]})]).followers) == ["a"]


def test_zip64_is_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made, made.open("followers_1.json", "w", force_zip64=True) as member:
        member.write(json.dumps([v1("a")]).encode())
    assert names(read_export([ExportPart("x.zip", stream)]).followers) == ["a"]


USERNAMES = st.from_regex(r"[a-z0-9._]{1,30}", fullmatch=True).filter(lambda name: not name.startswith("__deleted__"))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["string_list_data", "title", "href", "value", "timestamp", "label_values", "relationships_x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(people=st.lists(st.tuples(USERNAMES, st.sampled_from([v1, v2]), st.integers(FOLLOWED, FOLLOWED + 10**7))))
@settings(deadline=None)
def test_every_person_written_is_read_once(people: list[tuple[str, Any, int]]) -> None:
    entries = [shape(name, timestamp) for name, shape, timestamp in people]
    half = len(entries) // 2
    export = read_export([part({"followers_1.json": entries[:half], "followers_2.json": entries[half:]})])
    assert set(names(export.followers) or []) == {name for name, _, _ in people}
    assert len(export.followers or ()) == len({name for name, _, _ in people})
    assert all(person.pk is None and person.followed_at for person in export.followers or ())


@given(body=ANY_JSON)
@settings(deadline=None)
def test_any_json_is_an_export_or_an_error(body: Any) -> None:
    read = outcome(part({"followers_1.json": body}))
    assert isinstance(read, Export | ExportUnreadable)
    assert str(read) if isinstance(read, ExportUnreadable) else read.followers is not None


@given(noise=st.binary(max_size=40), at=st.integers(min_value=0), keep=st.booleans())
@settings(deadline=None)
def test_any_damage_is_an_export_or_an_error(noise: bytes, at: int, keep: bool) -> None:
    whole = bytearray(zipped({"followers_1.json": [v1("a")], "following.json": [v2("b")]}).getvalue())
    at %= len(whole)
    whole[at : at + (len(noise) if keep else 0)] = noise
    read = outcome(ExportPart("x.zip", io.BytesIO(bytes(whole))))
    assert isinstance(read, Export | ExportUnreadable)
