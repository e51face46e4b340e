"""Samples of the other sources; see :mod:`support.source_samples`."""

from segue.data.imported import ImportedRule, LeftOut, NamedTrack
from support.playlist_samples import M3U, PLS, XSPF
from support.source_samples import (
    LASTFM_CSV,
    LASTFM_JSON,
    LASTFM_SHORT,
    LIBREFM,
    LISTENBRAINZ,
    LISTENBRAINZ_FEEDBACK,
    MBID,
    SPOTIFY,
    SPOTIFY_ACCOUNT,
    SPOTIFY_EXTENDED,
    SPOTIFY_LIBRARY,
    SPOTIFY_PLAYLISTS,
    T1,
    T2,
    T3,
    TITLE,
    Sample,
    entry,
    listen,
)

_TIMES = ((T1, "Anker"), (T2, TITLE), (T3, "Kai"))
VIDEO = "dQw4w9WgXcQ"

MALOJA = Sample(
    source="maloja",
    name="maloja_export_1.json",
    begin='{"maloja": {"export_time": 1760532613}, "scrobbles": [',
    between=",",
    end="]}",
    rows=tuple(
        f'{{"time": {at}, "track": {{"artists": ["Nadja Vogel", "Lars"], "title": "{title}", '
        '"album": {"artists": ["Nadja Vogel"], "albumtitle": "Fähren"}, "length": 220}, '
        '"duration": null, "origin": "client:x"}'
        for at, title in _TIMES
    ),
    expected=tuple(
        listen(row, title, at, album="Fähren", duration_s=220.0, artists=("Nadja Vogel", "Lars"))
        for row, (at, title) in enumerate(_TIMES, 1)
    ),
    number=f"{T2}",
    broken='{"time": 1700000300, "track": {"artists": ["a], "title": "x"}}',
    wrong_type=(f'"{TITLE}"', "[]"),
)

PANO = Sample(
    source="pano-scrobbler",
    name="scrobbles.jsonl",
    rows=tuple(
        f'{{"timeHuman": "14 Nov", "timeMs": {at}000, "artist": "Nadja Vogel", "track": "{title}", '
        f'"album": "Fähren", "albumArtist": "", "durationMs": 180000, "event": "{event}"}}'
        for at, title, event in ((T1, "Anker", "scrobble"), (T2, TITLE, "scrobble"),
                                 (T3, "Kai", "love"))
    ),
    expected=(
        listen(1, "Anker", T1, album="Fähren", duration_s=180.0),
        listen(2, TITLE, T2, album="Fähren", duration_s=180.0),
        listen(3, "Kai", T3, album="Fähren", duration_s=180.0, n_plays=0, loved=True),
    ),
    number=f"{T2}000",
    broken='{"timeMs": 1700000300000, "track": "x',
    wrong_type=(f'"{TITLE}"', "{}"),
)  # fmt: skip

JSPF = Sample(
    source="jspf",
    name="Am Meer.jspf",
    begin='{"playlist": {"creator": "nadja", "title": "Am Meer", "track": [',
    between=",",
    end="]}}",
    rows=tuple(
        f'{{"identifier": ["https://musicbrainz.org/recording/{MBID}"], "title": "{title}", '
        '"creator": "Nadja Vogel", "album": "Fähren", "duration": 222000}'
        for _, title in _TIMES
    ),
    expected=tuple(
        entry(row, "Am Meer", title, album="Fähren", duration_s=222.0, recording_mbid=MBID)
        for row, (_, title) in enumerate(_TIMES, 1)
    ),
    broken='{"identifier": ["x], "title": "y"}',
    wrong_type=(f'"{TITLE}"', "4"),
)

