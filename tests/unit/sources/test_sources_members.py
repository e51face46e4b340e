"""Exports as folders and zip archives, and what is done against hostile ones."""

import io
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from segue.errors import InvalidInputError
from segue.services.export_words import README
from segue.sources.archives import Limits
from segue.sources.base import Member
from segue.sources.members import open_export
from segue.sources.registry import recognised
from support.more_source_samples import SAMPLES
from support.source_samples import SPOTIFY_ACCOUNT, SPOTIFY_EXTENDED


def zip_of(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def reasons(path: Path, limits: Limits | None = None) -> dict[str, str]:
    with open_export(path, limits or Limits()) as export:
        assert export.members == ()
        return {one.name: one.reason for one in export.unread}


def test_a_folder_is_read_in_the_order_of_names_without_hidden_files(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.json", "b/1.json", "a.csv", ".DS_Store"):
        (tmp_path / name).write_text("x")
    export = open_export(tmp_path)
    assert [member.name for member in export.members] == ["a.csv", "b/1.json", "b/2.json"]
    assert [member.size_bytes for member in export.members] == [1, 1, 1]
    assert export.members[0].path == tmp_path / "a.csv"
    assert isinstance(export.members[0], Member)


def test_a_zip_reads_like_the_folder_it_was_made_of(tmp_path):
    files = {f"Export/{sample.name.lstrip('.')}": sample.text().encode() for sample in SAMPLES}
    folder = tmp_path / "folder"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    path = zip_of(tmp_path / "export.zip", {**files, "__MACOSX/x": b"", "Export/.DS_Store": b""})
    with open_export(path) as zipped, open_export(folder) as plain:
        in_zip, unread = recognised(zipped.members)
        in_folder, also_unread = recognised(plain.members)
        assert unread == also_unread == []
        assert len(in_zip) == len(SAMPLES)
        assert [one.source.name for one in in_zip] == [one.source.name for one in in_folder]
        for a, b in zip(in_zip, in_folder, strict=True):
            assert list(a.source.read(a.member)) == list(b.source.read(b.member))


def test_a_zip_in_a_folder_is_opened_too(tmp_path):
    zip_of(tmp_path / "my_data.zip", {"x.json": SPOTIFY_ACCOUNT.text().encode()})
    with open_export([tmp_path]) as export:
        assert [member.name for member in export.members] == ["x.json"]


def test_several_members_are_read_at_once(tmp_path):
    path = zip_of(tmp_path / "x.zip", {"a": b"a" * 200_000, "b": b"b" * 200_000})
    with open_export(path) as export, export.members[0].open() as a, export.members[1].open() as b:
        for _ in range(20):
            assert a.read(9_000) == b"a" * 9_000
            assert b.read(9_000) == b"b" * 9_000


def test_members_that_nobody_reads_are_listed_with_the_reason(tmp_path):
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "Inferences.json").write_text('{"inferences": []}')
    (tmp_path / "picture.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10" + bytes(500))
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\x00" + bytes(100))
    found, unread = recognised(open_export(tmp_path).members)
    assert found == []
    assert {one.name: one.reason.partition(",")[0] for one in unread} == {
        "empty.json": "is empty",
        "Inferences.json": "holds no listens",
        "picture.jpg": "is no text",
        "other.db": "is a database",
    }


def test_links_are_not_followed_and_special_files_not_opened(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("secret")
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "link.csv").symlink_to(outside)
    (folder / "dir").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    assert reasons(folder) == {
        "dir": "is a link; links are not followed",
        "link.csv": "is a link; links are not followed",
        "pipe": "is not a plain file",
    }


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(tmp_path):
    path = tmp_path / "x" / "a.csv"
    path.parent.mkdir()
    path.write_text("mine")
    member = open_export(path.parent).members[0]
    path.unlink()
    path.symlink_to(tmp_path)
    with pytest.raises(InvalidInputError, match=r"a\.csv cannot be opened"):
        member.open()


def test_a_path_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(InvalidInputError, match="No such file"):
        open_export(tmp_path / "none")
    with pytest.raises(InvalidInputError, match="cannot be opened"):
        open_export(Path("/\x00"))


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "C:\\Windows\\x", "a\\..\\..\\x", "a/../../x"]
)
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path, name):
    path = zip_of(tmp_path / "x.zip", {name: b"[]"})
    (reason,) = reasons(path).values()
    assert reason == "has a name that leads out of the archive"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.zip"]


