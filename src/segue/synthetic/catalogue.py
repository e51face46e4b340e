"""Plans a whole demo library: artists with a sound of their own, albums, versions, compilations."""

import unicodedata

import numpy as np
from msgspec import Struct, structs

from segue.errors import InvalidInputError
from segue.rng import derived_rng
from segue.synthetic.names import LONG_TITLE, RIGHT_TO_LEFT_TITLE, artist_name, song_title
from segue.synthetic.plan import ArtistSound, TrackPlan
from segue.synthetic.style import Style
from segue.synthetic.styles import STYLES
from segue.synthetic.theory import MODE_BRIGHTNESS

VARIOUS_ARTISTS = "Various Artists"
MIN_DURATION_S, MAX_DURATION_S = 30.3, 36.0  # short: encoding costs as much as rendering
FORMS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("intro", 1), ("A", 4), ("B", 2), ("outro", 1)),
    (("intro", 1), ("A", 4), ("B", 4), ("outro", 1)),
    (("intro", 1), ("A", 4), ("break", 1), ("B", 4), ("outro", 1)),
    (("intro", 2), ("A", 4), ("B", 4), ("outro", 2)),
    (("intro", 2), ("A", 4), ("break", 2), ("B", 4), ("outro", 2)),
    (("intro", 2), ("A", 4), ("B", 4), ("break", 2), ("A", 2), ("outro", 2)),
    (("intro", 2), ("A", 4), ("B", 4), ("break", 2), ("B", 4), ("outro", 2)),
    (("intro", 2), ("A", 8), ("break", 2), ("B", 6), ("outro", 2)),
    (("intro", 4), ("A", 8), ("B", 8), ("outro", 2)),
    (("intro", 4), ("A", 8), ("break", 2), ("B", 8), ("outro", 2)),
    (("intro", 4), ("A", 8), ("B", 8), ("break", 4), ("B", 2), ("outro", 2)),
)
_ALBUM_SIZES = (3, 4, 3, 2, 3, 3, 4, 2, 3)
_TRACKS_PER_COMPILATION = 5


class _Artist(Struct, frozen=True, kw_only=True):
    name: str
    style: str
    sound: ArtistSound
    tempo_bpm: float
    tonics: tuple[int, ...]
    modes: tuple[str, ...]
    first_year: int
    valence_shift: float


def invent_artist(seed: int, index: int, style: Style, used: set[str]) -> _Artist:
    """The ``index``-th artist of a library: one style, a tempo, keys and a sound of their own."""
    rng = derived_rng(seed, "artist", index)
    low, high = style.tempo_bpm
    n_modes = min(len(style.modes), 2)
    first, last = style.years
    return _Artist(
        name=artist_name(index, rng, used),
        style=style.name,
        sound=ArtistSound(
            timbre=index // len(STYLES),
            brightness=float(rng.uniform(0.88, 1.14)),
            room=float(rng.uniform(0.8, 1.25)),
            kit_tone=float(rng.uniform(0.9, 1.1)),
            kit_pitch=float(rng.uniform(0.92, 1.08)),
        ),
        tempo_bpm=float(rng.uniform(low + 0.2 * (high - low), high - 0.2 * (high - low))),
        tonics=tuple(int(tonic) for tonic in rng.choice(12, 4, replace=False)),
        modes=tuple(str(mode) for mode in rng.choice(style.modes, n_modes, replace=False)),
        first_year=first + int((last - 3 - first) * float(rng.random()) ** 2),  # mostly pioneers
        valence_shift=float(rng.uniform(-0.08, 0.08)),
    )


def choose_form(
    bar_s: float, tail_s: float, rng: np.random.Generator
) -> tuple[tuple[str, int], ...]:
    """A form whose length lies in the wanted range, or the nearest to its middle."""
    lengths = {form: sum(n for _, n in form) * bar_s + tail_s for form in FORMS}
    fits = [form for form in FORMS if MIN_DURATION_S <= lengths[form] <= MAX_DURATION_S]
    if fits:
        return fits[int(rng.integers(len(fits)))]
    longer = [form for form in FORMS if lengths[form] >= MIN_DURATION_S]
    return min(longer, key=lambda form: lengths[form])


def mood_words(valence: float, arousal: float) -> str:
    """A word for a place in the plane of valence and arousal (Russell 1980)."""
    if arousal >= 0.5:
        return "energetic" if valence >= 0.5 else "intense"
    return "relaxed" if valence >= 0.5 else "melancholic"


def file_name(text: str, max_bytes: int = 120) -> str:
    """A title as a safe part of a path: no separators or reserved signs, limited UTF-8 length.

    >>> file_name("AC/DC: live?")
    'AC_DC_ live_'
    """
    safe = "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in text)
    encoded = unicodedata.normalize("NFC", safe).encode()[:max_bytes]
    return encoded.decode(errors="ignore").strip(" .") or "_"


