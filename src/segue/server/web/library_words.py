"""What the library says by its tabs; translated where it is shown."""

from collections.abc import Mapping

from segue.server.web.language import later

TABS: Mapping[str, str] = {
    "albums": later("Albums"),
    "artists": later("Artists"),
    "tracks": later("Tracks"),
    "genres": later("Genres"),
    "years": later("Years"),
    "folders": later("Folders"),
}
NONE_FIT: Mapping[str, str] = {
    "albums": later("No albums fit both. Choose something wider."),
    "artists": later("No artists fit both. Choose something wider."),
    "tracks": later("No tracks fit both. Choose something wider."),
}
TO_COME: Mapping[str, str] = {
    "albums": later("Your albums will stand here once your music has been scanned."),
    "artists": later("Your artists will stand here once your music has been scanned."),
    "tracks": later("Your tracks will stand here once your music has been scanned."),
}
