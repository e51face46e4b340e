"""The plan of one demo track: what fixes its sound, its tags and its truth. Pure data."""

from msgspec import Struct

RENDER_VERSION = 2  # raised whenever the same plan would sound different


class ArtistSound(Struct, frozen=True, kw_only=True):
    """What an artist always does alike, and an album's shade of it.

    ``timbre`` picks among the instruments a style allows; ``brightness`` scales cutoffs (0.7..1.4);
    ``room`` scales reverberation; ``kit_tone`` and ``kit_pitch`` scale the drums.
    """

    timbre: int
    brightness: float
    room: float
    kit_tone: float
    kit_pitch: float


class TrackPlan(Struct, frozen=True, kw_only=True):
    """One file of the demo library.

    ``recording`` is equal for two files that hold one recording; ``composition`` is equal for all
    versions of one song. ``path`` is relative to the library folder, with ``/``. ``artists`` are
    in order of credit; ``artist_credit`` is how the tag writes them. ``year`` is None for the
    track that has none. ``valence`` and ``arousal`` lie in 0..1.
    """

    path: str
    title: str
    artists: tuple[str, ...]
    artist_credit: str
    album: str
    album_artist: str
    album_year: int
    year: int | None
    track_number: int
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    recording: str
    composition: str
    version: str  # "studio", "live" or "acoustic"
    style: str
    seed: int
    tempo_bpm: float
    tonic: int
    mode: str
    beats_per_bar: int
    form: tuple[tuple[str, int], ...]  # sections and their bars
    valence: float
    arousal: float
    duration_s: float
    sound: ArtistSound
    has_cover: bool = True

    @property
    def time_signature(self) -> str:
        """As musicians write it, for example ``4/4``."""
        return f"{self.beats_per_bar}/4"
