"""Every source there is, and which of them reads what of an export.

The order decides where two could read a member: a source for one service comes before a general
one. Adding a source is one line here, one in the contract suite and one in docs/import.md.
"""

from collections.abc import Sequence

from segue.errors import InvalidInputError
from segue.sources import (
    apple,
    beets,
    itunes,
    jspf,
    lastfm,
    listenbrainz,
    m3u,
    maloja,
    navidrome,
    own_export,
    own_profile,
    own_rules,
    pano,
    pls,
    scrobbler_log,
    shazam,
    spotify,
    spotify_library,
    table,
    xspf,
    youtube,
    youtube_html,
)
from segue.sources.base import Format, Member, Recognised, Unread, why
from segue.sources.databases import MAGIC

SOURCES: tuple[Format, ...] = (
    spotify.EXTENDED,
    spotify.ACCOUNT,
    spotify_library.LIBRARY,
    spotify_library.PLAYLISTS,
    listenbrainz.LISTENS,
    listenbrainz.FEEDBACK,
    own_rules.NEVER_PLAY,
    own_profile.PROFILE,
    own_profile.CONSENTS,
    maloja.MALOJA,
    pano.PANO,
    jspf.JSPF,
    lastfm.FULL_CSV,
    lastfm.LIBREFM,
    lastfm.JSON,
    apple.ACTIVITY,
    apple.DAILY,
    apple.LIBRARY,
    apple.LIKES,
    youtube.JSON,
    youtube_html.HTML,
    itunes.ITUNES,
    scrobbler_log.SCROBBLER_LOG,
    shazam.SHAZAM,
    beets.BEETS,
    navidrome.NAVIDROME,
    m3u.M3U,
    pls.PLS,
    xspf.XSPF,
    lastfm.SHORT_CSV,
    table.TABLE,
)


def source_named(name: str) -> Format:
    """The source of that name.

    Raises:
        InvalidInputError: There is none.
    """
    for source in SOURCES:
        if source.name == name:
            return source
    names = ", ".join(source.name for source in SOURCES)
    raise InvalidInputError(f"there is no source {name[:40]!r}; there are {names}")


def recognised(members: Sequence[Member]) -> tuple[list[Recognised], list[Unread]]:
    """Who reads which member of one export, in the order given, and what nobody reads.

    Sources that look things up in other members of the export are told of them.
    """
    found: list[Recognised] = []
    unread: list[Unread] = []
    for member in members:
        try:
            source = next((source for source in SOURCES if source.recognises(member)), None)
            reason = "" if source else _why_unread(member)
        except InvalidInputError as error:
            source, reason = None, why(member.name, error)
        if source is None:
            unread.append(Unread(member.name, reason))
        else:
            found.append(Recognised(member, source.joined(members)))
    return found, own_export.missed(unread, members)


def _why_unread(member: Member) -> str:
    head = member.head()
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n"):
        return "is empty"
    if head.startswith(MAGIC):
        if member.path is None:
            return "is a database inside an archive; unpack it and give the file"
        return "is a database, but neither of beets nor of Navidrome, or it is being written"
    if head.count(0) > len(head) // 20 and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return "is no text"
    return "holds no listens, marks or playlists in a form that is known"
