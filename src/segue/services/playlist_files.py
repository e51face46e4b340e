"""Playlists as files that other programs read: M3U8, XSPF, JSPF."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec.structs import replace

from segue.data.imported import NamedTrack
from segue.errors import InvalidInputError
from segue.services.export import plain_name
from segue.services.smart_playlists import SmartPlaylistService
from segue.sources.jspf import write_jspf
from segue.sources.m3u import write_m3u
from segue.sources.xspf import write_xspf
from segue.store.catalog import Catalog
from segue.store.own_data import OwnData
from segue.store.playlists import Playlists

Write = Callable[[str, Iterable[NamedTrack]], Iterator[str]]
FORMS: Mapping[str, tuple[str, Write]] = MappingProxyType({
    "m3u8": ("audio/x-mpegurl; charset=utf-8", write_m3u),
    "xspf": ("application/xspf+xml", write_xspf),
    "jspf": ("application/json", write_jspf),
})  # fmt: skip


class PlaylistFiles:
    """Writes playlists.

    Args:
        playlists: Their names.
        smart: Their tracks.
        own: Names of tracks.
        catalog: Their files.
        music_dirs: Paths are written from these folders on; what lies above is nobody's business.
    """

    def __init__(
        self,
        playlists: Playlists,
        smart: SmartPlaylistService,
        own: OwnData,
        catalog: Catalog,
        music_dirs: Callable[[], Sequence[Path]],
    ) -> None:
        self._playlists = playlists
        self._smart = smart
        self._own = own
        self._catalog = catalog
        self._music_dirs = music_dirs

    def write(self, account_id: str, playlist_id: str, form: str) -> tuple[str, str, bytes]:
        """Name, media type and content of the file. M3U8 leaves out tracks without a file.

        Raises:
            NotFoundError: No such playlist, or not for this account.
            InvalidInputError: No such form.
        """
        if form not in FORMS:
            raise InvalidInputError(f"form must be one of {', '.join(FORMS)}, got {form[:20]!r}")
        name = self._playlists.get(account_id, playlist_id).playlist.name
        ids = self._smart.track_ids(account_id, playlist_id)
        named = self._own.names(ids)
        tracks = [named[id_] for id_ in ids if id_ in named]
        if form == "m3u8":
            tracks = [t for track in tracks if (t := self._with_path(track)).path]
        media_type, write = FORMS[form]
        content = "".join(write(name, tracks)).encode("utf-8", "surrogateescape")
        return f"{plain_name(name)[:80] or 'playlist'}.{form}", media_type, content

    def _with_path(self, track: NamedTrack) -> NamedTrack:
        file = self._catalog.file_of_track(track.track_id)
        return track if file is None else replace(track, path=self._shown(Path(file.path)))

    def _shown(self, path: Path) -> str:
        for folder in self._music_dirs():
            if path.is_relative_to(folder):
                return path.relative_to(folder).as_posix()
        return path.name
