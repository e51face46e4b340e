"""A tree of genres: parents, siblings, how far two are apart, and one name for many spellings.

The tree is that of beets (MIT, see ``genre_tree.txt`` beside this file).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from segue.text.normalise import fold

# other names in use, by spelling key; the values are names of the tree
_ALIASES = {
    "rhythmnblues": "r&b", "dnb": "drum and bass", "db": "drum and bass", "edm": "electronic",
    "electronica": "electronic", "electronicdancemusic": "electronic", "hiphoprap": "hip hop",
    "rap": "hip hop", "hardrap": "hardcore hip hop", "gangstarap": "gangsta rap",
    "gangsterrap": "gangsta rap", "metal": "heavy metal", "alternative": "alternative rock",
    "indie": "indie rock", "indi": "indie rock", "punk": "punk rock", "altrock": "alternative rock",
    "altcountry": "alternative country", "psychedelic": "psychedelic rock", "goth": "gothic rock",
    "prog": "progressive rock", "progrock": "progressive rock", "world": "world music",
    "synthpop": "synthpop", "rocknroll": "rock and roll", "chillout": "chill out",
    # as Germans write them
    "klassik": "classical", "klassischemusik": "classical", "elektronischemusik": "electronic",
    "elektro": "electronic", "filmmusik": "soundtrack", "oper": "opera", "volksmusik": "folk",
    "weltmusik": "world music", "deutschrap": "german hip hop", "liedermacher": "singer-songwriter",
    "blasmusik": "brass band", "disko": "disco", "schlagermusik": "schlager",
}  # fmt: skip


def spelling_key(name: str) -> str:
    """A key that spellings of one genre share.

    >>> spelling_key("Hip-Hop"), spelling_key("hip hop"), spelling_key("HipHop")
    ('hiphop', 'hiphop', 'hiphop')
    >>> spelling_key("R&B"), spelling_key("Rock 'n' Roll")
    ('rnb', 'rocknroll')
    """
    return "".join("n" if word == "and" else word for word in fold(name).split())


@dataclass(frozen=True, slots=True)
class GenreTree:
    """Genres by name as the tree spells them; all questions take any spelling.

    Attributes:
        parent_of: The parent of each genre, "" for one at the top.
        children_of: In the order of the tree.
    """

    parent_of: Mapping[str, str]
    children_of: Mapping[str, Sequence[str]]
    name_of_key: Mapping[str, str]

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> "GenreTree":
        """From names, two blanks deeper than their parent; lines that begin with # are skipped.

        A genre that stands in two places belongs to the first.
        """
        parent_of: dict[str, str] = {}
        children_of: dict[str, list[str]] = {}
        path: list[str] = []
        for line in lines:
            name = line.strip()
            if not name or line.startswith("#"):
                continue
            depth = (len(line) - len(line.lstrip(" "))) // 2
            path = [*path[:depth], name]
            if name not in parent_of:
                parent_of[name] = path[depth - 1] if depth else ""
                children_of.setdefault(name, [])
                if depth:
                    children_of.setdefault(path[depth - 1], []).append(name)
        keys = {spelling_key(name): name for name in reversed(list(parent_of))}
        aliases = {key: name for key, name in _ALIASES.items() if name in parent_of}
        return cls(parent_of, children_of, aliases | keys)

    def name(self, spelling: str) -> str | None:
        """The name in the tree, or None for an unknown genre.

        >>> genre_tree().name("Hip-Hop"), genre_tree().name("no such thing")
        ('hip hop', None)
        """
        key = spelling_key(spelling)
        found = self.name_of_key.get(key)
        if found is None and key.endswith(("music", "musik")):
            found = self.name_of_key.get(key[: -len("music")])
        return found or self.name_of_key.get(f"{key}music")

    def ancestors(self, spelling: str) -> tuple[str, ...]:
        """Parents up to the top, nearest first; empty for an unknown genre.

        >>> genre_tree().ancestors("acid house")
        ('house', 'electronic')
        """
        name = self.name(spelling)
        chain: list[str] = []
        while name and (name := self.parent_of[name]):
            chain.append(name)
        return tuple(chain)

    def siblings(self, spelling: str) -> tuple[str, ...]:
        """Other genres of the same parent; empty at the top."""
        name = self.name(spelling)
        if not name or not self.parent_of[name]:
            return ()
        return tuple(n for n in self.children_of[self.parent_of[name]] if n != name)

    def distance(self, a: str, b: str) -> int | None:
        """Steps along the tree; None when one is unknown or they meet nowhere.

        >>> genre_tree().distance("deep house", "acid house"), genre_tree().distance("jazz", "jazz")
        (2, 0)
        """
        left, right = self.name(a), self.name(b)
        if not left or not right:
            return None
        up = {n: i for i, n in enumerate((left, *self.ancestors(left)))}
        for steps, name in enumerate((right, *self.ancestors(right))):
            if name in up:
                return up[name] + steps
        return None

    def related(self, spelling: str) -> dict[str, float]:
        """Near genres with a nearness: 0.7 below, 0.5 the parent, 0.4 beside; by name.

        Our own steps: who asks for rock is served by a kind of rock, less by what is beside it.
        Top genres have no siblings here, and a top genre stands for no one beneath it.
        """
        name = self.name(spelling)
        if name is None:
            return {}
        found = dict.fromkeys(self.siblings(name), 0.4)
        parent = self.parent_of[name]
        if parent and self.parent_of[parent]:
            found[parent] = 0.5
        for child in self.below(name):
            found[child] = 0.7
        return found

    def below(self, spelling: str) -> list[str]:
        """All genres beneath one, nearest first; empty for an unknown genre."""
        below = list(self.children_of.get(self.name(spelling) or "", ()))
        for child in below:  # grows while it is read: all the way down
            below.extend(self.children_of.get(child, ()))
        return below


@cache
def genre_tree() -> GenreTree:
    """The tree that comes with Segue; read once."""
    text = files("segue.text").joinpath("genre_tree.txt").read_text("utf-8")
    return GenreTree.from_lines(text.splitlines())
