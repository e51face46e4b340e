"""Which language a request is answered in, and that two never mix."""

import gettext
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from segue.errors import InvalidInputError
from segue.server.web import language
from segue.server.web.language import (
    LANGUAGES,
    LOCALE_DIR,
    _,
    accepted,
    catalogue,
    grouped,
    ngettext,
    speaking,
)
from segue.server.web.rendering import environment, words_script
from support.app import browser, signed

HTML = {"accept": "text/html"}
GERMAN = HTML | {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("en, de", "en"),
        ("de;q=0.4, en;q=0.5", "en"),
        ("fr-CA, fr;q=0.9", "en"),
        ("fr, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("en;q=0, *", "de"),
        ("de ; q=1.0 , en ; q=0.999", "de"),
        ("de;q=0, de-CH", "en"),
        ("de;q=nan, en;q=0.2", "en"),
        ("de;q=inf, en;q=0.2", "en"),
        ("de;q=-1, en;q=0.2", "en"),
        ("de;level=1", "en"),
        (",,;;q,=", "en"),
        ("x" * 5_000, "en"),
        (",".join(["fr"] * 100) + ",de", "en"),
    ],
)
def test_the_best_language_of_a_header_is_chosen(header, expected):
    assert accepted(header) == expected


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_plural_forms_are_those_that_the_catalogue_declares(code):
    text = (LOCALE_DIR / code / "LC_MESSAGES" / "segue.po").read_text("utf-8")
    declared = gettext.c2py(re.search(r"plural=(.+?);", text)[1])
    assert [LANGUAGES[code].form(n) for n in range(300)] == [declared(n) for n in range(300)]


def test_a_page_speaks_what_the_browser_accepts(shared_clients):
    _ada, nobody = shared_clients
    german = nobody.get("/sign-in", headers=GERMAN)
    assert '<html lang="de">' in german.text
    assert "Anmelden" in german.text
    assert german.headers["content-language"] == "de"
    assert "Accept-Language" in german.headers["vary"]
    assert german.headers["cache-control"] == "no-store"
    english = nobody.get("/sign-in", headers=HTML)
    assert '<html lang="en">' in english.text
    assert "Anmelden" not in english.text


def test_what_an_account_chose_stands_before_what_the_browser_accepts(house):
    with browser(house, "ada") as ada:
        form = ada.get("/you/profile", headers=HTML).text
        assert '<option value="de" >Deutsch</option>' in form
        kept = ada.post("/you/language", data={"language": "de"}, follow_redirects=False)
        assert kept.headers["location"] == "/you/profile"
        page = ada.get("/you/profile", headers=HTML | {"accept-language": "en"}).text
        assert '<html lang="de">' in page
        assert '<option value="de" selected>Deutsch</option>' in page
        bob = ada.get("/you/profile", headers=HTML | signed(house, "bob")).text
        assert '<html lang="en">' in bob
        ada.post("/you/language", data={"language": ""})
        assert '<html lang="en">' in ada.get("/you/profile", headers=HTML).text


def test_a_language_that_is_not_ours_is_refused_and_nothing_changes(house):
    with browser(house, "ada") as ada:
        for wrong in ("xx", "de; drop", "x" * 3_000):
            assert ada.post("/you/language", data={"language": wrong}).status_code == 400
        assert house.app.accounts.by_name("ada").language == ""


def test_only_a_tag_of_a_language_is_kept_with_an_account(house):
    ada = house.id_of("ada")
    house.app.accounts.speak(ada, "pt-BR")
    assert house.app.accounts.by_name("ada").language == "pt-BR"
    for wrong in ("d", "de_DE", "de-", "de; drop", "x" * 40, "дe"):
        with pytest.raises(InvalidInputError, match="language must be a tag"):
            house.app.accounts.speak(ada, wrong)
    with browser(house, "ada") as client:  # not one of ours: what the browser asks
        assert '<html lang="de">' in client.get("/you", headers=GERMAN).text


def test_pages_for_those_who_build_segue_say_that_they_are_english(shared_clients):
    ada, _nobody = shared_clients
    for path in ("/design", "/docs"):
        text = ada.get(path, headers=GERMAN).text
        assert '<html lang="de">' in text
        assert re.search(r'<main [^>]*lang="en">', text)


