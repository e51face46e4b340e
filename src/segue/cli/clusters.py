"""`segue cluster`."""

import typer

from segue.cli.output import JsonOption, emit, emit_table
from segue.cli.root import cli, opened


@cli.command()
def cluster(context: typer.Context, as_json: JsonOption = False) -> None:
    """Print the groups that the tracks of the library fall into; training makes them."""
    with opened(context) as app:
        found = app.maps.seen_by("").clusters()
        titles = {
            track.id: f"{track.title} – {', '.join(artist.name for artist in track.artists)}"
            for one in found
            for track in app.catalog.tracks(one.track_ids[:3])
        }
    if as_json:
        emit(found, as_json)
        return
    rows = [
        (one.name, f"{one.n_tracks:,}", "; ".join(titles.get(i, i) for i in one.track_ids[:3]))
        for one in found
    ]
    if rows:
        emit_table("Groups of your library", ("group", "tracks", "for example"), rows)
    else:
        emit(None, as_json, "There are no groups yet: run segue train first.")
