"""What pages and APIs show: tracks with a listener's own marks and reasons, lists, home."""

from msgspec import Struct

from segue.data.items import Reason, StageReport
from segue.data.records import Track
from segue.store.catalog_records import CatalogCounts
from segue.store.jobs import Job


class TrackView(Struct, frozen=True, kw_only=True):
    """A track as one listener sees it."""

    track: Track
    reasons: tuple[Reason, ...] = ()
    loved: bool = False
    disliked: bool = False
    rating: float | None = None
    score: float | None = None
    source_scores: dict[str, float] = {}


class ListView(Struct, frozen=True, kw_only=True):
    """One list with everything that explains it.

    ``fallback`` names the step that filled the list when taste could not, and ``fallback_text``
    says so in words; ``stages`` tell what each step of the pipeline removed.
    """

    station: str
    title: str
    tracks: list[TrackView]
    fallback: str | None = None
    fallback_text: str = ""
    model_version: str | None = None
    seed_track_ids: tuple[str, ...] = ()
    stages: tuple[StageReport, ...] = ()


class HomeView(Struct, frozen=True, kw_only=True):
    """Everything on a listener's home page, in one answer."""

    hero: ListView
    because: list[ListView]
    recent: list[TrackView]
    most_played: list[TrackView]
    new: ListView | None
    rediscover: ListView | None
    counts: CatalogCounts
    active_jobs: list[Job]
