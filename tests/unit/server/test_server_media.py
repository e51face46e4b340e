import io

import pytest
from PIL import Image

from segue.scanner.covers import COVER_SIZES_PX
from segue.server.rest.media import AUDIO_TYPES
from support.app import PNG, Watched, browser, every_track
from support.audio_files import flac


@pytest.fixture
def ada(shared_clients):
    return shared_clients[0]


@pytest.fixture
def tracks(house):
    return {track.title: track for track in every_track(house.app)}


@pytest.fixture
def sound(house, tracks):
    """Path in the API and content of the Ogg file."""
    path = f"/v1/tracks/{tracks['Real Ogg'].id}/stream"
    return path, (house.music / "Bare" / "Real Ogg.ogg").read_bytes()


def test_a_file_comes_whole_with_its_type_and_says_that_it_takes_ranges(ada, sound):
    path, content = sound
    answer = ada.get(path)
    assert answer.status_code == 200
    assert answer.content == content
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "audio/ogg"
    assert int(answer.headers["content-length"]) == len(content)
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("title", "media_type"),
    [("Real Ogg", "audio/ogg"), ("Real Flac", "audio/flac"), ("Real Mp3", "audio/mpeg"),
     ("Real Wav", "audio/wav")],
)  # fmt: skip
def test_the_type_comes_from_our_own_table(ada, tracks, title, media_type):
    assert ada.get(f"/v1/tracks/{tracks[title].id}/stream").headers["content-type"] == media_type
    assert media_type in AUDIO_TYPES.values()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("0-99", 0, 99), ("100-", 100, None), ("-50", -50, None),
     ("10-999999999", 10, None), ("-999999999", 0, None)],
)  # fmt: skip
def test_a_range_gives_that_part(ada, sound, asked, first, last):
    path, content = sound
    answer = ada.get(path, headers={"range": f"bytes={asked}", "accept-encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    start = first % len(content) if first < 0 else first
    end = len(content) - 1 if last is None else last
    assert answer.status_code == 206, answer.text[:200]
    assert answer.content == content[start : end + 1]
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{len(content)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-99999999999"])
def test_a_range_beyond_the_end_is_not_satisfiable(ada, sound, asked):
    path, content = sound
    answer = ada.get(path, headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"].endswith(f"*/{len(content)}")


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=x-y", "bytes=5-2", "lines=1-2", "bytes", "bytes=--1", "bytes=-0"]
)
def test_a_nonsensical_range_is_refused_or_ignored_and_never_an_error_of_ours(ada, sound, asked):
    path, content = sound
    answer = ada.get(path, headers={"range": asked})
    assert answer.status_code in (200, 206, 400, 416)
    assert len(answer.content) <= len(content)


def test_several_ranges_give_their_parts_and_overlaps_give_no_more_than_the_file(ada, sound):
    path, content = sound
    two = ada.get(path, headers={"range": "bytes=0-9,20-29"})
    assert two.status_code == 206
    assert content[0:10] in two.content
    assert content[20:30] in two.content
    many = ada.get(path, headers={"range": "bytes=" + ",".join(["0-"] * 500)})
    assert many.status_code in (200, 206, 400, 416)
    assert len(many.content) < 2 * len(content)


def test_head_tells_the_length_without_the_sound(ada, sound):
    path, content = sound
    answer = ada.head(path)
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) == len(content)


def test_a_part_of_a_file_that_changed_meanwhile_is_given_whole(ada, sound):
    path, content = sound
    tag = ada.get(path).headers["etag"]
    part = {"range": "bytes=0-9"}
    same = ada.get(path, headers=part | {"if-range": tag})
    other = ada.get(path, headers=part | {"if-range": '"another"'})
    assert (same.status_code, other.status_code) == (206, 200)
    assert other.content == content


def test_a_track_without_a_file_and_one_whose_file_vanished_are_not_found(ada, tracks):
    for track_id in (tracks["Song 0-0"].id, tracks["Wish"].id, "nothing"):
        answer = ada.get(f"/v1/tracks/{track_id}/stream")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_no_path_is_ever_asked_for_or_shown(ada, tracks):
    for odd in ("..%2f..%2fetc%2fpasswd", "%2e%2e", "..\\x", "/etc/passwd", "%00"):
        assert ada.get(f"/v1/tracks/{odd}/stream").status_code in (400, 404)
        assert ada.get(f"/v1/covers/{odd}/64").status_code in (400, 404)
    gone = ada.get(f"/v1/tracks/{tracks['Song 0-0'].id}/stream")
    assert "/gone" not in gone.text


@pytest.mark.parametrize("title", ["Real Flac", "Real Mp3"])
@pytest.mark.parametrize("size_px", COVER_SIZES_PX)
def test_an_embedded_and_a_folder_cover_come_as_jpeg_in_each_size(ada, tracks, title, size_px):
    answer = ada.get(f"/v1/covers/{tracks[title].cover_id}/{size_px}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.format == "JPEG"
    assert max(picture.size) <= size_px


@pytest.mark.parametrize("size_px", [1, 63, 100, 1201, 4096])
def test_other_sizes_are_refused_and_named(ada, tracks, size_px):
    answer = ada.get(f"/v1/covers/{tracks['Real Flac'].cover_id}/{size_px}")
    assert answer.status_code == 400
    assert "1200" in answer.json()["detail"]


def test_a_cover_whose_picture_vanished_is_not_found(house, tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    pairs = (("TITLE", "Lone"), ("ARTIST", "Loner"), ("ALBUM", "Alone"))
    (music / "lone.flac").write_bytes(flac(*pairs, duration_s=0.7))
    (music / "cover.png").write_bytes(PNG)
    house.app.library.scan(music, Watched())
    cover = next(track for track in every_track(house.app) if track.title == "Lone").cover_id
    with browser(house, "ada") as client:
        assert client.get(f"/v1/covers/{cover}/64").status_code == 200
        (music / "cover.png").unlink()
        answer = client.get(f"/v1/covers/{cover}/64")
    assert answer.status_code == 404
    assert str(music) not in answer.text


def test_bars_of_the_seek_bar_are_drawn_when_a_track_is_first_asked_for(house, ada):
    track = house.track("Real Wav")
    answer = ada.get(f"/v1/tracks/{track}/peaks")
    assert answer.status_code == 200
    bars = answer.json()["peaks"]
    assert len(bars) == 200
    assert max(bars) == 255
    assert answer.headers["cache-control"] == "private, max-age=86400"
    assert ada.get("/v1/tracks/nobody/peaks").status_code == 404