APPLE_ACTIVITY = Sample(
    source="apple-music",
    name="Apple Music Activity/Apple Music Play Activity.csv",
    begin="Album Name,Artist Name,End Reason Type,Event End Timestamp,Event Start Timestamp,"
    "Event Type,Media Duration In Milliseconds,Media Type,Play Duration Milliseconds,Song Name\n",
    rows=(
        "Fähren,Nadja Vogel,NATURAL_END_OF_TRACK,2023-11-14T22:16:20.000Z,"
        "2023-11-14T22:13:20.000Z,PLAY_END,180000,AUDIO,180000,Anker",
        "Fähren,Nadja Vogel,TRACK_SKIPPED_FORWARDS,2023-11-14T22:18:24Z,,PLAY_END,180000,AUDIO,"
        f"4000,{TITLE}",
        ",,,,2023-11-14T22:23:20Z,PLAY_END,,AUDIO,,Kai",
        ",,,,2023-11-14T22:23:20Z,LYRIC_DISPLAY,,AUDIO,,Kai",
        ",,,,2023-11-14T22:23:20Z,PLAY_END,,VIDEO,,Kai",
    ),
    expected=(
        listen(1, "Anker", T1, album="Fähren", duration_s=180.0, played_s=180.0, is_skip=False),
        listen(2, TITLE, T2, album="Fähren", duration_s=180.0, played_s=4.0, is_skip=True),
        listen(3, "Kai", T3, artists=()),
        LeftOut(4, "empty"),
        LeftOut(5, "video"),
    ),
    number="2023-11-14T22:18:24Z",
    broken=f'"Fähren,Nadja Vogel,,2023-11-14T22:18:24Z,,PLAY_END,180000,AUDIO,4000,{TITLE}',
)

APPLE_DAILY = Sample(
    source="apple-music-daily",
    name="Apple Music - Play History Daily Tracks.csv",
    begin="Track Identifier,Media type,Date Played,Hours,Play Duration Milliseconds,Play Count,"
    "Skip Count,Ignore For Recommendations,Track Description\n",
    rows=(
        '1,AUDIO,20231114,"22, 23",400000,2,0,,Nadja Vogel - Anker',
        f"2,AUDIO,20231114,22,4000,0,1,,Nadja Vogel - {TITLE}",
        "3,AUDIO,20231114,22,4000,1,0,TRUE,Nadja Vogel - Kai",
    ),
    expected=(
        listen(1, "Anker", T1 - 800, n_plays=2, first_at=float(T1 - 800)),
        listen(2, TITLE, T1 - 800, n_plays=0, n_skips=1, played_s=4.0, first_at=float(T1 - 800)),
        LeftOut(3, "private"),
    ),
    number="20231114,22,4000,0",
    broken=f'"2,AUDIO,20231114,22,4000,0,1,,Nadja Vogel - {TITLE}',
)

APPLE_LIBRARY = Sample(
    source="apple-music-library",
    name="Apple Music Library Tracks.json",
    begin="[",
    between=", ",
    end="]",
    rows=tuple(
        f'{{"Content Type": "Song", "Title": "{title}", "Artist": "Nadja Vogel", '
        f'"Album": "Fähren", "Track Duration": 180000, "Track Play Count": {n}, '
        '"Date Added To Library": "2023-11-14T22:13:20Z", '
        f'"Last Played Date": "2023-11-14T22:18:20Z", {more}}}'
        for title, n, more in (
            ("Anker", 3, '"Skip Count": 1'),
            (TITLE, 7, '"Track Like Rating": "liked"'),
            ("Kai", 0, '"Skip Count": 0'),
        )
    ),
    expected=(
        listen(1, "Anker", T2, album="Fähren", duration_s=180.0, n_plays=3, n_skips=1,
               first_at=float(T1)),
        listen(2, TITLE, T2, album="Fähren", duration_s=180.0, n_plays=7, loved=True,
               first_at=float(T1)),
        LeftOut(3, "empty"),
    ),
    number="7",
    broken='{"Content Type": "Song, "Title": 3}',
    wrong_type=(f'"{TITLE}"', "[]"),
)  # fmt: skip

APPLE_LIKES = Sample(
    source="apple-music-likes",
    name="Apple Music Likes and Dislikes.csv",
    begin="Item Description,Preference,Created,Last Modified,Item Reference\n",
    rows=(
        "Nadja Vogel - Anker,LIKE,2023-11-14T22:13:20Z,,1",
        f"Nadja Vogel - {TITLE},DISLIKE,2023-11-14T22:18:20Z,,2",
        '"Nadja Vogel - Kai, zwei",LIKE,,,3',
    ),
    expected=(
        listen(1, "Anker", T1, n_plays=0, loved=True),
        listen(2, TITLE, T2, n_plays=0, disliked=True),
        listen(3, "Kai, zwei", None, n_plays=0, loved=True),
    ),
    number="2023-11-14T22:18:20Z",
    broken=f'"Nadja Vogel - {TITLE},DISLIKE,2023-11-14T22:18:20Z,,2',
)


