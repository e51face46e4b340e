"""What only the web player shows of a track."""

from typing import NamedTuple

from segue.bootstrap.ground import Ground
from segue.services.library import LibraryService
from segue.services.peaks import PeakService
from segue.store.analyses import Analyses
from segue.store.lyrics import Lyrics


class PlayerServices(NamedTuple):
    """Its words and the shape of its sound."""

    lyrics: Lyrics
    peaks: PeakService


def player_services(ground: Ground, library: LibraryService) -> PlayerServices:
    """Both on one database."""
    database = ground.database
    return PlayerServices(
        Lyrics(database), PeakService(library, Analyses(database), ground.clock)
    )  # fmt: skip
