"""Bring the catalogues up to date with the strings in templates, Python and scripts.

    python scripts/translate.py            every catalogue; new messages are left empty
    python scripts/translate.py --check    exit with 1 when something would change
    python scripts/translate.py --from OTHER.po   fill what is empty from a catalogue of the same
                                           language, as of another branch whose merge quarrels

Messages stand in alphabetical order, with the names of their files and no line numbers or dates,
so that two branches seldom quarrel.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "src" / "segue" / "server" / "web"
KEYWORDS = {"_": None, "gettext": None, "later": None, "each": (1, 2),
            "ngettext": (1, 2),
            "pgettext": ((1, "c"), 2)}  # fmt: skip
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("static/js/**.js", "javascript")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
HEADER = """\
# Segue in {name}. Made by scripts/translate.py: only the msgstr lines are written by hand.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def main(*arguments: str) -> int:
    """Write the catalogues, or say which are behind."""
    template, behind, is_check = extracted(), 0, arguments == ("--check",)
    other = Path(arguments[1]).read_text("utf-8") if arguments[:1] == ("--from",) else ""
    for path in sorted((WEB / "locale").glob("*/LC_MESSAGES/segue.po")):
        before = path.read_text("utf-8")
        code = path.parts[-3]
        text = updated(before, template, code, other if f'"Language: {code}' in other else "")
        if text == before:
            continue
        behind += 1
        print(f"{path.relative_to(ROOT)}: {'is behind' if is_check else 'brought up to date'}")
        if not is_check:
            path.write_text(text, "utf-8")
    return 1 if is_check and behind else 0


def extracted() -> Catalog:
    """Every message of the pages, with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS)
    for name, _line, message, _comments, context in sorted(found, key=lambda one: one[0]):
        catalog.add(message, locations=[(Path(name).as_posix(), None)], context=context)
    return catalog


def updated(text: str, template: Catalog, code: str, other: str = "") -> str:
    """A catalogue with the messages of the template; what is no longer used is left out.

    What has no translation takes that of ``other``, a catalogue of the same language.
    """
    catalog = read_po(io.BytesIO(text.encode()), locale=code)
    catalog.update(template, no_fuzzy_matching=True)
    for message in read_po(io.BytesIO(other.encode()), locale=code) if other else ():
        english = message.id if isinstance(message.id, str) else message.id[0]
        mine = catalog.get(english, message.context) if english else None
        if mine is not None and mine.id == message.id and not any(mine.string):
            mine.string = message.string
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, sort_output=True, ignore_obsolete=True,
             include_lineno=False, width=100)  # fmt: skip
    assert catalog.locale is not None
    header = HEADER.format(code=code, name=catalog.locale.english_name,
                           plural=catalog.plural_forms)  # fmt: skip
    return header + body.getvalue().decode().strip() + "\n"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
