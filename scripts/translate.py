"""Bring the catalogues up to date with the strings in templates, Python and scripts.

    python scripts/translate.py            every catalogue; new messages are left empty
    python scripts/translate.py --check    exit with 1 when something would change

Messages stand in alphabetical order, with the names of their files and no line numbers or dates,
so that two branches merge without a quarrel.
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
    template, behind = extracted(), 0
    for path in sorted((WEB / "locale").glob("*/LC_MESSAGES/segue.po")):
        before = path.read_text("utf-8")
        text = updated(before, template, path.parts[-3])
        if text == before:
            continue
        behind += 1
        print(f"{path.relative_to(ROOT)}: {'is behind' if arguments else 'brought up to date'}")
        if not arguments:
            path.write_text(text, "utf-8")
    return 1 if arguments and behind else 0


def extracted() -> Catalog:
    """Every message of the pages, with the files it stands in."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS)
    for name, _line, message, _comments, context in sorted(found, key=lambda one: one[0]):
        catalog.add(message, locations=[(Path(name).as_posix(), None)], context=context)
    return catalog


def updated(text: str, template: Catalog, code: str) -> str:
    """A catalogue with the messages of the template; what is no longer used is left out."""
    catalog = read_po(io.BytesIO(text.encode()), locale=code)
    catalog.update(template, no_fuzzy_matching=True)
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, sort_output=True, ignore_obsolete=True,
             include_lineno=False, width=100)  # fmt: skip
    assert catalog.locale is not None
    header = HEADER.format(code=code, name=catalog.locale.english_name,
                           plural=catalog.plural_forms)  # fmt: skip
    return header + body.getvalue().decode().strip() + "\n"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
