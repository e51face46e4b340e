"""What stands in the README of a listener's own data."""

README = """\
Your data from Segue
====================

All that Segue keeps about {name}, written on {day} (UTC). Every file is text: JSON
(RFC 8259) or JSON Lines, one object a line, in UTF-8. Times are Unix seconds, UTC, unless they say
otherwise.

To bring it back, to this server or to another, give the whole archive to "Bring your past" or to
`segue import history FILE --user NAME`. Whatever reads the export of ListenBrainz can read the
first two. What you allowed others to see is not switched on by that: you say it again yourself.

listens/YEAR/MONTH.jsonl
    Every play and skip that counts, in order of time, in the form of the ListenBrainz export.
    "listened_at" is when it began. Under "additional_info", "duration_played" is how many seconds
    were heard, "segue_track_id" is Segue's own id of the track, and "segue_kind" says "skip" where
    it was skipped.

feedback.jsonl
    What you loved ("score": 1), disliked (-1) and rated ("rating": 1 to 5), in the form of the
    ListenBrainz export with the rating added. Where "segue_kind" says "pick" it stands for an
    artist you picked, "playlist_add" for a track you put into a playlist.

playlists/*.jspf
    Your playlists, in order (JSPF, https://www.xspf.org/jspf). Those made by rules hold the
    tracks of today, and their rules under "extension".

never_play.json
    What is never to be played to you: tracks, artists and albums by id and by name, until when, or
    for good.

events.jsonl
    Every single thing you did, as Segue keeps it: plays, skips, love and its end, ratings, picks.
    What you took back is there too, with the time ("retracted_at"); nothing is learned from it.

profile.json
    Your account and what you said about yourself.

consents.json
    What you allowed others to see, and since when.

taste/played.json
    The artists and tracks you play most.

taste/learned.json
    What Segue has worked out from the above: how much it thinks you like each track ("preference",
    below zero is dislike), and you as the models see you: a weight for each genre, tag, artist and
    album ("content"), and numbers that have no names because a computer found them ("factors").

other/*.jsonl
    Whatever else is kept under your account, table by table: sessions, lists kept for the day or
    the week, doubtful rows of imports. Passwords and tokens are kept as fingerprints only,
    and those are left out.
"""
CONTENT_ABOUT = "the sum of what is written about the tracks you like, weighed by how much"
FACTORS_ABOUT = "coordinates among all listeners and tracks; nobody chose what each stands for"