def _youtube(at: str, title: str, channel: str, more: str = "") -> str:
    return (
        f'{{"header": "YouTube Music", "title": "Zhlédnuto {title}", "titleUrl": '
        f'"https://music.youtube.com/watch?v={VIDEO}", "subtitles": [{{"name": "{channel}", "url": '
        f'"https://www.youtube.com/channel/x"}}], "time": "{at}", "products": ["YouTube"]{more}}}'
    )


YOUTUBE = Sample(
    source="youtube",
    name="Historie sledování.json",
    begin="[",
    between=",",
    end="]",
    rows=(
        _youtube("2023-11-14T22:13:20.000Z", "Anker", "Nadja Vogel - Topic"),
        _youtube("2023-11-14T22:18:20.000Z", TITLE, "Nadja Vogel"),
        _youtube("2023-11-14T22:23:20Z", "Kai", "x", ', "details": [{"name": "Z Google Ads"}]'),
        '{"header": "YouTube", "title": "Zhlédnuto Film", "titleUrl": '
        f'"https://www.youtube.com/watch?v={VIDEO}", "time": "2023-11-14T22:23:20Z"}}',
        '{"header": "YouTube Music", "title": "Zhlédnuto video, které bylo odstraněno", '
        '"time": "2023-11-14T22:23:20Z"}',
    ),
    expected=(
        listen(1, "Anker", T1, video_id=VIDEO),
        listen(2, TITLE, T2, video_id=VIDEO),
        LeftOut(3, "advertisement"),
        LeftOut(4, "video"),
        LeftOut(5, "removed"),
    ),
    number="2023-11-14T22:18:20.000Z",
    broken='{"header": "YouTube Music, "title": "x"}',
    wrong_type=(f'"Zhlédnuto {TITLE}"', "[]"),
    encodings=("utf-8-sig", "utf-16"),  # Czech words are not in Latin-1
)


def _cell(header: str, links: str, when: str, foot: str = "Products:") -> str:
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">'
        f'{header}<br></p></div><div class="content-cell mdl-cell mdl-cell--6-col '
        f'mdl-typography--body-1">{links}<br>{when}<br></div><div class="content-cell mdl-cell '
        f'mdl-typography--caption"><b>{foot}</b><br>&emsp;YouTube<br></div></div></div>'
    )


def _links(title: str, channel: str) -> str:
    return (
        f'<a href="https://music.youtube.com/watch?v={VIDEO}">{title}</a> angesehen<br>'
        f'<a href="https://www.youtube.com/channel/x">{channel}</a>'
    )


YOUTUBE_HTML = Sample(
    source="youtube-html",
    name="Wiedergabeverlauf.html",
    begin="<html><head><title>Mein Aktivitätenverlauf: YouTube</title></head><body>"
    '<div class="mdl-grid">',
    between="",
    end="</div></body></html>",
    rows=(
        _cell("YouTube Music", _links("Anker", "Nadja Vogel - Topic"), "14.11.2023, 23:13:20 MEZ"),
        _cell("YouTube Music", _links(TITLE, "Nadja Vogel"), "14.11.2023, 23:18:20 MEZ"),
        _cell("YouTube", _links("Salz &amp; Meer", "Nadja Vogel - Topic"),
              "Nov 14, 2023, 10:23:20 PM UTC"),
        _cell("YouTube", _links("Werbung", "x"), "14.11.2023, 23:23:20 MEZ", "Von Google Ads"),
        _cell("YouTube Music", "Ein entferntes Video angesehen", "14.11.2023, 23:23:20 MEZ"),
    ),
    expected=(
        listen(1, "Anker", T1, video_id=VIDEO),
        listen(2, TITLE, T2, video_id=VIDEO),
        listen(3, "Salz & Meer", T3, video_id=VIDEO),
        LeftOut(4, "advertisement"),
        LeftOut(5, "removed"),
    ),
    number="14.11.2023, 23:18:20 MEZ",
    broken='<div class="outer-cell mdl-cell"><div class="content-cell',
)  # fmt: skip

