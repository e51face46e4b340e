"""Tags of real files of every format, and of files that are none."""

import io
import os

import pytest
import soundfile
from PIL import Image

from segue.data.records import FileStat
from segue.scanner.tags import read_file
from support import audio_files as af

PNG = io.BytesIO()
Image.new("RGB", (8, 8), "red").save(PNG, "PNG")
COVER = PNG.getvalue()


def read(path, data, **kwargs):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return read_file(FileStat(str(path), len(data), 1), **kwargs)


def tags_of(path, data, **kwargs):
    scanned = read(path, data, **kwargs)
    assert scanned.problem is None, scanned.problem
    return scanned.tags


@pytest.mark.parametrize("name", sorted(af.valid_files()))
def test_every_format_gives_title_artist_and_length(tmp_path, name):
    tags = tags_of(tmp_path / name, af.valid_files()[name])
    assert (tags.title, tags.artists) == ("Tone", ("Piper",))
    assert tags.duration_s > 0.4
    assert tags.channels in (1, 2)


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "opus", "mp3"])
def test_the_length_is_what_the_decoder_says(tmp_path, kind):
    data = af.sound(kind, 1.5)
    tags = tags_of(tmp_path / f"x.{kind}", data)
    assert tags.duration_s == pytest.approx(soundfile.info(io.BytesIO(data)).duration, abs=0.06)


def test_a_large_ogg_is_measured_by_its_last_page_as_by_all_pages(tmp_path, monkeypatch):
    noise = af.np.random.default_rng(1).normal(0, 0.2, 44_100 * 30)
    for subtype, rate in (("VORBIS", 44_100), ("OPUS", 48_000)):
        out = io.BytesIO()
        soundfile.write(out, noise, rate, format="OGG", subtype=subtype)
        monkeypatch.setattr("segue.scanner.tags._OGG_WALK_BYTES", 1000)
        fast = tags_of(tmp_path / "x.ogg", out.getvalue())
        monkeypatch.setattr("segue.scanner.tags._OGG_WALK_BYTES", 10**9)
        slow = tags_of(tmp_path / "x.ogg", out.getvalue())
        assert fast.duration_s == pytest.approx(slow.duration_s, abs=0.001)
        assert (fast.sample_rate_hz, fast.channels) == (slow.sample_rate_hz, slow.channels)


@pytest.mark.parametrize("version", [3, 4])
def test_id3_gives_identifiers_gains_and_pictures(tmp_path, version):
    frames = [
        af.text_frame("TIT2", "Umbrella (feat. Jay-Z)", version=version),
        af.text_frame("TPE1", "Rihanna", version=version),
        af.text_frame("TRCK", "3/12", version=version),
        af.text_frame("TPOS", "2/2", version=version),
        af.text_frame("TYER" if version == 3 else "TDRC", "2007", version=version),
        af.text_frame("TSRC", "USUM70734700", version=version),
        af.ufid_frame("http://musicbrainz.org", af.MBID, version),
        af.user_text_frame("MusicBrainz Album Id", af.MBID.upper(), version=version),
        af.user_text_frame("MusicBrainz Artist Id", af.MBID, version=version),
        af.user_text_frame("replaygain_track_gain", "-7.30 dB", version=version),
        af.user_text_frame("REPLAYGAIN_TRACK_PEAK", "0.98", version=version),
        af.user_text_frame("ITUNESADVISORY", "1", version=version),
        af.picture_frame(COVER, version),
    ]
    scanned = read(tmp_path / "a.mp3", af.id3(*frames, version=version) + af.sound("mp3"))
    tags = scanned.tags
    assert (tags.title, tags.artists) == ("Umbrella", ("Rihanna", "Jay-Z"))
    assert (tags.track_number, tags.disc_number, tags.year) == (3, 2, 2007)
    assert (tags.recording_mbid, tags.release_mbid) == (af.MBID, af.MBID)
    assert tags.artist_mbids == (af.MBID,)
    assert tags.isrc == "USUM70734700"
    assert (tags.track_gain_db, tags.track_peak, tags.explicit) == (-7.3, 0.98, True)
    assert scanned.has_embedded_cover


