"""What single sources do beyond the contract: times, joins between files, and odd values."""

import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.data.imported import ImportedListen, LeftOut, RowProblem
from segue.errors import InvalidInputError
from segue.sources.listenbrainz import listens_of_page
from segue.sources.members import open_export
from segue.sources.moments import EARLIEST_S, LATEST_S, is_to_the_minute, moment_s
from segue.sources.registry import recognised, source_named
from segue.sources.values import flag, isrc, mbid, spotify_id, stars, video_id
from segue.sources.youtube import words_around
from segue.sources.youtube_dates import written_moment_s
from support.more_source_samples import APPLE_ACTIVITY, APPLE_DAILY, APPLE_LIBRARY, APPLE_LIKES
from support.source_samples import MBID, SPOTIFY, T1, T2, TITLE, _brainz, _spotify, listen

seconds = st.integers(int(EARLIEST_S), int(LATEST_S) - 1)


@settings(deadline=None)
@given(seconds)
def test_a_time_means_the_same_in_every_unit_and_spelling(at):
    moment = datetime.fromtimestamp(at, UTC)
    for spelled in (at, float(at), str(at), at * 1_000, f"{at}000", at * 10**6, at * 10**9,
                    moment.isoformat(), moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    moment.strftime("%Y-%m-%d %H:%M:%S"), moment.strftime("%d %b %Y, %H:%M:%S"),
                    moment.strftime("%Y-%m-%d %H:%M:%S UTC"), moment.strftime("%d.%m.%Y %H:%M:%S"),
                    moment.strftime("%a, %d %b %Y %H:%M:%S +0000")):  # fmt: skip
        assert moment_s(spelled) == at, spelled
    minute = at - at % 60
    for form in ("%d %b %Y, %H:%M", "%d %b %Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%MZ"):
        text = moment.strftime(form)
        assert moment_s(text) == minute
        assert is_to_the_minute(text)
    assert not is_to_the_minute(moment.isoformat())
    assert not is_to_the_minute(str(at))


@settings(deadline=None)
@given(seconds)
def test_a_date_in_html_means_the_same_in_every_language(at):
    moment = datetime.fromtimestamp(at, UTC)
    day, clock = f"{moment.day}", moment.strftime("%H:%M:%S")
    twelve = f"{(moment.hour % 12) or 12}{moment.strftime(':%M:%S')}"
    half = "AM" if moment.hour < 12 else "PM"
    german = "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.".split()
    french = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.".split()
    for spelled in (
        moment.strftime(f"%b {day}, %Y, {twelve} {half} UTC"),
        moment.strftime(f"%b {day}, %Y, {twelve}\u202f{half} GMT"),
        moment.strftime(f"{day} %B %Y, {clock} UTC"),
        moment.strftime(f"{day}.%m.%Y, {clock} UTC"),
        f"{day}. {german[moment.month - 1]} {moment.year}, {clock} UTC",
        f"{day} {french[moment.month - 1]} {moment.year}, {clock} UTC",
        moment.strftime(f"%Y/%m/%d {clock} UTC"),
        f"{moment.year}年{moment.month}月{day}日 {clock} UTC",
        f"{moment.year}. {moment.month}. {day}. {'오전' if half == 'AM' else '오후'} {twelve} UTC",
    ):
        assert written_moment_s(spelled) == at, spelled


@pytest.mark.parametrize(
    ("text", "hours"),
    [("CET", 1), ("MESZ", 2), ("PST", -8), ("GMT+02:00", 2), ("UTC-3", -3), ("IST", 5.5),
     ("nowhere", 0)],
)  # fmt: skip
def test_zones_by_name_and_offset_are_taken_off(text, hours):
    assert written_moment_s(f"14.11.2023, 22:13:20 {text}") == T1 - 3600 * hours


@pytest.mark.parametrize("text", ["", "yesterday", "32.11.2023, 22:13:20", "14.11.2023",
                                  "14 Foo 2023, 22:13:20", "14.11.1023, 22:13:20"])  # fmt: skip
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="time"):
        written_moment_s(text)


@pytest.mark.parametrize("value", [True, None, [], "", "x", "12:30", -5, 3e9 * 2, "nan", "inf"])
def test_what_is_no_time_is_refused_with_what_is_allowed(value):
    with pytest.raises(ValueError, match=r"must be a time|between 1990 and 2100"):
        moment_s(value)


