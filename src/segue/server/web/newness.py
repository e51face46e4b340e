"""How new a listener wants their radio: a number in a cookie, since it is of this moment and place.

Not part of the taste that is learned, and gone when the browser forgets it.
"""

from litestar.datastructures import Cookie

from segue.data.query import Controls
from segue.server.auth import SegueRequest

COOKIE = "segue_newness"
USUAL = 70  # of 100: where For you stands by itself
YEAR_S = 31_536_000


def newness_of(request: SegueRequest) -> int:
    """0 only what was heard before .. 100 only new; the usual where nothing was chosen."""
    given = request.cookies.get(COOKIE, "")
    return min(int(given), 100) if given.isascii() and given.isdigit() and len(given) < 4 else USUAL


def controls_of(newness: int) -> Controls | None:
    """The controls for For you; None leaves it to the station.

    >>> controls_of(USUAL), controls_of(100).familiar
    (None, 0.0)
    """
    return None if newness == USUAL else Controls(familiar=round(1.0 - newness / 100, 2))


def newness_cookie(newness: int) -> Cookie:
    """Keeps the choice for a year; our scripts read it to ask for more of the same."""
    return Cookie(key=COOKIE, value=str(newness), path="/", samesite="lax", max_age=YEAR_S)
