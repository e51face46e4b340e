"""Train, compare, publish and roll back model sets; read the data out of the store for it."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from msgspec import structs

from segue import __version__
from segue.audio.described import sound_of_described
from segue.audio.vector import FEATURES_VERSION
from segue.data import described
from segue.data.dataset import Dataset
from segue.data.vocabulary import Vocabulary
from segue.errors import ArtifactError, NotFoundError
from segue.log import get_logger
from segue.models.ask import AskIndex
from segue.models.music_map import EarlierMap
from segue.models.versions import joined_by_groups, parted, recording_groups
from segue.services.analysis import KIND, sound_columns
from segue.services.library import Progress
from segue.services.words import Report, WordService, documents_of
from segue.store.analyses import Analyses
from segue.store.catalog import Catalog
from segue.store.history import History
from segue.store.models import ModelVersion, ModelVersions
from segue.store.recordings import Recordings
from segue.text.genres import genre_tree
from segue.training import artifacts
from segue.training.artifacts import Manifest
from segue.training.compare import Comparison
from segue.training.local import METRIC, Trained, TrainingPlan, train_set
from segue.training.mapping import draw_map
from segue.types import FloatMatrix

N_KEPT_VERSIONS = 3
WORSE_BY = 0.9  # a set whose best score falls below this share of the one in service is kept back,
# though the two were measured on different slices: something is wrong with the data

_log = get_logger("training")


@dataclass(frozen=True, slots=True)
class _Library:
    """All that is learned from, read once."""

    dataset: Dataset
    documents: list[str]
    lyrics: list[str]
    sound_columns: dict[str, int]

    def plan(self, plan: TrainingPlan) -> TrainingPlan:
        """The plan, its models told where the named features stand."""
        if "knowledge" not in plan.models or not self.sound_columns:
            return plan
        knowledge = {"sound_columns": self.sound_columns} | plan.models["knowledge"]
        return structs.replace(plan, models=plan.models | {"knowledge": knowledge})

    def ask(self) -> AskIndex:
        """What requests in words are answered from."""
        return AskIndex.fit(
            self.dataset,
            self.documents,
            canonical_genre=genre_tree().name,
            sound_columns=self.sound_columns,
            lyrics=self.lyrics,
        )


class TrainingService:
    """From the store to a published model set.

    Args:
        catalog: Tracks.
        history: Events.
        analyses: What was heard in the tracks.
        versions: Register of what was published.
        models_dir: Folder of all versions.
        words: What is written about the tracks.
        clock: Unix time (s).
        zones: The time zone of each listener.
        recordings: Tracks that hold one recording by sound; None where nobody looked.
    """

    def __init__(
        self,
        catalog: Catalog,
        history: History,
        analyses: Analyses,
        versions: ModelVersions,
        models_dir: Path,
        words: WordService,
        clock: Callable[[], float] = time.time,
        zones: Callable[[], Mapping[str, tzinfo]] = dict,
        recordings: Recordings | None = None,
    ) -> None:
        self._recordings = recordings
        self._words = words
        self._zones = zones
        self._catalog = catalog
        self._history = history
        self._analyses = analyses
        self._versions = versions
        self._models_dir = models_dir
        self._clock = clock

    def dataset(self) -> Dataset:
        """The whole library and all listens, as models see them."""
        return self._read().dataset

    def train(self, progress: Progress, plan: TrainingPlan | None = None) -> Manifest:
        """Learn from everything, write a version, and publish it unless it loses.

        Where models or parameters changed, both are fitted on the same past and asked for the same
        later listens; with the same ones there is nothing to compare but more data.

        Raises:
            JobCancelledError: Somebody asked to stop; nothing is published.
        """
        progress.report(0, message="Reading the library and its listens")
        read_at = self._read_at()  # before reading: what comes in between is news
        library = self._read(
            lambda done, total: progress.report(
                done, total, unit="tracks", message="Reading what is written about the music"
            )
        )

        def report(done: int, total: int, message: str) -> None:
            progress.report(done, total, unit="steps", message=message)

        plan = library.plan(plan or TrainingPlan())
        trained = train_set(library.dataset, plan, report, self._params_in_service())
        progress.report(0, message="Drawing the map of your music")
        music_map = draw_map(library.dataset, self._earlier_map())
        manifest = artifacts.write_version(
            self._models_dir,
            self._manifest(library.dataset, trained, read_at),
            library.dataset.tracks,
            trained.models,
            trained.ranker,
            library.ask(),
            music_map,
        )
        self._register(manifest, trained.comparison)
        self.forget_departed()
        return manifest

    def forget_departed(self) -> list[str]:
        """Remove the sets that learned from listeners who are gone since, once there is another.

        Sets hold rows of single listeners, without names: their likes and their sessions. A set
        that was kept back for its scores is put in service when all earlier ones must go.

        Returns:
            The removed versions.
        """
        n_departed = self._history.n_departed()
        versions = artifacts.versions(self._models_dir)
        reads = {v: artifacts.read_manifest(self._models_dir, v).read_at for v in versions}
        stale = [v for v in versions if reads[v].get("departed", 0) < n_departed]
        clean = [v for v in versions if v not in stale]
        if not stale or not clean:
            return []
        if artifacts.current_version(self._models_dir) not in clean:
            self.publish(clean[-1])
        artifacts.remove(self._models_dir, stale)
        _log.info("model sets removed", versions=stale, reason="they knew a listener who left")
        return stale

    def _read(self, report: Report = lambda _done, _total: None) -> "_Library":
        tracks = self._catalog.track_table()
        vectors: dict[str, FloatMatrix] = {}
        heard, columns = self._sound(tracks.ids)
        if heard is not None:
            vectors["sound"] = heard
            # tags join what they name alike; sound joins copies of one recording whatever they say
            sketches = self._analyses.sketches(KIND, tracks.ids)
            same = recording_groups(sketches, tracks.duration_s, tracks.recording_idx)
            tracks = dataclasses.replace(tracks, recording_idx=same)
        if self._recordings is not None:
            tracks = joined_by_groups(tracks, self._recordings.groups())
            tracks = parted(tracks, self._recordings.told_apart())
        lyrics = self._words.lyrics(tracks)
        documents = documents_of(tracks, lyrics)
        if len(tracks):
            vectors["text"] = self._words.vectors(tracks, documents, report)
        tracks = dataclasses.replace(tracks, vectors=vectors)
        listeners = Vocabulary(self._history.listener_ids_with_events())
        events = self._history.event_columns(listeners, tracks.ids, tracks.duration_s)
        dataset = Dataset.from_events(tracks, listeners, events, self._clock(), zones=self._zones())
        return _Library(dataset, documents, lyrics, columns)

    def _sound(self, ids: Vocabulary) -> tuple[FloatMatrix | None, dict[str, int]]:
        """What was heard in each track or is said of it elsewhere, and where named features stand.

        Names hold for the newest version only; an older one serves while the music is heard again.
        """
        heard = self._analyses.vectors(KIND, ids)
        if heard is not None and heard[1] != FEATURES_VERSION:
            return heard[0], {}
        matrix = None if heard is None else heard[0]
        said = self._analyses.vectors(described.KIND, ids)
        if said is not None:
            matrix = sound_of_described(said[0], matrix)
        return matrix, {} if matrix is None else sound_columns()

    def _manifest(self, dataset: Dataset, trained: Trained, read_at: dict[str, int]) -> Manifest:
        created_at = self._clock()
        stamp = datetime.fromtimestamp(created_at, UTC).strftime("%Y%m%dT%H%M%S")
        times = dataset.events.listened_at
        return Manifest(
            version=artifacts.new_version(stamp),
            code_version=__version__,
            created_at=created_at,
            n_tracks=dataset.n_tracks,
            n_listeners=dataset.n_listeners,
            n_events=len(dataset.events),
            data_from=float(times.min()) if len(times) else 0.0,
            data_until=float(times.max()) if len(times) else 0.0,
            models=tuple(trained.models),
            params={name: dict(values) for name, values in trained.params.items()},
            read_at=read_at,
            scores=trained.scores,
            intervals=trained.intervals,
            notes=_notes(trained),
        )

    def _earlier_map(self) -> EarlierMap | None:
        """The map in service, for the next one to stay near to."""
        try:
            version = artifacts.current_version(self._models_dir)
            if version is None:
                return None
            return artifacts.read_earlier_map(self._models_dir, version)
        except ArtifactError as error:
            _log.error("the earlier map cannot be read", reason=str(error))
            return None

    def publish(self, version: str) -> None:
        """Put a version in service, whatever its scores.

        Raises:
            NotFoundError: No such version.
        """
        if version not in artifacts.versions(self._models_dir):
            raise NotFoundError(f"no model version {version!r}; see `segue models list`")
        artifacts.read_version(self._models_dir, version, thorough=True)  # nothing damaged
        artifacts.publish(self._models_dir, version)
        self._versions.set_state(version, "published", self._clock())

    def rollback(self) -> str:
        """Put the version before the one in service back, and return its name.

        Raises:
            NotFoundError: There is no earlier version.
        """
        current = artifacts.current_version(self._models_dir)
        earlier = [v for v in artifacts.versions(self._models_dir) if current and v < current]
        if not earlier or current is None:
            raise NotFoundError("there is no earlier model version to go back to")
        self.publish(earlier[-1])
        self._versions.set_state(current, "rolled_back")
        return earlier[-1]

    def known_versions(self, limit: int = 50) -> tuple[ModelVersion, ...]:
        """What is noted of versions, those that are no longer on disk too, newest first."""
        return self._versions.list(limit)

    def manifests(self) -> list[tuple[Manifest, bool]]:
        """Every version on disk, newest first, and whether it is in service."""
        current = artifacts.current_version(self._models_dir)
        return [
            (artifacts.read_manifest(self._models_dir, version), version == current)
            for version in reversed(artifacts.versions(self._models_dir))
        ]

    def manifest(self, version: str | None = None) -> tuple[Manifest, bool]:
        """One version, and whether it is in service.

        Args:
            version: Its name; None is the one in service.

        Raises:
            NotFoundError: No such version, or none is in service.
        """
        current = artifacts.current_version(self._models_dir)
        chosen = version or current
        if chosen is None or chosen not in artifacts.versions(self._models_dir):
            named = "in service" if version is None else repr(version)
            raise NotFoundError(f"no model version {named}; see `segue models list`")
        return artifacts.read_manifest(self._models_dir, chosen), chosen == current

    def trained_at(self) -> float | None:
        """When the newest set was made, Unix time (s); None when there is none."""
        versions = artifacts.versions(self._models_dir)
        return (
            artifacts.read_manifest(self._models_dir, versions[-1]).created_at if versions else None
        )

    def has_news(self) -> bool:
        """Whether there is an event or a track that the newest set has not learned from.

        A set that was kept back has learned from them too: the same data would lose again.
        """
        versions = artifacts.versions(self._models_dir)
        if not versions:
            return True
        newest = artifacts.read_manifest(self._models_dir, versions[-1])
        return newest.read_at != self._read_at()

    def _read_at(self) -> dict[str, int]:
        mark = self._history.mark_of_all()
        return {"event": mark.newest_event_id, "retracted": mark.n_retracted,
                "catalogue": self._catalog.version(),
                "departed": self._history.n_departed()}  # fmt: skip

    def _register(self, manifest: Manifest, comparison: Comparison | None) -> None:
        reason = str(comparison) if comparison is not None and comparison.is_lost else None
        reason = reason or self._fell_far(manifest)
        self._versions.register(
            manifest.version, _summary(manifest), dict(manifest.scores), manifest.created_at
        )
        if reason:
            _log.warning("model set kept back", version=manifest.version, reason=reason)
            return
        artifacts.publish(self._models_dir, manifest.version)
        self._versions.set_state(manifest.version, "published", self._clock())
        artifacts.prune(self._models_dir, N_KEPT_VERSIONS)
        _log.info("model set published", version=manifest.version, **manifest.scores)

    def _in_service(self) -> Manifest | None:
        try:
            current = artifacts.current_version(self._models_dir)
            return None if current is None else artifacts.read_manifest(self._models_dir, current)
        except ArtifactError as error:
            _log.warning("the set in service is damaged, it is replaced", reason=str(error))
            return None

    def _params_in_service(self) -> dict[str, dict[str, Any]] | None:
        """Models and parameters to compare with; None where a set does not say."""
        manifest = self._in_service()
        return None if manifest is None or not manifest.params else manifest.params

    def _fell_far(self, manifest: Manifest) -> str | None:
        """Why a set is not published although it did not lose on the same slice, if it is not.

        The best scores of two trainings are of different slices of time, so only a large fall
        counts: it says that something happened to the data, not to the models.
        """
        before = self._in_service()
        if before is None or not manifest.scores or not before.scores:
            return None
        new, old = _best(manifest.scores), _best(before.scores)
        return f"best {METRIC} {new:.4f}, in service {old:.4f}" if new < WORSE_BY * old else None


def _notes(trained: Trained) -> tuple[str, ...]:
    if trained.comparison is None:
        return trained.notes
    return (*trained.notes, f"against the set in service: {trained.comparison}")


def _best(scores: dict[str, float]) -> float:
    return max(value for name, value in scores.items() if name.endswith(METRIC))


def _summary(manifest: Manifest) -> dict[str, object]:
    return {
        "code_version": manifest.code_version,
        "n_tracks": manifest.n_tracks,
        "n_listeners": manifest.n_listeners,
        "n_events": manifest.n_events,
        "data_until": manifest.data_until,
        "models": list(manifest.models),
        "notes": list(manifest.notes),
    }
