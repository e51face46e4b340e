"""Samples of playlists; see :mod:`support.source_samples`."""

from support.source_samples import MBID, T1, T2, T3, TITLE, Sample, entry

_TIMES = ((T1, "Anker"), (T2, TITLE), (T3, "Kai"))

M3U = Sample(
    source="m3u",
    name="lists/Am Meer.m3u8",
    begin="#EXTM3U\n#PLAYLIST:Am Meer\n",
    rows=(
        "#EXTINF:180,Nadja Vogel - Anker\n#EXTALB:Fähren\nMusik/Anker.flac",
        f"#EXTINF:181,Nadja Vogel - {TITLE}\nC:\\Musik\\Überfahrt.mp3",
        "#EXTINF:-1,Nadja Vogel - Kai\nfile:///Musik/Kai%201.mp3",
    ),
    expected=(
        entry(1, "Am Meer", "Anker", album="Fähren", duration_s=180.0, path="Musik/Anker.flac"),
        entry(2, "Am Meer", TITLE, duration_s=181.0, path="C:\\Musik\\Überfahrt.mp3"),
        entry(3, "Am Meer", "Kai", path="/Musik/Kai 1.mp3"),
    ),
    broken="http://host/stream",
)

PLS = Sample(
    source="pls",
    name="Am Meer.pls",
    begin="[playlist]\n",
    rows=(
        "File1=/Musik/Anker.mp3\nTitle1=Nadja Vogel - Anker\nLength1=180",
        f"File2=Musik\\2.mp3\nTitle2=Nadja Vogel - {TITLE}\nLength2=-1",
        "Title3=Nadja Vogel - Kai\nFile3=file:///Musik/Kai%201.mp3",
    ),
    end="\nNumberOfEntries=3\nVersion=2\n",
    expected=(
        entry(1, "Am Meer", "Anker", duration_s=180.0, path="/Musik/Anker.mp3"),
        entry(2, "Am Meer", TITLE, path="Musik\\2.mp3"),
        entry(3, "Am Meer", "Kai", path="/Musik/Kai 1.mp3"),
    ),
    broken="File2=",
)

XSPF = Sample(
    source="xspf",
    name="meer.xspf",
    begin='<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/">'
    "<title>Am Meer</title><trackList>",
    end="</trackList></playlist>",
    rows=tuple(
        f"<track><location>file:///Musik/{n}%20a.mp3</location><identifier>https://musicbrainz.org/"
        f"recording/{MBID}</identifier><title>{title}</title><creator>Nadja Vogel</creator>"
        "<album>Fähren</album><duration>222000</duration></track>"
        for n, (_, title) in enumerate(_TIMES, 1)
    ),
    expected=tuple(
        entry(n, "Am Meer", title, album="Fähren", duration_s=222.0, recording_mbid=MBID,
              path=f"/Musik/{n} a.mp3")
        for n, (_, title) in enumerate(_TIMES, 1)
    ),
    broken="<track><duration>-1</duration></track>",
    encodings=("utf-8-sig", "utf-16"),
)  # fmt: skip
