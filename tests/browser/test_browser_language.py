"""A listener whose browser asks for German reads German, uncut, and may choose otherwise."""

import re
from typing import Any

import pytest

from support.journey import PASSWORD, wait_until_ready, wait_until_sounding

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = {
    "/": "Dein Radio",
    "/library/albums": "Sammlung",
    "/library/tracks": "Sammlung",
    "/you": "Geschmack, Listen und Verlauf gehören nur dir.",
    "/you/profile": "Über dich",
    "/you/statistics": "Was du hörst",
    "/start": "Erste Schritte",
    "/discover": "Was möchtest du hören?",
    "/import": "Bring deinen Verlauf mit",
    "/radio": "Radio bauen",
    "/blends": "Mischung",
}
# English words of the frame and of pages, which no title or name of the demo library holds.
ENGLISH = re.compile(r"\b(You|your|Your|Library|Search|Because|Nothing|tracks|records)\b")
# What is cut or stands outside the page; names of music end in an ellipsis, and shelves scroll.
CUT = """() => {
  const width = document.documentElement.clientWidth;
  const found = document.documentElement.scrollWidth > width ? ["the page scrolls sideways"] : [];
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest(".unseen, [hidden], svg, .one-row, .cover-words, [dir=auto], .hero-stage"))
      continue;
    if (one.closest(".track-by, .track-title, .track-why, .sleeve")) continue;
    const words = [...one.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    if (!words || !box.width || style.visibility === "hidden") continue;
    const cut = one.scrollWidth > one.clientWidth + 1 && style.display !== "inline";
    const out = box.right > width + 1 && !one.closest(".tabs, .choices, .table-frame");
    if ((cut && style.overflowX !== "visible") || out)
      found.push(`${one.className}: ${one.textContent.trim().slice(0, 60)}`);
  }
  return found;
}"""


def sign_up_in_german(page: Any, server: Any, name: str) -> None:
    page.goto(f"{server.url}/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Los geht’s").click()
    wait_until_ready(page)


@pytest.mark.parametrize("width", [390, 320])
def test_pages_are_german_and_nothing_is_cut_on_a_phone(
    server: Any, new_page: Any, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, locale="de-DE")
    sign_up_in_german(page, server, f"Grete {width}")
    troubles: dict[str, Any] = {}
    for path, words in PAGES.items():
        page.goto(server.url + path)
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(200)
        text = page.inner_text("body")
        assert page.get_attribute("html", "lang") == "de"
        assert words in text, path
        found = page.evaluate(CUT) + [m[0] for m in ENGLISH.finditer(without_names(page))]
        if found:
            troubles[path] = found
        page.screenshot(
            path=server.shots / f"german-{width}-{path.strip('/').replace('/', '-')}.png"
        )
    assert troubles == {}


def without_names(page: Any) -> str:
    """What is read on the page but names of music, which are in any language, and English chips."""
    names = (
        "[dir=auto], [lang=en], [hidden], .cover, .track, .sleeve, script, option, datalist, dialog"
    )
    return str(page.evaluate(
        "names => { const all = document.body.cloneNode(true);"
        "for (const one of all.querySelectorAll(names)) one.remove(); return all.textContent; }",
        names,
    ))  # fmt: skip


def test_scripts_speak_german_too_and_count_as_germans_do(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 1280, "height": 900}, locale="de-DE")
    sign_up_in_german(page, server, "Hanno")
    page.get_by_role("button", name="Dein Radio starten").click()
    wait_until_sounding(page, 1)
    toggle = page.locator(".player-toggle")
    assert toggle.get_attribute("aria-label") == "Pause"
    toggle.click()
    page.wait_for_function(
        "() => document.querySelector('.player-toggle').ariaLabel === 'Abspielen'"
    )
    page.locator("[data-act=queue]").first.click()
    page.wait_for_selector("#queue-panel .queue-item")
    about = page.locator("#queue-panel [data-queue-about]").inner_text()
    assert re.fullmatch(r"Noch \d+, \d+ Minuten", about)
    said = page.evaluate(
        "async () => { const root = document.querySelector('script[src*=\"js/main.js\"]').src;"
        "const w = await import(new URL('words.js', root)); return [w.grouped(12345),"
        "w.ngettext('%(n)s track', '%(n)s tracks', 1200), w._('No such words %%')]; }"
    )
    assert said == ["12.345", "1.200 Titel", "No such words %"]


def test_the_language_is_chosen_on_the_profile_and_stays(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, locale="de-DE")
    sign_up_in_german(page, server, "Ingrid")
    page.goto(f"{server.url}/you/profile")
    page.get_by_label("Sprache").select_option("en")
    page.locator('form[action="/you/language"] button').click()
    page.wait_for_selector("html[lang=en]")
    assert page.get_by_label("Language").input_value() == "en"
    page.goto(server.url + "/")
    wait_until_ready(page)
    assert "Your radio starts with" in page.inner_text("#page")
    assert page.locator("script[src*='/words/']").count() == 0


def test_offline_the_page_speaks_the_language_of_the_last_one(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, locale="de-DE")
    sign_up_in_german(page, server, "Jette")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()  # from here on the worker answers
    wait_until_ready(page)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload()
    wait_until_ready(page)
    page.context.set_offline(True)
    page.goto(f"{server.url}/you")
    assert "Segue ist nicht zu erreichen" in page.inner_text("body")
    assert page.get_attribute("html", "lang") == "de"
    page.context.set_offline(False)