def test_ids_are_read_from_every_spelling_and_nothing_else_is():
    assert spotify_id(f"https://open.spotify.com/intl-de/track/{SPOTIFY}?si=x") == SPOTIFY
    assert spotify_id(f"spotify:track:{SPOTIFY}") == spotify_id(SPOTIFY) == SPOTIFY
    assert spotify_id(f"spotify:episode:{SPOTIFY}") == spotify_id("x") == spotify_id(None) == ""
    assert mbid(MBID.upper()) == MBID
    assert mbid("00000000-0000-0000-0000-000000000000") == mbid(MBID[:-1]) == ""
    assert isrc("de-abc-23-00001") == "DEABC2300001"
    assert isrc("12") == ""
    assert video_id("https://youtu.be/dQw4w9WgXcQ") == "dQw4w9WgXcQ"
    assert video_id("https://www.youtube.com/watch?a=1&v=dQw4w9WgXcQ&t=1") == "dQw4w9WgXcQ"
    assert [stars(value, "r", 100) for value in (0, None, "20", 100, 5)] == [None, None, 1, 5, 1]
    assert [flag(v, "x") for v in ("TRUE", "no", "", None, 1)] == [True, False, None, None, True]


def rows_of(folder, name: str, text: str) -> list:
    path = folder / name
    path.write_text(text, "utf-8")
    (one,), unread = recognised(open_export(path).members)
    assert unread == []
    return list(one.source.read(one.member))


@pytest.mark.parametrize(
    ("skipped", "reason", "is_skip"),
    [("null", '"fwdbtn"', True), ("false", '"fwdbtn"', True), ("true", '"endplay"', True),
     ("null", '"trackdone"', False), ("false", '"logout"', False), ("null", "null", None),
     ("null", '"unknown"', None)],
)  # fmt: skip
def test_spotify_says_whether_a_play_was_skipped_by_reason_or_flag(
    tmp_path, skipped, reason, is_skip
):
    row = _spotify("2023-11-14T22:16:20Z", 1, "A", skipped=skipped, reason_end=reason)
    assert rows_of(tmp_path, "x.json", f"[{row}]")[0].is_skip is is_skip


@pytest.mark.parametrize(("offline", "at"), [(T1, T1), (T1 * 1000, T1), (0, None)])
def test_spotifys_offline_time_stands_in_where_the_other_is_missing(tmp_path, offline, at):
    row = _spotify("", 0, "A", offline_timestamp=str(offline))
    (found,) = rows_of(tmp_path, "x.json", f"[{row}]")
    assert (found.listened_at if isinstance(found, ImportedListen) else None) == at


def test_lastfm_loved_tracks_are_marks_not_plays(tmp_path):
    track = {"name": "A", "artist": {"name": "B", "mbid": ""}, "date": {"uts": str(T1)}}
    text = json.dumps([{"lovedtracks": {"track": [track], "@attr": {"page": "1"}}}])
    assert rows_of(tmp_path, "x.json", text) == [
        listen(1, "A", T1, artists=("B",), n_plays=0, loved=True)
    ]


@pytest.mark.parametrize(
    ("above", "header"),
    [("+ACM- Data export from Libre.fm,,,\n+ACM- 2025+AC0-07,,,\n", "Artist,Track,Album,Time"),
     ("# one\n# two\n", "userid,Artist,track,Album,time"), ("", "Time,Artist,Track")],
)  # fmt: skip
def test_librefm_is_read_whatever_the_order_of_its_columns(tmp_path, above, header):
    values = {"artist": "Nadja+AC0-Vogel" if above[:1] == "+" else "Nadja-Vogel", "track": "A+B",
              "album": "", "time": str(T1), "userid": "1"}  # fmt: skip
    row = ",".join(values[name.lower()] for name in header.split(","))
    path = tmp_path / "x.csv"
    path.write_text(f"{above}{header}\n{row}\n")
    (one,), _ = recognised(open_export(path).members)
    assert one.source.name == "librefm-csv"
    assert list(one.source.read(one.member)) == [listen(1, "A+B", T1, artists=("Nadja-Vogel",))]


def test_an_album_gives_apple_rows_its_artist_and_a_playlist_does_not(tmp_path):
    header = "Event Start Timestamp,Play Duration Milliseconds,Song Name,Container Artist Name,"
    rows = "".join(f"{datetime.fromtimestamp(T1, UTC).isoformat()},1000,A,X,{kind}\n"
                   for kind in ("ALBUM", "PLAYLIST", ""))  # fmt: skip
    found = rows_of(tmp_path, "x.csv", f"{header}Container Type\n{rows}")
    assert [row.track.artists for row in found] == [("X",), (), ("X",)]


def test_untagged_files_of_a_portable_player_have_no_artist(tmp_path):
    text = f"#AUDIOSCROBBLER/1.1\n#TZ/UNKNOWN\n<Untagged>\t\tA.mp3\t0\t180\tL\t{T1}\t\n"
    assert rows_of(tmp_path, "x", text)[0].track.artists == ()