def test_many_values_of_id3v24_are_separate_artists_and_genres(tmp_path):
    data = af.id3(
        af.text_frame("TPE1", "AC/DC", "Earth, Wind & Fire"),
        af.text_frame("TCON", "Rock", "17", "Soul"),
    )
    tags = tags_of(tmp_path / "a.mp3", data + af.sound("mp3"))
    assert tags.artists == ("AC/DC", "Earth, Wind & Fire")
    assert tags.genres == ("Rock", "Soul")


def test_many_values_of_vorbis_comments_are_kept_and_the_joined_credit_is_dropped(tmp_path):
    data = af.flac(
        ("TITLE", "The Boxer"), ("ARTIST", "Paul & Art"), ("ARTISTS", "Paul"), ("ARTISTS", "Art"),
        ("ALBUMARTIST", "Simon & Garfunkel"), ("GENRE", "Folk; Pop"), ("GENRE", "Rock / Indie"),
        ("MUSICBRAINZ_TRACKID", af.MBID), ("MUSICBRAINZ_ALBUMID", af.MBID), ("MOOD", "calm, warm"),
        ("REPLAYGAIN_ALBUM_GAIN", "+1.5 dB"), ("DATE", "1969-03-21"), ("COMMENT", "night, rain"),
        picture=COVER,
    )  # fmt: skip
    scanned = read(tmp_path / "a.flac", data)
    tags = scanned.tags
    assert tags.artists == ("Paul", "Art")
    assert tags.album_artists == ("Simon & Garfunkel",)
    assert tags.genres == ("Folk", "Pop", "Rock", "Indie")
    assert (tags.recording_mbid, tags.year, tags.album_gain_db) == (af.MBID, 1969, 1.5)
    assert tags.tags == ("calm", "warm")
    assert scanned.has_embedded_cover


def test_the_gain_of_opus_is_five_decibels_above_its_r128_gain(tmp_path):
    tags = tags_of(tmp_path / "a.opus", af.opus(("R128_TRACK_GAIN", "-2560"), ("TITLE", "x")))
    assert tags.track_gain_db == pytest.approx(-10.0 + (-18.0 - -23.0))


def test_a_broken_picture_does_not_cost_the_tags(tmp_path):
    data = af.opus(("TITLE", "Tone"), ("METADATA_BLOCK_PICTURE", "AAAA"))
    scanned = read(tmp_path / "a.opus", data)
    assert scanned.tags.title == "Tone"
    assert not scanned.has_embedded_cover


def test_freeform_fields_of_mp4_give_identifiers(tmp_path):
    extra = (
        af.freeform("MusicBrainz Track Id", af.MBID),
        af.freeform("replaygain_track_gain", "-3 dB"),
    )
    tags = tags_of(tmp_path / "a.m4a", af.m4a("T", "A", *extra))
    assert (tags.recording_mbid, tags.track_gain_db, tags.explicit) == (af.MBID, -3.0, True)
    assert (tags.year, tags.track_number, tags.duration_s) == (2011, 3, 2.0)


def test_a_raw_aac_stream_is_measured_by_its_frames(tmp_path):
    tags = tags_of(tmp_path / "07 - Song.aac", af.adts(3.0))
    assert tags.duration_s == pytest.approx(3.0, abs=0.03)
    assert (tags.title, tags.track_number, tags.sample_rate_hz) == ("Song", 7, 44_100)


def test_silent_tags_fall_back_to_folders_in_the_usual_layout(tmp_path):
    path = tmp_path / "Blur" / "1994 - Parklife" / "03 - End of a Century.mp3"
    tags = tags_of(path, af.sound("mp3"), root=str(tmp_path))
    assert (tags.title, tags.artists, tags.album) == ("End of a Century", ("Blur",), "Parklife")
    assert (tags.year, tags.track_number) == (1994, 3)


def test_other_layouts_give_no_artist(tmp_path):
    tags = tags_of(tmp_path / "stuff" / "99 Luftballons.mp3", af.sound("mp3"), root=str(tmp_path))
    assert (tags.title, tags.artists, tags.album) == ("99 Luftballons", (), "")


