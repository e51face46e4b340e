"""A small export of every source, in its real shape, with the rows that it must give.

Each is three or more rows between a beginning and an end, so that one of them can be damaged. The
second row of each has the title TITLE, and a time or number NUMBER that a test may spoil.
"""

from dataclasses import dataclass, field

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
)

TITLE = "Mitternächtliche Überfahrt"
T1, T2, T3 = 1_700_000_000, 1_700_000_300, 1_700_000_600  # 22:13:20, 22:18:20, 22:23:20
MBID = "0cb6ba62-55b1-4b8b-a3f4-9b2c0d1e2f3a"
SPOTIFY = "1U8rhryVYw9gWZ6zvw4Orc"


@dataclass(frozen=True, kw_only=True)
class Sample:
    source: str
    name: str
    begin: str = ""
    rows: tuple[str, ...]
    between: str = "\n"
    end: str = "\n"
    expected: tuple[ImportedRow, ...]
    number: str = ""  # of the second row, a time where it has one
    broken: str = "{{{ not a row"
    wrong_type: tuple[str, str] = ("", "")  # a text of the second row and what replaces it
    encodings: tuple[str, ...] = ("utf-8-sig", "utf-16", "latin-1")
    first: int = field(default=1)  # row number of the first of ``rows``

    def text(self, rows: tuple[str, ...] | None = None) -> str:
        return self.begin + self.between.join(self.rows if rows is None else rows) + self.end

    def with_second(self, row: str) -> str:
        return self.text((self.rows[0], row, *self.rows[2:]))


def listen(row: int, title: str, at: float | None, **more: object) -> ImportedListen:
    """A listen whose other fields go to the track or to the listen, whichever has them."""
    of_track = {key: more.pop(key) for key in list(more) if key in NamedTrack.__struct_fields__}
    of_track.setdefault("artists", ("Nadja Vogel",))
    track = NamedTrack(title=title, **of_track)  # type: ignore[arg-type]
    return ImportedListen(row=row, track=track, listened_at=at, **more)  # type: ignore[arg-type]


def entry(row: int, playlist: str, title: str, **track: object) -> PlaylistEntry:
    track.setdefault("artists", ("Nadja Vogel",))
    return PlaylistEntry(row=row, playlist=playlist, track=NamedTrack(title=title, **track))  # type: ignore[arg-type]


def _spotify(ts: str, ms: int, title: str | None, **more: str) -> str:
    said = {"skipped": "null", "reason_end": '"trackdone"', "incognito_mode": "false",
            "episode_name": "null", "offline_timestamp": "0", **more}  # fmt: skip
    name = "null" if title is None else f'"{title}"'
    tail = ", ".join(f'"{key}": {value}' for key, value in said.items())
    return (
        f'{{"ts": "{ts}", "platform": "android", "ms_played": {ms}, '
        f'"master_metadata_track_name": {name}, '
        '"master_metadata_album_artist_name": "Nadja Vogel", '
        '"master_metadata_album_album_name": "Fähren", '
        f'"spotify_track_uri": "spotify:track:{SPOTIFY}", {tail}}}'
    )


_OF_SPOTIFY = {"album": "Fähren", "spotify_id": SPOTIFY}
SPOTIFY_EXTENDED = Sample(
    source="spotify-extended",
    name="Streaming_History_Audio_2023_1.json",
    begin="[\n",
    between=",\n",
    end="\n]",
    rows=(
        _spotify("2023-11-14T22:16:20Z", 180_000, "Anker"),
        _spotify("2023-11-14T22:18:24Z", 4_000, TITLE, reason_end='"fwdbtn"', skipped="true"),
        _spotify("2023-11-14T22:23:20Z", 0, "Kai", skipped="false", reason_end='"endplay"',
                 offline_timestamp="1512420608296"),
        _spotify("2023-11-14T22:30:00Z", 60_000, None, episode_name='"Folge 3"'),
        _spotify("2023-11-14T22:40:00Z", 60_000, "Heimlich", incognito_mode="true"),
    ),
    expected=(
        listen(1, "Anker", T1, played_s=180.0, is_skip=False, **_OF_SPOTIFY),
        listen(2, TITLE, T2, played_s=4.0, is_skip=True, **_OF_SPOTIFY),
        listen(3, "Kai", T3, played_s=0.0, is_skip=False, **_OF_SPOTIFY),
        LeftOut(4, "podcast"),
        LeftOut(5, "private"),
    ),
    number="4000",
    broken='{"ts": "2023-11-14T22:18:24Z, "ms_played" 4000}',
    wrong_type=(f'"{TITLE}"', "17"),
)  # fmt: skip

