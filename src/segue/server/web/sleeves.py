"""Albums and artists as sleeves on a shelf: only what the templates print."""

from dataclasses import dataclass

from segue.server.web.language import ngettext
from segue.server.web.words import names
from segue.store.catalog import Album, Artist


@dataclass(frozen=True, slots=True)
class AlbumSleeve:
    """One album on a shelf. ``by_id`` is the first credited artist, who is linked."""

    id: str
    title: str
    by: str
    by_id: str | None
    year: int | None
    cover_id: str | None


@dataclass(frozen=True, slots=True)
class ArtistSleeve:
    """One artist on a shelf."""

    id: str
    name: str
    note: str
    cover_id: str | None


def album_sleeve(album: Album) -> AlbumSleeve:
    """An album of the catalogue as it is printed."""
    return AlbumSleeve(
        id=album.id,
        title=album.title,
        by=names(album.artists),
        by_id=album.artists[0].id if album.artists else None,
        year=album.year,
        cover_id=album.cover_id,
    )


def artist_sleeve(artist: Artist) -> ArtistSleeve:
    """An artist of the catalogue as it is printed."""
    n = artist.n_tracks
    note = ngettext("%(n)s track", "%(n)s tracks", n) if n else ""
    return ArtistSleeve(id=artist.id, name=artist.name, note=note, cover_id=artist.cover_id)
