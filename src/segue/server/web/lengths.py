"""Lengths in words."""

from segue.server.web.language import _, ngettext


def spoken_length(duration_s: float) -> str:
    """A length in words.

    >>> spoken_length(2520), spoken_length(4000), spoken_length(20)
    ('42 minutes', '1 hour 7 minutes', 'under a minute')
    """
    minutes = round(duration_s / 60)
    if minutes < 1:
        return _("under a minute")
    hours, minutes = divmod(minutes, 60)
    in_hours = ngettext("%(n)s hour", "%(n)s hours", hours)
    in_minutes = ngettext("%(n)s minute", "%(n)s minutes", minutes)
    if hours and minutes:
        return _("%(hours)s %(minutes)s", hours=in_hours, minutes=in_minutes)
    return in_hours if hours else in_minutes