SPOTIFY_ACCOUNT = Sample(
    source="spotify-account",
    name="StreamingHistory_music_0.json",
    begin="[",
    between=",",
    end="]",
    rows=tuple(
        f'{{"endTime": "{end}", "artistName": "Nadja Vogel", "trackName": "{title}", '
        f'"msPlayed": {ms}}}'
        for end, title, ms in (
            ("2023-11-14 22:16", "Anker", 180_000),
            ("2023-11-14 22:18", TITLE, 4_000),
            ("2023-11-14 22:23", "Kai", 0),
        )
    ),
    expected=(
        listen(1, "Anker", T1 - 20, played_s=180.0, is_minute=True),
        listen(2, TITLE, T2 - 24, played_s=4.0, is_minute=True),
        listen(3, "Kai", T3 - 20, played_s=0.0, is_minute=True),
    ),
    number="4000",
    broken='{"endTime": "2023-11-14 22:18, "artistName": }',
    wrong_type=(f'"{TITLE}"', "[1]"),
)

SPOTIFY_LIBRARY = Sample(
    source="spotify-library",
    name="YourLibrary.json",
    begin='{"tracks": [',
    between=",",
    end='], "albums": [{"artist": "X", "album": "Y", "uri": "spotify:album:z"}], "bannedTracks": '
    '[{"artist": "Lars Ahlgren", "track": "Weg", "uri": ""}], "artists": []}',
    rows=tuple(
        f'{{"artist": "Nadja Vogel", "album": "Fähren", "track": "{title}", '
        f'"uri": "spotify:track:{SPOTIFY}"}}'
        for title in ("Anker", TITLE, "Kai")
    ),
    expected=(
        *(
            listen(row, title, None, n_plays=0, loved=True, **_OF_SPOTIFY)
            for row, title in enumerate(("Anker", TITLE, "Kai"), 1)
        ),
        listen(4, "Weg", None, n_plays=0, disliked=True, artists=("Lars Ahlgren",)),
    ),
    broken='{"artist": "Nadja Vogel, "album": "Fähren"}',
    wrong_type=(f'"{TITLE}"', "{}"),
)

SPOTIFY_PLAYLISTS = Sample(
    source="spotify-playlists",
    name="Playlist1.json",
    begin='{"playlists": [{"name": "Am Meer", "lastModifiedDate": "2023-11-14", "items": [',
    between=",",
    end='], "description": null}, {"name": "Zwei", "items": [{"track": null, "episode": '
    '{"episodeName": "x"}}, {"track": null, "localTrack": '
    '{"uri": "spotify:local:Nadja+Vogel:F%C3%A4hren:Steg:61"}}]}]}',
    rows=tuple(
        f'{{"track": {{"trackName": "{title}", "artistName": "Nadja Vogel", "albumName": "Fähren", '
        f'"trackUri": "spotify:track:{SPOTIFY}"}}, "episode": null, "localTrack": null}}'
        for title in ("Anker", TITLE, "Kai")
    ),
    expected=(
        *(
            entry(row, "Am Meer", title, **_OF_SPOTIFY)
            for row, title in enumerate(("Anker", TITLE, "Kai"), 1)
        ),
        LeftOut(4, "podcast"),
        entry(5, "Zwei", "Steg", album="Fähren", duration_s=61.0),
    ),
    broken='{"track": {"trackName": "x, "artistName": 3}',
    wrong_type=(f'"{TITLE}"', "false"),
)

LASTFM_CSV = Sample(
    source="lastfm-csv",
    name="recenttracks-nadja.csv",
    begin='"uts","utc_time","artist","artist_mbid","album","album_mbid","track","track_mbid"\n',
    rows=tuple(
        f'"{at}","14 Nov 2023, 22:13","Nadja Vogel","","Fähren","","{title}","{MBID}"'
        for at, title in ((T1, "Anker"), (T2, TITLE), (T3, "Kai"))
    ),
    expected=tuple(
        listen(row, title, at, album="Fähren", recording_mbid=MBID)
        for row, (at, title) in enumerate(((T1, "Anker"), (T2, TITLE), (T3, "Kai")), 1)
    ),
    number=f"{T2}",
    broken='"1700000300","14 Nov 2023, 22:13","Nadja "Vogel, "x',
)

LASTFM_SHORT = Sample(
    source="lastfm-short-csv",
    name="nadja.csv",
    rows=(
        "Nadja Vogel,Fähren,Anker,14 Nov 2023 22:13",
        f'Nadja Vogel,Fähren,{TITLE},"14 Nov 2023, 22:18"',
        '"Nadja Vogel",,Kai,14 Nov 2023 22:23',
    ),
    expected=(
        listen(1, "Anker", T1 - 20, album="Fähren", is_minute=True),
        listen(2, TITLE, T2 - 20, album="Fähren", is_minute=True),
        listen(3, "Kai", T3 - 20, is_minute=True),
    ),
    number="14 Nov 2023, 22:18",
    broken='"Nadja Vogel,Fähren,x,14 Nov 2023 22:18',
)

