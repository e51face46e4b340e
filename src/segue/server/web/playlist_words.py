"""Words of rules of playlists: a readable form, not a language. All functions are pure."""

import re

from segue.store.smart_playlists import Rule, Rules

# what: words in the form, the kind of its value, what stands behind or in the field
WHATS = (
    ("genre", "Genre is", "name", "Ambient"),
    ("not_genre", "Genre is not", "name", "Jazz"),
    ("artist", "Artist is", "name", "The name as it is written"),
    ("years", "Released between", "years", "1990"),
    ("loved", "You love it", "none", ""),
    ("stars", "You gave it at least … stars", "number", "4"),
    ("plays", "You played it at least … times", "number", "5"),
    ("played_within", "You played it in the last … days", "number", "30"),
    ("not_played_for", "You have not played it for … days", "number", "90"),
    ("never_played", "You have never played it", "none", ""),
    ("added_within", "It was added in the last … days", "number", "30"),
    ("shorter", "It is shorter than … minutes", "number", "6"),
    ("longer", "It is longer than … minutes", "number", "2"),
)
SORTS = (
    ("shuffled", "Shuffled, anew each day"),
    ("title", "By title"),
    ("newest", "Added last first"),
    ("oldest", "Added first first"),
    ("most_played", "Played most first"),
    ("least_played", "Played least first"),
    ("longest_ago", "Not played for longest first"),
    ("year", "By year"),
)
_WORDS = {what: words for what, words, _, _ in WHATS}


def rule_words(rule: Rule) -> str:
    """A rule in words.

    >>> rule_words(Rule(what="not_played_for", value="90"))
    'you have not played it for 90 days'
    >>> rule_words(Rule(what="years", value="1990", until=""))
    'released from 1990 on'
    """
    if rule.what == "years":
        if not rule.until:
            return f"released from {rule.value} on"
        return f"released {'from ' + rule.value + ' ' if rule.value else ''}to {rule.until}"
    words = _WORDS[rule.what][0].lower() + _WORDS[rule.what][1:]
    if "…" in words:
        return words.replace("…", rule.value)
    return words if rule.what in ("loved", "never_played") else f"{words} {rule.value}"


def problem_words(problem: str) -> str:
    """A problem with a rule, the rule named as in the form.

    >>> problem_words("the rule 'loved' needs a name")
    'the rule “You love it” needs a name'
    """
    return re.sub(r"the rule '(\w+)'", lambda m: f"the rule “{_WORDS.get(m[1], m[1])}”", problem)


def rules_words(rules: Rules) -> str:
    """All rules in one sentence.

    >>> rules_words(Rules(rules=(Rule(what="loved"), Rule(what="genre", value="Dub")), limit=50))
    'At most 50 tracks: you love it, and genre is Dub.'
    """
    words = [rule_words(rule) for rule in rules.rules]
    return f"At most {rules.limit} tracks: {', and '.join(words)}."
