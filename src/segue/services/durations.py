"""Lengths of time as somebody would say them."""


def about(seconds: float) -> str:
    """A duration in words.

    >>> about(50.0), about(1_190.0), about(9_000.0)
    ('less than a minute', 'about 20 minutes', 'about 2 hours 30 minutes')
    """
    minutes = round(seconds / 60)
    if seconds < 60 or minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    words = [f"{hours} hour{'s' * (hours != 1)}"] if hours else []
    if minutes:
        words.append(f"{minutes} minute{'s' * (minutes != 1)}")
    return "about " + " ".join(words)