LASTFM_JSON = Sample(
    source="lastfm-json",
    name="lastfm.json",
    begin='[{"track": [',
    between=",",
    end=']}, {"track": [{"name": "Jetzt", "artist": {"#text": "Nadja Vogel"}, "album": '
    '{"#text": ""}, "@attr": {"nowplaying": "true"}}], "@attr": {"page": "2"}}]',
    rows=tuple(
        f'{{"artist": {{"mbid": "", "#text": "Nadja Vogel"}}, "album": {{"mbid": "", "#text": '
        f'"Fähren"}}, "name": "{title}", "mbid": "", "date": {{"uts": "{at}", "#text": "14 Nov"}}}}'
        for at, title in ((T1, "Anker"), (T2, TITLE), (T3, "Kai"))
    ),
    expected=(
        *(
            listen(row, title, at, album="Fähren")
            for row, (at, title) in enumerate(((T1, "Anker"), (T2, TITLE), (T3, "Kai")), 1)
        ),
        LeftOut(4, "empty"),
    ),
    number=f"{T2}",
    broken='{"artist": {"mbid": "", "#text": "Nadja Vogel}, "name": "x"}',
    wrong_type=(f'"{TITLE}"', "null, 5"),
)

LIBREFM = Sample(
    source="librefm-csv",
    name="librefm.csv",
    begin="+ACM- Data export for nadja\n# a comment\nTime,Artist,Track,Album,TrackMBID\n",
    rows=tuple(
        f"{at},Nadja Vogel,{title},Fähren,{MBID}"
        for at, title in ((T1, "Anker"), (T2, TITLE), (T3, "Kai"))
    ),
    expected=tuple(
        listen(row, title, at, album="Fähren", recording_mbid=MBID)
        for row, (at, title) in enumerate(((T1, "Anker"), (T2, TITLE), (T3, "Kai")), 1)
    ),
    number=f"{T2}",
    broken='1700000300,"Nadja Vogel,x,',
)


def _brainz(at: int, title: str, more: str) -> str:
    return (
        f'{{"listened_at": {at}, "inserted_at": {at}.5, "track_metadata": {{"track_name": '
        f'"{title}", "artist_name": "Nadja Vogel", "release_name": "Fähren", {more}}}}}'
    )


LISTENBRAINZ = Sample(
    source="listenbrainz",
    name="listens/2023/11.jsonl",
    rows=(
        _brainz(T1, "Anker", f'"additional_info": {{"duration_ms": 180000, "recording_mbid": '
                f'"{MBID}", "isrc": "DE-ABC-23-00001"}}, "mbid_mapping": null'),
        _brainz(T2, TITLE, '"additional_info": {"duration_ms": 180, "duration_played": 90, '
                f'"recording_mbid": "{MBID[:8]}-0000"}}, "mbid_mapping": {{"recording_mbid": '
                f'"{MBID}", "artists": [{{"artist_credit_name": "Nadja Vogel", "join_phrase": '
                '" & "}, {"artist_credit_name": "Lars"}]}'),
        _brainz(T3, "Kai", '"additional_info": {"duration": 61, "origin_url": '
                f'"https://open.spotify.com/track/{SPOTIFY}"}}'),
    ),
    expected=(
        listen(1, "Anker", T1, album="Fähren", duration_s=180.0, recording_mbid=MBID,
               isrc="DEABC2300001"),
        listen(2, TITLE, T2, album="Fähren", duration_s=180.0, played_s=90.0, recording_mbid=MBID,
               artists=("Nadja Vogel", "Lars")),
        listen(3, "Kai", T3, album="Fähren", duration_s=61.0, spotify_id=SPOTIFY),
    ),
    number=f"{T2}",
    broken='{"listened_at": 1700000300, "track_metadata": {"track_name": "x"',
    wrong_type=(f'"{TITLE}"', "8"),
)  # fmt: skip

LISTENBRAINZ_FEEDBACK = Sample(
    source="listenbrainz-feedback",
    name="feedback.jsonl",
    rows=(
        f'{{"recording_msid": null, "recording_mbid": "{MBID}", "score": 1, "created": {T1}}}',
        f'{{"recording_mbid": "{MBID}", "score": -1, "created": {T2}, "track_metadata": '
        f'{{"track_name": "{TITLE}", "artist_name": "Nadja Vogel"}}}}',
        f'{{"recording_mbid": "{MBID}", "score": 0, "created": {T3}}}',
    ),
    expected=(
        listen(1, "", T1, recording_mbid=MBID, artists=(), n_plays=0, loved=True),
        listen(2, TITLE, T2, recording_mbid=MBID, n_plays=0, disliked=True),
        LeftOut(3, "empty"),
    ),
    number=f"{T2}",
    broken='{"recording_mbid": ',
    wrong_type=(f'"{TITLE}"', "8"),
)
