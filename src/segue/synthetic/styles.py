"""Every style by its name, in the order in which a library fills up."""

from segue.synthetic.band_styles import BAND_STYLES, FOLK
from segue.synthetic.beat_styles import BEAT_STYLES
from segue.synthetic.electronic_styles import ELECTRONIC_STYLES
from segue.synthetic.rock_styles import ROCK_STYLES
from segue.synthetic.style import Style

STYLES: dict[str, Style] = {
    style.name: style for style in (*BAND_STYLES, *ROCK_STYLES, *ELECTRONIC_STYLES, *BEAT_STYLES)
}
ACOUSTIC_ARRANGEMENT = FOLK  # who plays when a song is done again without electricity
