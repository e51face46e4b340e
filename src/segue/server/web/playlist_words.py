"""Words of rules of playlists: a readable form, not a language. All functions are pure."""

import re

from segue.server.web.language import _, later, ngettext
from segue.server.web.sentences import told
from segue.store.smart_playlists import Rule, Rules

# what: words in the form, the kind of its value, what stands behind or in the field
WHATS = (
    ("genre", later("Genre is"), "name", "Ambient"),
    ("not_genre", later("Genre is not"), "name", "Jazz"),
    ("artist", later("Artist is"), "name", later("The name as it is written")),
    ("years", later("Released between"), "years", "1990"),
    ("loved", later("You love it"), "none", ""),
    ("stars", later("You gave it at least … stars"), "number", "4"),
    ("plays", later("You played it at least … times"), "number", "5"),
    ("played_within", later("You played it in the last … days"), "number", "30"),
    ("not_played_for", later("You have not played it for … days"), "number", "90"),
    ("never_played", later("You have never played it"), "none", ""),
    ("added_within", later("It was added in the last … days"), "number", "30"),
    ("shorter", later("It is shorter than … minutes"), "number", "6"),
    ("longer", later("It is longer than … minutes"), "number", "2"),
)
SORTS = (
    ("shuffled", later("Shuffled, anew each day")),
    ("title", later("By title")),
    ("newest", later("Added last first")),
    ("oldest", later("Added first first")),
    ("most_played", later("Played most first")),
    ("least_played", later("Played least first")),
    ("longest_ago", later("Not played for longest first")),
    ("year", later("By year")),
)
_WORDS = {what: words for what, words, _kind, _place in WHATS}
_SAID = {
    "genre": later("genre is %(value)s"),
    "not_genre": later("genre is not %(value)s"),
    "artist": later("artist is %(value)s"),
    "loved": later("you love it"),
    "stars": later("you gave it at least %(value)s stars"),
    "plays": later("you played it at least %(value)s times"),
    "played_within": later("you played it in the last %(value)s days"),
    "not_played_for": later("you have not played it for %(value)s days"),
    "never_played": later("you have never played it"),
    "added_within": later("it was added in the last %(value)s days"),
    "shorter": later("it is shorter than %(value)s minutes"),
    "longer": later("it is longer than %(value)s minutes"),
}


def rule_words(rule: Rule) -> str:
    """A rule in words.

    >>> rule_words(Rule(what="not_played_for", value="90"))
    'you have not played it for 90 days'
    >>> rule_words(Rule(what="years", value="1990", until=""))
    'released from 1990 on'
    """
    if rule.what == "years":
        if not rule.until:
            return _("released from %(first)s on", first=rule.value)
        if not rule.value:
            return _("released to %(last)s", last=rule.until)
        return _("released from %(first)s to %(last)s", first=rule.value, last=rule.until)
    return _(_SAID[rule.what], value=rule.value)


def problem_words(problem: str) -> str:
    """A problem with a rule, the rule named as in the form.

    >>> problem_words("the rule 'loved' needs a name")
    'the rule “You love it” needs a name'
    """
    named = re.sub(r"the rule '(\w+)'", lambda m: f"the rule “{_WORDS.get(m[1], m[1])}”", problem)
    return told(named)


def rules_words(rules: Rules) -> str:
    """All rules in one sentence.

    >>> rules_words(Rules(rules=(Rule(what="loved"), Rule(what="genre", value="Dub")), limit=50))
    'At most 50 tracks: you love it, and genre is Dub.'
    """
    words = [rule_words(rule) for rule in rules.rules]
    said = ", ".join(words[:-1])
    both = _("%(rules)s, and %(last)s", rules=said, last=words[-1]) if said else "".join(words)
    return ngettext("At most %(n)s track: %(rules)s.", "At most %(n)s tracks: %(rules)s.",
                    rules.limit, rules=both)  # fmt: skip