def track_path(folder_artist: str, year: int, album: str, number: int, title: str) -> str:
    """``Artist/Year - Album/NN Title.ogg``."""
    album_folder = file_name(f"{year} - {album}")
    return f"{file_name(folder_artist)}/{album_folder}/{number:02d} {file_name(title)}.ogg"


class _Album(Struct, frozen=True, kw_only=True):
    """What the tracks of an album share."""

    number: int
    title: str
    year: int
    genres: tuple[str, ...]
    sound: ArtistSound
    valence_shift: float


def _invent_album(number: int, artist: _Artist, used: set[str], rng: np.random.Generator) -> _Album:
    """An album's title, year and genres, a shade of the artist's sound and a mood."""
    style = STYLES[artist.style]
    title = song_title("", rng, used)
    year = min(artist.first_year + 3 * (number // len(STYLES)) + int(rng.integers(3)), 2025)
    sound = structs.replace(
        artist.sound,
        brightness=artist.sound.brightness * float(rng.uniform(0.94, 1.06)),
        room=artist.sound.room * float(rng.uniform(0.9, 1.1)),
    )
    genres = style.genres[int(rng.integers(len(style.genres)))]
    valence_shift = artist.valence_shift + float(rng.uniform(-0.05, 0.05))
    return _Album(
        number=number, title=title, year=year, genres=genres, sound=sound,
        valence_shift=valence_shift,
    )  # fmt: skip


def _mood(
    style: Style, mode: str, tempo_bpm: float, valence_shift: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Valence and arousal, 0..1: where the style is centred, moved by mode and tempo."""
    low, high = style.tempo_bpm
    valence = style.valence + valence_shift + 0.12 * MODE_BRIGHTNESS[mode]
    valence += float(rng.uniform(-0.06, 0.06))
    arousal = style.arousal + 0.1 * ((tempo_bpm - low) / (high - low) - 0.5)
    arousal += float(rng.uniform(-0.05, 0.05))
    return round(float(np.clip(valence, 0.02, 0.98)), 3), round(
        float(np.clip(arousal, 0.02, 0.98)), 3
    )


def _plan_track(
    seed: int, place: int, artist: _Artist, album: _Album, used: set[str], rng: np.random.Generator
) -> TrackPlan:
    """The studio recording at a place of an album, counted from 1."""
    style = STYLES[artist.style]
    tempo = artist.tempo_bpm * float(rng.uniform(0.96, 1.04))
    tempo = round(float(np.clip(tempo, *style.tempo_bpm)), 1)
    mode = str(rng.choice(artist.modes))
    meter = int(rng.choice(style.meters))
    form = choose_form(meter * 60.0 / tempo, style.tail_s, rng)
    valence, arousal = _mood(style, mode, tempo, album.valence_shift, rng)
    title = song_title(artist.name, rng, used)
    used.add(title)
    moods = [str(mood) for mood in rng.choice(style.moods, 2, replace=False)]
    composition = f"{album.number:03d}-{place:02d}"
    return TrackPlan(
        path=track_path(artist.name, album.year, album.title, place, title),
        title=title, artists=(artist.name,), artist_credit=artist.name, album=album.title,
        album_artist=artist.name, album_year=album.year, year=album.year, track_number=place,
        genres=album.genres, moods=(*moods, mood_words(valence, arousal)),
        recording=f"{composition}/studio", composition=composition, version="studio",
        style=style.name, seed=seed, tempo_bpm=tempo,
        tonic=artist.tonics[int(rng.integers(len(artist.tonics)))], mode=mode,
        beats_per_bar=meter, form=form, valence=valence, arousal=arousal,
        duration_s=round(sum(n for _, n in form) * meter * 60.0 / tempo + style.tail_s, 3),
        sound=album.sound,
    )  # fmt: skip


def plan_album(
    seed: int, number: int, artist: _Artist, size: int, used: set[str]
) -> list[TrackPlan]:
    """An album's tracks: they share a shade of the artist's sound, a year, keys and a mood."""
    rng = derived_rng(seed, "album", number)
    album = _invent_album(number, artist, used, rng)
    plans = [_plan_track(seed, place, artist, album, used, rng) for place in range(1, size + 1)]
    used.add(album.title)
    return plans


def retitled(plan: TrackPlan, title: str) -> TrackPlan:
    """The same track under another title, its path too."""
    folder = plan.path.rsplit("/", 1)[0]
    path = f"{folder}/{plan.track_number:02d} {file_name(title)}.ogg"
    return structs.replace(plan, title=title, path=path)


def with_guest(plan: TrackPlan, guest: str) -> TrackPlan:
    """The same track credited ``A feat. B``."""
    return structs.replace(
        plan, artists=(*plan.artists, guest), artist_credit=f"{plan.artists[0]} feat. {guest}"
    )


def another_version(original: TrackPlan, place: TrackPlan, version: str) -> TrackPlan:
    """A live or acoustic version of a song in the place of another track of the same artist."""
    title = f"{original.title} ({version.capitalize()})"
    moved = structs.replace(
        original, album=place.album, album_year=place.album_year, year=place.album_year,
        track_number=place.track_number, path=place.path, version=version,
        recording=f"{original.composition}/{version}", has_cover=place.has_cover,
        arousal=round(original.arousal * (0.75 if version == "acoustic" else 1.0), 3),
        genres=("Folk", "Acoustic") if version == "acoustic" else original.genres,
    )  # fmt: skip
    return retitled(moved, title)


def with_oddities(albums: list[list[TrackPlan]], artists: list[_Artist]) -> list[list[TrackPlan]]:
    """What real libraries hold: guests, versions, odd titles, a missing year, a missing cover."""
    odd = [list(album) for album in albums]
    n_styles = len(STYLES)
    for number, album in enumerate(odd):
        if number % 4 == 1:
            guest = artists[(number + 2) % len(artists)].name
            album[1] = with_guest(album[1], guest)
        if number >= 2 * n_styles and number % 3 == 0:  # a second album: look back at the first
            original = odd[number - 2 * n_styles][0]
            version = "acoustic" if number % 2 else "live"
            album[-1] = another_version(original, album[-1], version)
    if odd:
        odd[0][1] = retitled(odd[0][1], RIGHT_TO_LEFT_TITLE)
    if len(odd) > 2:
        odd[1][0] = retitled(odd[1][0], LONG_TITLE[:200])
        odd[2][0] = structs.replace(odd[2][0], year=None)
    if len(odd) > 3:
        odd[3] = [structs.replace(plan, has_cover=False) for plan in odd[3]]
    return odd


def compilation(seed: int, number: int, studio: list[TrackPlan], used: set[str]) -> list[TrackPlan]:
    """An album by various artists that repeats recordings which stand elsewhere in the library."""
    rng = derived_rng(seed, "compilation", number)
    title = f"{song_title('', rng, used)}, Vol. {number + 1}"
    chosen: dict[str, TrackPlan] = {}
    for index in rng.permutation(len(studio)):
        plan = studio[int(index)]
        chosen.setdefault(plan.album_artist, plan)
        if len(chosen) == _TRACKS_PER_COMPILATION:
            break
    year = min(max(plan.album_year for plan in chosen.values()) + 1, 2025)
    return [
        structs.replace(
            plan, album=title, album_artist=VARIOUS_ARTISTS, album_year=year, year=year,
            track_number=place, path=track_path(VARIOUS_ARTISTS, year, title, place, plan.title),
            has_cover=True,
        )
        for place, plan in enumerate(chosen.values(), start=1)
    ]  # fmt: skip


def compose_library(seed: int, n_tracks: int = 128) -> list[TrackPlan]:
    """Plans a library; nothing is rendered yet.

    Args:
        seed: Any integer >= 0. Equal seeds give equal plans.
        n_tracks: >= 1. From 40 on a compilation joins for every 60 tracks begun; from about 100 on
            every style, two artists for each and some live and acoustic versions are there.

    Returns:
        ``n_tracks`` plans with distinct paths, album by album.

    Raises:
        InvalidInputError: ``n_tracks`` or ``seed`` is out of range.

    >>> [plan.track_number for plan in compose_library(1, 4)]
    [1, 2, 3, 1]
    """
    if n_tracks < 1 or seed < 0:
        raise InvalidInputError(
            f"n_tracks={n_tracks}, seed={seed}: a library needs n_tracks >= 1 and seed >= 0"
        )
    styles = list(STYLES.values())
    n_compilations = 0 if n_tracks < 40 else (n_tracks + 59) // 60
    n_own = n_tracks - n_compilations * _TRACKS_PER_COMPILATION
    used: set[str] = set()
    artists: list[_Artist] = []
    albums: list[list[TrackPlan]] = []
    while sum(map(len, albums)) < n_own:
        number = len(albums)
        # every artist's first album, then every second one; four albums each, then new artists
        generation, place = divmod(number, 2 * len(styles))
        index = place + 2 * len(styles) * (generation // 4)
        if index == len(artists):
            artist = invent_artist(seed, index, styles[index % len(styles)], used)
            used.add(artist.name)
            artists.append(artist)
        size = _ALBUM_SIZES[number % len(_ALBUM_SIZES)]
        albums.append(plan_album(seed, number, artists[index], size, used))
    own = [plan for album in with_oddities(albums, artists) for plan in album][:n_own]
    studio = [plan for plan in own if plan.version == "studio" and plan.year is not None]
    extra = [plan for k in range(n_compilations) for plan in compilation(seed, k, studio, used)]
    return own + extra
