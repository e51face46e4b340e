"""Invented names of artists, albums and titles: other scripts, right to left, too long.

No name is meant to be that of a real artist or work.
"""

import numpy as np

_FIRST = (
    "Amber",
    "Paper",
    "Velvet",
    "Northern",
    "Quiet",
    "Copper",
    "Lunar",
    "Hollow",
    "Silver",
    "Saffron",
    "Distant",
    "Marble",
    "Electric",
    "Wandering",
    "Cobalt",
    "Salt",
    "Glass",
    "Harbour",
    "Ivory",
    "Juniper",
)
_SECOND = (
    "Lanterns",
    "Orchard",
    "Tide",
    "Satellites",
    "Foxes",
    "Cartographers",
    "Meridian",
    "Avenue",
    "Sparrows",
    "Engines",
    "Gardeners",
    "Telegraph",
    "Ferry",
    "Monsoon",
    "Static",
    "Archive",
)
_GIVEN = ("Ida", "Tomas", "Noor", "Elio", "Mara", "Jonas", "Leonie", "Rafael", "Sunniva", "Ansel")
_FAMILY = ("Varga", "Okonjo", "Lindqvist", "Moreau", "Castellan", "Ashdown", "Petrossi", "Hale")
_NOUN = (
    "Rain",
    "Window",
    "Morning",
    "Signal",
    "River",
    "Corner",
    "Letter",
    "Machine",
    "Garden",
    "Shadow",
    "Summer",
    "Mirror",
    "Station",
    "Ocean",
    "Ladder",
    "Ember",
    "Winter",
    "Compass",
    "Bridge",
    "Hour",
)
_PATTERNS = (
    "{a} of {b}",
    "The {a}",
    "{a} and {b}",
    "After the {a}",
    "{a}, {b}",
    "No {a} Tonight",
    "{a} Song",
    "Between {a} and {b}",
    "Slow {a}",
    "One More {a}",
    "{a} Without {b}",
    "Blue {a}",
    "{a} Street",
    "All the {b}s",
    "Under the {a}",
    "Dear {a}",
    "{a} Light",
    "Every {a}",
)

SCRIPT_ARTISTS: dict[int, str] = {4: "青い灯台", 9: "Тихий Маяк", 15: "גשר הרוח"}
SCRIPT_TITLES: dict[str, tuple[str, ...]] = {
    "青い灯台": (
        "夜明けの窓",
        "雨の手紙",
        "遠い駅",
        "夏の影",
        "星の地図",
        "静かな海",
        "朝の庭",
        "冬の橋",
    ),
    "Тихий Маяк": (
        "Утренний свет",
        "Река",
        "Письмо без адреса",
        "Станция",
        "Белая зима",
        "Мост",
        "Тень",
        "Долгий час",
    ),
    "גשר הרוח": (
        "אור ראשון",
        "מכתב מהים",
        "חלון פתוח",
        "הדרך הביתה",
        "צל של קיץ",
        "נהר",
        "גשם",
        "תחנה",
    ),
}
RIGHT_TO_LEFT_TITLE = "رسالة من البحر"
LONG_TITLE = (
    "On the Evening Train Past the Orchards, Where the Windows Held the Last of the Light and "
    "Nobody Spoke, I Counted Every Station Twice and Still Arrived at the Wrong House, Singing "
    "(A Short Song in One Part)"
)


def artist_name(index: int, rng: np.random.Generator, used: set[str]) -> str:
    """A name for the ``index``-th artist that is not in ``used``; the caller adds it there."""
    if index in SCRIPT_ARTISTS and SCRIPT_ARTISTS[index] not in used:
        return SCRIPT_ARTISTS[index]
    for attempt in range(10_000):
        if rng.random() < 0.35:
            name = f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}"
        else:
            name = f"{rng.choice(_FIRST)} {rng.choice(_SECOND)}"
        if attempt > 200:
            name += f" {index + 1}"  # the words ran out: a very large library
        if name not in used:
            return name
    raise AssertionError("the numbered name is unique")  # pragma: no cover


def song_title(artist: str, rng: np.random.Generator, used: set[str]) -> str:
    """A title by an artist, not in ``used``; in the artist's own script while its list lasts."""
    for title in SCRIPT_TITLES.get(artist, ()):
        if title not in used:
            return title
    for attempt in range(10_000):
        a, b = rng.choice(_NOUN, 2, replace=False)
        title = str(rng.choice(_PATTERNS)).format(a=a, b=b)
        if attempt > 200:
            title += f" No. {len(used) + 1}"
        if title not in used:
            return title
    raise AssertionError("the numbered title is unique")  # pragma: no cover
