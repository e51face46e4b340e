"""YouTube and YouTube Music by Google Takeout, as JSON.

File names and the words around a title are in the account's language, so the words are learned from
the titles at the beginning. Only music is kept: what was played in YouTube Music, or came from an
artist's own channel ("... - Topic").
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack
from segue.sources.base import Format, Member
from segue.sources.decoded import head_text, open_text
from segue.sources.json_rows import json_rows
from segue.sources.moments import moment_s
from segue.sources.rows import each_object
from segue.sources.values import clean, members, one_artist, text, video_id

TOPIC = " - Topic"
MUSIC = "YouTube Music"
_AD = "google ads"
_TITLE = re.compile(r'"title"\s*:\s*("(?:[^"\\]|\\.)*")')
_MANY = 0.6  # share of titles that have the words around them
_MIN_TITLES = 8
_BEFORE = ("Watched ", "Listened to ", "Zhlédnuto ", "Vous avez regardé ", "Has visto ",
           "Hai guardato ",
           "Assistiu a ", "Você assistiu a ", "Viste ", "Du har sett ", "Du har set ",
           "Obejrzano: ", "Katsottu ", "Вы посмотрели видео ", "Просмотрено видео ", "Ai vizionat ",
           "Переглянуто ", "Megtekintve: ", "观看了 ", "已观看 ", "已觀看 ", "Vu : ")  # fmt: skip
_AFTER = (" angesehen", " bekeken", " を視聴しました", "を視聴しました", " 을(를) 시청했습니다",
          " izlendi", " adlı videoyu izlediniz", " megtekintve")  # fmt: skip


def _is_history(member: Member) -> bool:
    head = head_text(member)
    return (
        head.lstrip().startswith("[")
        and '"header"' in head
        and '"time"' in head
        and ("YouTube" in head)
        and '"title"' in head
    )


def words_around(titles: Sequence[str]) -> tuple[str, str]:
    """What stands before and after the title of what was watched, in the account's language.

    >>> words_around(["Zhlédnuto Holubí dům", "Zhlédnuto Sladké mámení"])
    ('Zhlédnuto ', '')
    """
    distinct = sorted(set(titles))
    for words in _BEFORE:
        if sum(title.startswith(words) for title in distinct) > _MANY * len(distinct):
            return words, ""
    for words in _AFTER:
        if sum(title.endswith(words) for title in distinct) > _MANY * len(distinct):
            return "", words
    if len(distinct) < _MIN_TITLES:
        return "", ""
    before = _shared([title.split(" ") for title in distinct])
    after = _shared([title.split(" ")[::-1] for title in distinct])
    return "".join(f"{word} " for word in before), "".join(f" {word}" for word in after[::-1])


def _shared(titles: Sequence[Sequence[str]]) -> list[str]:
    """First words that most titles share, leaving each a word of its own."""
    shared: list[str] = []
    while True:
        at = len(shared)
        words = Counter(
            title[at] for title in titles if len(title) > at + 1 and list(title[:at]) == shared
        )
        word, n = words.most_common(1)[0] if words else ("", 0)
        if n <= _MANY * len(titles):
            return shared
        shared.append(word)


def _read(member: Member) -> Iterator[ImportedRow]:
    titles: list[str] = []
    for quoted in _TITLE.findall(head_text(member)):
        try:
            titles.append(json.loads(quoted).replace("\xa0", " "))
        except ValueError:
            continue  # damaged; its row will say so
    around = words_around(titles)
    with open_text(member) as file:
        yield from each_object(
            json_rows(file), lambda found: _watched(found.row, found.value, around)
        )


def _watched(row: int, value: Mapping[str, Any], around: tuple[str, str]) -> ImportedRow:
    if any(_AD in str(detail.get("name")).lower() for detail in members(value, "details")):
        return LeftOut(row, "advertisement")
    url = text(value, "titleUrl")
    channel = next((text(entry, "name") for entry in members(value, "subtitles")), "")
    is_music = text(value, "header") == MUSIC or url.startswith("https://music.youtube.com/")
    if not is_music and not channel.endswith(TOPIC):
        return LeftOut(row, "video")
    title = clean(text(value, "title").replace("\xa0", " "), "title")
    title = title.removeprefix(around[0]).removesuffix(around[1]).strip()
    if not url or not title or title.startswith(("https://", "http://")):
        return LeftOut(row, "removed")
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=one_artist(channel.removesuffix(TOPIC)),
            video_id=video_id(url),
        ),
        listened_at=moment_s(value.get("time", ""), "time"),
    )


JSON = Format(
    name="youtube",
    title="YouTube Music, Takeout as JSON",
    recognises=_is_history,
    rows=_read,
)