SCROBBLER_LOG = Sample(
    source="scrobbler-log",
    name=".scrobbler.log",
    begin="#AUDIOSCROBBLER/1.1\n#TZ/UTC\n#CLIENT/Rockbox sansa 1.2\n",
    rows=(
        f"Nadja Vogel\tFähren\tAnker\t1\t180\tL\t{T1}\t{MBID}",
        f"Nadja Vogel\tFähren\t{TITLE}\t2\t181\tS\t{T2}\t",
        f"Nadja Vogel\t\tKai\t\t\tL\t{T3}",
    ),
    expected=(
        listen(1, "Anker", T1, album="Fähren", duration_s=180.0, recording_mbid=MBID,
               is_skip=False),
        listen(2, TITLE, T2, album="Fähren", duration_s=181.0, is_skip=True),
        listen(3, "Kai", T3, is_skip=False),
    ),
    number=f"{T2}",
    broken="Nadja Vogel\tFähren",
)  # fmt: skip

SHAZAM = Sample(
    source="shazam",
    name="shazamlibrary.csv",
    begin="Shazam Library\nIndex,TagTime,Title,Artist,URL,TrackKey\n",
    rows=tuple(
        f"{row},2023-11-14 22:{minute}:20,{title},Nadja Vogel,https://www.shazam.com/track/1,1"
        for row, (minute, title) in enumerate(((13, "Anker"), (18, TITLE), (23, "Kai")), 1)
    ),
    expected=tuple(
        listen(row, title, at, n_plays=0, loved=True) for row, (at, title) in enumerate(_TIMES, 1)
    ),
    number="2023-11-14 22:18:20",
    broken='2,2023-11-14 22:18:20,"x,Nadja Vogel,,',
)


def _itunes(number: int, title: str, more: str) -> str:
    return (
        f"<key>{number}</key><dict><key>Track ID</key><integer>{number}</integer>"
        f"<key>Name</key><string>{title}</string><key>Artist</key><string>Nadja Vogel</string>"
        f"<key>Total Time</key><integer>180000</integer>{more}</dict>"
    )


ITUNES = Sample(
    source="itunes",
    name="Library.xml",
    begin='<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD '
    'PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict>'
    "<key>Major Version</key><integer>1</integer><key>Tracks</key><dict>",
    end="</dict><key>Playlists</key><array><dict><key>Name</key><string>Library</string><key>Master"
    "</key><true/><key>Playlist ID</key><integer>9</integer><key>Playlist Items</key><array>"
    "<dict><key>Track ID</key><integer>1</integer></dict></array></dict><dict><key>Name</key>"
    "<string>Salz &amp; Meer</string><key>Playlist ID</key><integer>10</integer><key>Playlist "
    "Items</key><array><dict><key>Track ID</key><integer>3</integer></dict><dict><key>Track ID"
    "</key><integer>1</integer></dict></array></dict></array></dict></plist>",
    rows=(
        _itunes(1, "Anker", "<key>Play Count</key><integer>4</integer><key>Play Date UTC</key>"
                "<date>2023-11-14T22:13:20Z</date><key>Rating</key><integer>80</integer>"
                "<key>Location</key><string>file://localhost/Musik/Anker%201.mp3</string>"),
        _itunes(2, TITLE, "<key>Play Count</key><integer>2</integer><key>Play Date</key>"
                f"<integer>{T2 + 2_082_844_800}</integer><key>Rating</key><integer>60</integer>"
                "<key>Rating Computed</key><true/><key>Loved</key><true/>"),
        _itunes(3, "Kai", "<key>Date Added</key><date>2023-11-14T22:13:20Z</date>"),
        _itunes(4, "Folge", "<key>Podcast</key><true/>"),
    ),
    expected=(
        listen(1, "Anker", T1, duration_s=180.0, n_plays=4, rating=4.0, path="/Musik/Anker 1.mp3"),
        listen(2, TITLE, T2, duration_s=180.0, n_plays=2, loved=True),
        LeftOut(3, "empty"),
        LeftOut(4, "podcast"),
        entry(5, "Salz & Meer", "Kai", duration_s=180.0),
        entry(6, "Salz & Meer", "Anker", duration_s=180.0, path="/Musik/Anker 1.mp3"),
    ),
    number="<key>Play Count</key><integer>2</integer>",
    broken="<key>2</key><dict><key>Track ID</key><integer>2</integer><key>Name</key><string>x",
)  # fmt: skip