def test_a_missing_page_answers_in_the_language_of_the_request(shared_clients):
    _ada, nobody = shared_clients
    assert "Diese Seite gibt es hier nicht" in nobody.get("/no/such", headers=GERMAN).text


def test_the_interface_for_programs_stays_english(shared_clients):
    ada, _nobody = shared_clients
    german = {"accept-language": "de"}
    for path in ("/v1/tracks/none", "/v1/recommendations/for_you?n=3"):
        assert ada.get(path, headers=german).json().keys() == ada.get(path).json().keys()
    assert ada.get("/v1/tracks/none", headers=german).json()["title"] == "Not found"


def test_two_requests_at_once_in_two_languages_never_mix(house, monkeypatch):
    together = threading.Barrier(2, timeout=20)
    counts = type(house.app.catalog).counts

    def both_at_once(catalog):
        together.wait()
        return counts(catalog)

    monkeypatch.setattr(type(house.app.catalog), "counts", both_at_once)
    with browser(house, "ada") as ada, ThreadPoolExecutor(2) as pool:
        for _round in range(6):
            german, english = pool.map(
                lambda accept: ada.get("/library/genres", headers=HTML | accept).text,
                [{"accept-language": "de"}, {"accept-language": "en"}],
            )
            assert '<html lang="de">' in german
            assert "Sammlung" in german
            assert ">Library<" not in german
            assert '<html lang="en">' in english
            assert "Sammlung" not in english


def test_a_catalogue_that_is_missing_or_broken_leaves_english(tmp_path, monkeypatch):
    broken = tmp_path / "de" / "LC_MESSAGES" / "segue.po"
    broken.parent.mkdir(parents=True)
    monkeypatch.setattr(language, "LOCALE_DIR", tmp_path)
    for text in (None, b"msgid Home\nmsgstr Start\n", b"\xff\xfe\x00", b"msgstr"):
        catalogue.cache_clear()
        if text is not None:
            broken.write_bytes(text)
        with speaking("de"):
            assert _("Home") == "Home"
            assert ngettext("%(n)s track", "%(n)s tracks", 2) == "2 tracks"
    catalogue.cache_clear()


def test_a_translation_that_names_what_is_not_given_leaves_english(monkeypatch):
    wrong = language.Catalogue({("", "By %(name)s"): ("Von %(nam)s",)}, frozenset())
    monkeypatch.setattr(language, "catalogue", lambda _code: wrong)
    with speaking("de"):
        assert _("By %(name)s", name="Ada") == "By Ada"


def test_messages_in_templates_escape_their_values():
    template = environment().from_string(
        "{{ _('By <em>%(name)s</em>', name=name) }}{% trans %}{{ name }} &amp; 5 %{% endtrans %}"
        "{{ ngettext('%(n)s of %(name)s', '%(n)s of %(name)s', 1200, name=name) }}"
    )
    assert template.render(name="<b>") == (
        "By <em>&lt;b&gt;</em>&lt;b&gt; &amp; 5 %1,200 of &lt;b&gt;"
    )


def test_numbers_are_written_as_the_language_writes_them():
    assert grouped(1_234_567) == "1,234,567"
    with speaking("de"):
        assert grouped(1_234_567) == "1.234.567"
        assert ngettext("%(n)s x", "%(n)s xs", 1_200) == "1.200 xs"


def test_the_words_of_scripts_are_cached_for_ever_under_an_address_of_their_version(
    shared_clients,
):
    _ada, nobody = shared_clients
    answer = nobody.get(words_script("de"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.startswith("self.segueWords = {")
    assert nobody.get("/words/de-0.js").status_code == 404


def test_a_problem_is_told_to_scripts_of_pages_in_their_language_and_to_others_in_english(house):
    german = {"accept": "application/json", "accept-language": "de"}
    with browser(house, "ada") as client:
        plain = client.get("/v1/tracks/none", headers=german).json()
        shown = client.get("/v1/tracks/none", headers=german | {"segue-page": "yes"}).json()
        english = client.get("/v1/tracks/none", headers={"segue-page": "yes"}).json()
    assert plain["detail"] == "no track 'none'"
    assert english["detail"] == "No track 'none'."
    assert shown["detail"] == "Das ist nicht mehr da."
    assert [one["code"] for one in (plain, shown, english)] == ["not_found"] * 3
