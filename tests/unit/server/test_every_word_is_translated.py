"""No text outside the catalogues, and every catalogue is whole."""

import io
import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from segue.server.web import admin_words
from segue.server.web.language import LANGUAGES, LOCALE_DIR
from segue.server.web.rendering import WEB_DIR, environment
from support import bare_text

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
import translate

TEMPLATES = WEB_DIR / "templates"
# The design system and the OpenAPI document are for people who build on Segue: English.
FOR_BUILDERS = ("pages/design.html", "pages/docs.html")
# Names, marks and keys that are the same in every language, and patterns that are no words.
SAME_EVERYWHERE = frozenset(
    {
        *("Spotify", "Last.fm", "Apple Music", "Segue", "Ambient", "Jazz", "English", "Deutsch"),
        *("Edge", "Opera", "Firefox", "Chrome", "Safari", "Windows", "Mac OS X", "Mac"),
        *("Android", "Linux", "Escape", "Enter", "Arrow", "Home", ".player use", "Filters"),
        *("drum and bass", "rhythm and blues", "rock and roll", "the rule “"),
        *(r"the rule '(\w+)'", r'<em dir="auto">\1</em>', r"less than a minute|about [\w ]+"),
    }
)
# Regular expressions, looked for in what the scanner says.
FORMS_OF_TROUBLES = frozenset(form for form, _ in admin_words._TO_DO)
OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize(
    "path", bare_text.files(TEMPLATES, "*.html", *FOR_BUILDERS), ids=lambda path: path.name
)
def test_a_template_has_no_text_outside_the_catalogue(path):
    assert list(bare_text.in_template(path.read_text("utf-8"), environment())) == []


@pytest.mark.parametrize(
    "path",
    bare_text.files(WEB_DIR, "*.py", "design.py", "drawn_cover.py"),
    ids=lambda path: path.name,
)
def test_a_module_of_pages_has_no_text_outside_the_catalogue(path):
    marked = set(bare_text.in_python(path.read_text("utf-8")))
    assert marked - SAME_EVERYWHERE - FORMS_OF_TROUBLES == set()


@pytest.mark.parametrize(
    "path",
    bare_text.files(WEB_DIR / "static" / "js", "*.js", "map/painter.js"),
    ids=lambda path: path.name,
)
def test_a_page_script_has_no_text_outside_the_catalogue(path):
    assert set(bare_text.in_script(path.read_text("utf-8"))) - SAME_EVERYWHERE == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Nothing here</p>", ["Nothing here"]),
        ("<p>{{ _('Nothing here') }}</p>", []),
        ("<p>{% trans %}Nothing <b>here</b>{% endtrans %}</p>", []),
        ('<a title="Go home" aria-label="{{ _("Go") }}"></a>', ["title=Go home"]),
        ('<a data-none="Nothing selected" data-kind="track"></a>', ["data-none=Nothing selected"]),
        ("<p>{{ 'Loved' if loved else _('Love') }}</p>", ["Loved"]),
        ("<p>{{ ngettext('%(n)s old track', '%(n)s old tracks', n) }}</p>", []),
        ("<p class=\"{{ 'serif' if x else 'plain' }}\">{{ title }} · Segue</p>", []),
    ],
)
def test_bare_text_in_a_template_is_found(source, found):
    assert list(bare_text.in_template(source, environment())) == found


def test_bare_text_in_python_and_scripts_is_found():
    source = '"""Doc string."""\nA = "Some words"\nB = later("Some words")\nraise E("Not found")\n'
    assert list(bare_text.in_python(source)) == ["Some words"]
    script = 'toast("Not kept"); toast(_("Kept it")); x.textContent = `${n} old tracks`; f("a-b");'
    assert list(bare_text.in_script(script)) == ["Not kept", "0 old tracks"]


@pytest.fixture(scope="module")
def template():
    return translate.extracted()


def test_messages_are_found_in_all_three_places(template):
    places = {Path(name).suffix for message in template for name, _line in message.locations}
    assert places == {".html", ".py", ".js"}
    assert template["%(n)s track"].id == ("%(n)s track", "%(n)s tracks")


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_holds_every_message_translated_with_its_placeholders(code, template):
    text = (LOCALE_DIR / code / "LC_MESSAGES" / "segue.po").read_bytes()
    catalogue = read_po(io.BytesIO(text), locale=code)
    wrong = []
    for message in template:
        if not message.id:
            continue
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        known = catalogue.get(english[0], message.context)
        strings = [] if known is None else known.string
        strings = [strings] if isinstance(strings, str) else list(strings)
        if known is None or known.fuzzy or not strings or not all(strings):
            wrong.append(f"without a translation: {english[0]!r}")
            continue
        wrong += [
            f"other placeholders: {string!r}"
            for string in strings
            if not _names(string) <= set().union(*map(_names, english))
            or not _names(string) >= set.intersection(*map(_names, english))
        ]
        wrong += [f"a bare per cent sign: {s!r}" for s in strings if not _fills(s)]
    assert wrong == []
    assert len(catalogue) == len(template)


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_is_as_the_script_writes_it(code, template):
    path = LOCALE_DIR / code / "LC_MESSAGES" / "segue.po"
    text = path.read_text("utf-8")
    assert translate.updated(text, template, code) == text


def test_what_is_empty_is_taken_from_the_catalogue_of_another_branch(template):
    path = LOCALE_DIR / "de" / "LC_MESSAGES" / "segue.po"
    whole = path.read_text("utf-8")
    head = whole.split("\n\n", 1)[0] + "\n"
    empty = translate.updated(head, template, "de")
    assert 'msgid "Home"\nmsgstr ""' in empty
    assert translate.updated(empty, template, "de", whole) == whole
    mine = whole.replace('msgstr "Sammlung"', 'msgstr "Regal"')
    assert translate.updated(mine, template, "de", whole) == mine  # what is said here stays


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def _fills(text: str) -> bool:
    try:
        return bool(text % dict.fromkeys(_names(text), "x"))
    except (TypeError, ValueError):
        return False