TABLE = Sample(
    source="table",
    name="plays.csv",
    begin="Track Name;Artist Name;Album;Played At;Seconds Played;Stars;Loved\n",
    rows=(
        "Anker;Nadja Vogel;Fähren;2023-11-14T22:13:20Z;180;5;no",
        f"{TITLE};Nadja Vogel;;{T2};;;yes",
        f'"Kai; zwei";Nadja Vogel;;{T3}000;4;;',
    ),
    expected=(
        listen(1, "Anker", T1, album="Fähren", played_s=180.0, rating=5.0),
        listen(2, TITLE, T2, loved=True),
        listen(3, "Kai; zwei", T3, played_s=4.0),
    ),
    number=f"{T2}",
    broken=f'"{TITLE};Nadja Vogel;;1700000300;;;yes',
)


def _rule(scope: str, **said: str) -> str:
    rest = "".join(f', "{key}": {value}' for key, value in said.items())
    return f'{{"scope": "{scope}", "target_id": "id of {scope}"{rest}}}'


def rule(row: int, scope: str, **more: object) -> ImportedRule:
    of_track = {key: more.pop(key) for key in list(more) if key in NamedTrack.__struct_fields__}
    of_track.setdefault("artists", ("Nadja Vogel",))
    return ImportedRule(row=row, scope=scope, track=NamedTrack(**of_track),  # type: ignore[arg-type]
                        target_id=f"id of {scope}", **more)  # type: ignore[arg-type]  # fmt: skip


_BY = '["Nadja Vogel"]'
NEVER_PLAY = Sample(
    source="segue-never-play",
    name="never_play.json",
    begin="[\n",
    between=",\n",
    end="\n]",
    rows=(
        _rule("artist", until="null", created_at=f"{T1}.5", artists=_BY, mbid=f'"{MBID}"'),
        _rule("track", until=f"{T2}", created_at=f"{T1}", title=f'"{TITLE}"', artists=_BY,
              album='"Fähren"', duration_s="180.5", spotify_id=f'"{SPOTIFY}"'),
        _rule("album", until="null", created_at=f"{T1}", album='"Fähren"', artists=_BY),
        '{"scope": "album", "target_id": "id of album", "until": null, "created_at": 1690000000}',
    ),
    expected=(
        rule(1, "artist", said_at=T1 + 0.5, mbid=MBID),
        rule(2, "track", said_at=T1, until=T2, title=TITLE, album="Fähren", duration_s=180.5,
             spotify_id=SPOTIFY, track_id="id of track"),
        rule(3, "album", said_at=T1, album="Fähren"),
        rule(4, "album", said_at=1_690_000_000, artists=()),
    ),
    number=f"{T2}",
    broken='{"scope": "track, "target_id" 4000}',
    wrong_type=(f'"{TITLE}"', "17"),
)  # fmt: skip

SAMPLES: tuple[Sample, ...] = (
    SPOTIFY_EXTENDED, SPOTIFY_ACCOUNT, SPOTIFY_LIBRARY, SPOTIFY_PLAYLISTS, LASTFM_CSV, LASTFM_SHORT,
    LASTFM_JSON, LIBREFM, LISTENBRAINZ, LISTENBRAINZ_FEEDBACK, MALOJA, PANO, JSPF, APPLE_ACTIVITY,
    APPLE_DAILY, APPLE_LIBRARY, APPLE_LIKES, YOUTUBE, YOUTUBE_HTML, SCROBBLER_LOG, SHAZAM, ITUNES,
    M3U, PLS, XSPF, TABLE, NEVER_PLAY,
)  # fmt: skip
