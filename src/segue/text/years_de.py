"""Years as Germans write them, put into English: "aus den 90ern", "seit 1994", "Achtzigerjahre"."""

import re

_NAMES = {"dreißig": 1930, "vierzig": 1940, "fünfzig": 1950, "sechzig": 1960, "siebzig": 1970,
          "achtzig": 1980, "neunzig": 1990, "null": 2000}  # fmt: skip
_DECADE = re.compile(
    rf"(?<!\w)(?:(?P<digits>(?:1[89]|20)\d0|'?\d0)|(?P<name>{'|'.join(_NAMES)}))"
    r"er[ns]?(?:[ -]?jahren?)?(?!\w)"
)
_MOMENT = r"(?:(?:1[89]|20)\d\d|(?:1[89]|20)\d0s|'?\d0s)(?!\w)"
_BEFORE = rf"(?: (?:den|der|dem|die|das))?(?: jahr(?:en?)?)? (?={{part}}{_MOMENT})"
_PART = r"(?:early |mid |late )?"
# in this order: what comes first stands nearer to the moment
_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), english)
    for pattern, english in (
        (rf"\b(?:frühen?|anfang(?: der| den)?) (?={_MOMENT})", "early "),
        (rf"\b(?:mittleren?|mitte(?: der| den)?) (?={_MOMENT})", "mid "),
        (rf"\b(?:späten?|ende(?: der| den)?) (?={_MOMENT})", "late "),
        (rf"(?P<a>{_MOMENT}) (?:bis|und)(?: (?:in|zu))?" + _BEFORE.format(part=""), r"\g<a> to "),
        (r"\bnur (?:aus|von|in)" + _BEFORE.format(part=_PART), "only from "),
        (r"\bnur" + _BEFORE.format(part=_PART), "only "),
        (r"\bzwischen" + _BEFORE.format(part=""), "between "),
        (r"\b(?:aus|von)" + _BEFORE.format(part=_PART), "from the "),
        (r"\b(?:seit|ab)" + _BEFORE.format(part=""), "since "),
        (r"\bvor" + _BEFORE.format(part=""), "before "),
        (r"\bnach" + _BEFORE.format(part=""), "after "),
        (r"\bbis(?: zu)?" + _BEFORE.format(part=""), "until "),
        (r"\b(?:im|in)" + _BEFORE.format(part=_PART), "in the "),
        (rf"\b(?:der|den|die|dem) (?={_PART}{_MOMENT})", "of the "),
    )
)


def years_in_english(text: str) -> str:
    """The text with its German years as English ones; everything else stays.

    Args:
        text: In lower case.

    >>> years_in_english("lieder aus den 90ern"), years_in_english("von 1990 bis 1995")
    ('lieder from the 90s', 'from the 1990 to 1995')
    >>> years_in_english("rock from 1994")
    'rock from 1994'
    """
    text = _DECADE.sub(_decade, text)
    for pattern, english in _RULES:
        text = pattern.sub(english, text)
    return text


def _decade(found: re.Match[str]) -> str:
    return f"{found['digits'] or _NAMES[found['name']]}s"