def test_texts_are_bounded_and_free_of_control_characters(tmp_path):
    evil = "a\x07b\u202ec<script>" + "x" * 5000
    tags = tags_of(tmp_path / "a.flac", af.flac(("TITLE", evil), ("ARTIST", "A\nB")))
    assert len(tags.title) == 500
    assert tags.title.startswith("abc<script>")
    assert tags.artists == ("A B",)


@pytest.mark.parametrize("name", sorted(af.damaged_files()))
def test_every_damage_is_a_problem_in_words(tmp_path, name):
    scanned = read(tmp_path / name, af.damaged_files()[name])
    assert scanned.tags is None
    assert len(scanned.problem) > 10


def test_the_problem_says_what_the_file_is(tmp_path):
    problems = {n: read(tmp_path / n, d).problem for n, d in af.damaged_files().items()}
    assert "playlist" in problems["playlist.mp3"]
    assert "Ogg" in problems["in truth ogg.mp3"]
    assert "PNG" in problems["picture.m4a"]
    assert "cut off" in problems["cut.wav"]
    assert "40 MiB" in problems["huge tag.mp3"]
    assert "empty" in problems["empty.mp3"]


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    assert "opened" in read_file(FileStat(str(tmp_path / "no.mp3"), 1, 1)).problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_a_problem(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(af.sound("mp3"))
    path.chmod(0)
    assert "Permission" in read_file(FileStat(str(path), 1, 1)).problem


def test_the_fingerprint_survives_a_move_and_not_another_title(tmp_path):
    data = af.flac(("TITLE", "One"), ("ARTIST", "A"))
    one, moved = read(tmp_path / "a.flac", data), read(tmp_path / "deep" / "b.flac", data)
    other = read(tmp_path / "c.flac", af.flac(("TITLE", "Two"), ("ARTIST", "A")))
    assert one.fingerprint == moved.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 32


def test_the_cover_beside_a_file_is_found(tmp_path):
    (tmp_path / "Folder.PNG").write_bytes(COVER)
    assert read(tmp_path / "a.mp3", af.sound("mp3")).cover_path == str(tmp_path / "Folder.PNG")


def test_a_name_of_the_form_artist_dash_title_fills_what_the_tags_leave_open(tmp_path):
    name = tmp_path / "Rihanna - Umbrella.mp3"
    tags = tags_of(name, af.sound("mp3"), root=str(tmp_path))
    assert (tags.artists, tags.title) == (("Rihanna",), "Umbrella")
    same = tags_of(name, af.id3(af.text_frame("TPE1", "RIHANNA")) + af.sound("mp3"))
    assert (same.artists, same.title) == (("RIHANNA",), "Umbrella")
    other = tags_of(name, af.id3(af.text_frame("TPE1", "Choir")) + af.sound("mp3"))
    assert (other.artists, other.title) == (("Choir",), "Rihanna - Umbrella")


def test_an_mp3_whose_header_promises_twice_the_sound_is_cut_off(tmp_path):
    data = af.sound("mp3", 10.0)
    assert "cut off" in read(tmp_path / "a.mp3", data[: len(data) // 2]).problem


def test_a_claim_of_gigabytes_costs_no_memory(tmp_path):
    data = bytearray(af.wma())
    data[30 + 16 : 30 + 24] = (2**40).to_bytes(8, "little")  # the first object claims a terabyte
    scanned = read(tmp_path / "a.wma", bytes(data))
    assert scanned.problem


def test_an_unknown_suffix_is_a_problem(tmp_path):
    assert "first bytes" in read(tmp_path / "a.xyz", bytes(range(200, 256)) * 9).problem


def test_a_compilation_without_album_artist_is_held_together_by_its_folder(tmp_path):
    data = af.flac(("TITLE", "One"), ("ARTIST", "Piper"), ("ALBUM", "Dear Ember"))
    root = str(tmp_path)
    various = tags_of(tmp_path / "Various Artists/1999 - Dear Ember/01 One.flac", data, root=root)
    own = tags_of(tmp_path / "Piper/1999 - Dear Ember/01 One.flac", data, root=root)
    other = tags_of(tmp_path / "Various Artists/Another/01 One.flac", data, root=root)
    assert various.album_artists == ("Various Artists",)
    assert own.album_artists == other.album_artists == ()