def test_a_link_in_an_archive_is_refused(tmp_path):
    info = zipfile.ZipInfo("link.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert reasons(tmp_path / "x.zip") == {"link.json": "is a link; links are not followed"}


def test_an_archive_inside_an_archive_is_refused_with_what_to_do(tmp_path):
    inner = zip_of(tmp_path / "inner.zip", {"x.json": b"[]"}).read_bytes()
    path = zip_of(tmp_path / "outer.zip", {"Apple Music Library Tracks.json.zip": inner})
    (reason,) = reasons(path).values()
    assert "unpack" in reason


def test_an_encrypted_member_is_refused_with_what_to_do(tmp_path):
    data = bytearray(zip_of(tmp_path / "x.zip", {"x.json": b"[]" * 50}).read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        where = data.find(signature) + at
        data[where] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    (reason,) = reasons(tmp_path / "x.zip").values()
    assert "encrypted" in reason
    assert "password" in reason


def test_a_member_that_unpacks_too_far_is_refused_before_it_is_unpacked(tmp_path):
    bomb = {"bomb.json": bytes(40 << 20)}
    (reason,) = reasons(zip_of(tmp_path / "x.zip", bomb)).values()
    assert reason.startswith("would unpack to 41,943,040 bytes")  # its name is said before it
    path = zip_of(tmp_path / "x.zip", {**bomb, "sound": os.urandom(1 << 20)})
    with open_export(path) as export:
        assert [member.name for member in export.members] == ["sound"]
        assert "times its packed size" in export.unread[0].reason


def test_members_that_share_their_bytes_are_refused_by_their_sum(tmp_path):
    """One kernel of data, listed five thousand times (Fifield, WOOT 2019)."""
    path = zip_of(tmp_path / "x.zip", {"k": os.urandom(20_000)}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    start = data.find(b"PK\x01\x02")
    end = data.find(b"PK\x05\x06")
    record, tail = data[start:end], bytearray(data[end:])
    n = 5_000
    struct.pack_into("<HHI", tail, 8, n, n, n * len(record))
    path.write_bytes(data[:start] + record * n + bytes(tail))
    (reason,) = reasons(path).values()
    assert "would unpack to" in reason


def test_too_many_members_are_refused(tmp_path):
    path = zip_of(tmp_path / "x.zip", {f"{n}": b"" for n in range(30)})
    (reason,) = reasons(path, Limits(n_members=29)).values()
    assert "holds 30 files" in reason
    for n in range(3):
        (tmp_path / f"{n}.csv").write_text("x")
    with pytest.raises(InvalidInputError, match="more than 2 files"):
        open_export(tmp_path, Limits(n_members=2))


def test_the_list_of_members_is_not_read_when_it_is_too_long(tmp_path, monkeypatch):
    path = zip_of(tmp_path / "x.zip", {f"{n}" * 50: b"" for n in range(30)})

    def never(_: object) -> None:
        raise AssertionError("the directory was read")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    (reason,) = reasons(path, Limits(directory_bytes=1_000)).values()
    assert "lists its files in" in reason


def test_the_length_of_a_zip64_list_is_found_where_zipfile_finds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    path = zip_of(tmp_path / "x.zip", {"a" * 40: b"1", "b" * 40: b"2"})
    monkeypatch.undo()
    assert b"PK\x06\x07" in path.read_bytes()
    (reason,) = reasons(path, Limits(directory_bytes=100)).values()
    assert "lists its files in 172 bytes" in reason
    with open_export(path) as export:
        assert [member.head() for member in export.members] == [b"1", b"2"]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_archive_is_refused_with_what_to_do(tmp_path, part):
    data = zip_of(tmp_path / "x.zip", {"x.json": os.urandom(5_000)}).read_bytes()
    (tmp_path / "x.zip").write_bytes(data[: int(len(data) * part)])
    (reason,) = reasons(tmp_path / "x.zip").values()
    assert "download it again" in reason


def test_an_archive_of_junk_is_refused(tmp_path):
    for junk in (b"PK\x03\x04" + os.urandom(4_000), b"PK\x05\x06" + b"\xff" * 18):
        (tmp_path / "x.zip").write_bytes(junk)
        (reason,) = reasons(tmp_path / "x.zip").values()
        assert "damaged or incomplete" in reason


def test_damage_inside_a_member_ends_it_after_the_sound_rows(tmp_path):
    rows = SPOTIFY_EXTENDED.rows[:3] * 300
    text = SPOTIFY_EXTENDED.text(rows).encode()
    path = zip_of(tmp_path / "x.zip", {"x.json": text}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[len(text) - 100] ^= 0x01  # the check sum does not fit any more
    path.write_bytes(data)
    with open_export(path) as export:
        (one,), unread = recognised(export.members)
        assert unread == []
        found = list(one.source.read(one.member))
    assert found[0] == SPOTIFY_EXTENDED.expected[0]
    assert "damaged" in found[-1].reason
    assert [row.row for row in found] == list(range(1, len(found) + 1))


def test_a_member_packed_in_another_way_is_refused(tmp_path):
    path = zip_of(tmp_path / "x.zip", {"x.json": b"[]" * 99}, zipfile.ZIP_LZMA)
    (reason,) = reasons(path).values()
    assert "DEFLATE" in reason


def test_members_of_a_closed_archive_cannot_be_opened(tmp_path):
    path = zip_of(tmp_path / "x.zip", {"x.json": b"[]"})
    with open_export(path) as export:
        pass
    with pytest.raises(InvalidInputError, match="damaged"):
        export.members[0].open()


def test_bytes_of_a_member_come_whole_however_they_are_asked_for(tmp_path):
    data = os.urandom(300_000)
    path = zip_of(tmp_path / "x.zip", {"x": data})
    with open_export(path) as export:
        (member,) = export.members
        assert member.head() == data[:65_536]
        with member.open() as file:
            got = io.BytesIO()
            while part := file.read(12_345):
                got.write(part)
        assert got.getvalue() == data


def test_files_of_our_own_archive_that_need_no_reader_are_not_called_unused(tmp_path):
    own = {"README.txt": f"{README.format(name='ada', day='2026-01-01')}".encode(),
           "listens/2026/1.jsonl": LISTEN, "events.jsonl": b'{"id": 1}', "feedback.jsonl": b"",
           "taste/learned.json": b"{}", "other/imports.jsonl": b"{}", "profile.json": PROFILE,
           "consents.json": b"[]", "never_play.json": b"[]\n"}  # fmt: skip
    assert left_unread(tmp_path, own) == []
    assert left_unread(tmp_path, own | {"photo.json": b"{}"}) == ["photo.json"]
    assert left_unread(tmp_path, own | {"never_play.json": b'[{"scope": "track"}]'}) == [
        "never_play.json"
    ]
    assert left_unread(tmp_path, own | {"profile.json": b'{"id": 1}'}) == ["profile.json"]
    old = own | {"other/playlist_rules.jsonl": b'{"playlist_id": "p", "rules": "{}"}\n'}
    assert left_unread(tmp_path, old) == ["other/playlist_rules.jsonl"]
    folder = {f"mine/{name}": data for name, data in own.items()}
    assert left_unread(tmp_path, folder | {"taste/x.json": b"{}"}) == ["taste/x.json"]
    del own["README.txt"]  # whose files they are is not known then
    assert len(left_unread(tmp_path, own)) == len(own) - 2


@pytest.mark.parametrize("name", ["README.txt", "never_play.json", "consents.json"])
def test_a_damaged_file_of_our_own_archive_stops_no_other(tmp_path, name):
    own = {"README.txt": README.format(name="ada", day="2026-01-01").encode() * 2,
           "listens/2026/1.jsonl": LISTEN, "never_play.json": b"[] " * 50,
           "consents.json": b" []" * 50}  # fmt: skip
    path = zip_of(tmp_path / "own.zip", own, zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(own[name], own[name][:-3] + b"xyz", 1))
    with open_export(path) as export:
        found, unread = recognised(export.members)
    assert [one.source.name for one in found] == ["listenbrainz"]
    said = {one.name: one.reason for one in (*export.unread, *unread)}
    assert "damaged" in said[name]


def left_unread(folder, files):
    with open_export(zip_of(folder / "own.zip", files)) as export:
        return [one.name for one in recognised(export.members)[1]]


PROFILE = b'{"id": "a", "name": "ada", "role": "listener", "created_at": 1.5, "own_words": null}'
LISTEN = (b'{"listened_at": 1700000000, "track_metadata": {"artist_name": "B", "track_name": "A", '
          b'"additional_info": {}}}\n')  # fmt: skip