def test_marks_of_listenbrainz_are_named_by_the_listens_of_the_export(tmp_path):
    msid = "b4e9a7e0-0000-4000-8000-000000000001"
    line = _brainz(T1, "Anker", f'"recording_msid": "{msid}", "additional_info": {{}}')
    mark = json.dumps({"recording_msid": msid, "recording_mbid": None, "score": 1, "created": T2})
    other = mark.replace("0001", "0002")
    path = tmp_path / "listenbrainz_nadja.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("listens/2023/11.jsonl", line + "\n")
        archive.writestr("feedback.jsonl", f"{mark}\n{other}\n")
        archive.writestr("user.json", '{"user_id": 1}')
        archive.writestr("pinned_recording.jsonl", '{"pinned_until": 1}')
    with open_export(path) as export:
        found, unread = recognised(export.members)
        assert {one.name for one in unread} == {"user.json", "pinned_recording.jsonl"}
        rows = {one.source.name: list(one.source.read(one.member)) for one in found}
    loved, unknown = rows["listenbrainz-feedback"]
    assert loved == listen(1, "Anker", T2, album="Fähren", n_plays=0, loved=True)
    assert isinstance(unknown, RowProblem)


def test_older_listenbrainz_exports_of_one_list_are_read(tmp_path):
    line = _brainz(T1, "Anker", '"additional_info": {}')
    assert rows_of(tmp_path, "x.json", f"[{line},\n{line}]")[1] == listen(
        2, "Anker", T1, album="Fähren"
    )


def test_a_page_of_listenbrainz_gives_a_row_for_each_listen():
    good = json.loads(_brainz(T1, "Anker", '"additional_info": {}'))
    page = {"payload": {"count": 2, "listens": [good, {"listened_at": T1}]}}
    rows = listens_of_page(page)
    assert rows[0] == listen(1, "Anker", T1, album="Fähren")
    assert rows[1] == RowProblem(2, "the row names no track")
    assert listens_of_page({"payload": {"listens": []}}) == []
    with pytest.raises(InvalidInputError, match="no page of listens"):
        listens_of_page({"payload": [1]})


def test_apple_rows_without_artist_get_it_from_the_other_files(tmp_path):
    for sample in (APPLE_ACTIVITY, APPLE_DAILY, APPLE_LIBRARY, APPLE_LIKES):
        path = tmp_path / sample.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(sample.text(), "utf-8")
    found, unread = recognised(open_export(tmp_path).members)
    assert unread == []
    rows = {one.source.name: list(one.source.read(one.member)) for one in found}
    assert rows["apple-music"][2].track.artists == ("Nadja Vogel",)
    assert rows["apple-music"][:2] == list(APPLE_ACTIVITY.expected[:2])
    assert set(rows["apple-music-daily"]) == {LeftOut(n, "repeated") for n in (1, 2, 3)}
    library = rows["apple-music-library"]
    assert library[0] == LeftOut(1, "repeated"), "its plays are in play activity"
    assert library[1] == listen(2, TITLE, None, album="Fähren", duration_s=180.0, n_plays=0,
                                loved=True, first_at=float(T1))  # fmt: skip


def test_a_title_of_several_artists_is_given_to_none(tmp_path):
    text = APPLE_DAILY.text((*APPLE_DAILY.rows, "4,AUDIO,20231114,2,1,1,0,,Lars Ahlgren - Kai"))
    (tmp_path / "daily.csv").write_text(text, "utf-8")
    (tmp_path / "activity.csv").write_text(APPLE_ACTIVITY.text(), "utf-8")
    found, _ = recognised(open_export(tmp_path).members)
    activity = next(one for one in found if one.source.name == "apple-music")
    assert list(activity.source.read(activity.member))[2].track.artists == ()


@pytest.mark.parametrize(
    ("titles", "around"),
    [
        (["Watched A", "Watched B"], ("Watched ", "")),
        (["A angesehen", "B angesehen", "Werbung"], ("", " angesehen")),
        ([f"Ви дивилися Пісня {n}" for n in range(9)], ("Ви дивилися Пісня ", "")),
        ([f"Xy {word} zw q" for word in "abcdefghi"], ("Xy ", " zw q")),
        (["One", "Two", "Three"], ("", "")),
        ([], ("", "")),
    ],
)
def test_words_around_a_title_are_known_or_learned(titles, around):
    assert words_around(titles) == around


def test_unknown_sources_are_named_in_the_refusal():
    with pytest.raises(InvalidInputError, match="spotify-extended"):
        source_named("napster")
