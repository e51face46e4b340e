"""Rows of tabs that are wider than a small screen say so, and show where one is."""

from typing import Any

import pytest

from support.journey import sign_up

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

# whether the current tab lies in the part of its row that is not faded
IS_CLEAR = """() => {
  const row = document.querySelector('.tabs').getBoundingClientRect();
  const here = document.querySelector('.tabs [aria-current]').getBoundingClientRect();
  return here.left >= row.left - 1 && here.right <= row.right + 1;
}"""


def test_tabs_fade_where_they_go_on_and_nowhere_else(server: Any, new_page: Any) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    sign_up(page, server)
    page.goto(f"{server.url}/you")
    page.wait_for_selector('.tabs[data-more="end"]')
    faded = page.evaluate("getComputedStyle(document.querySelector('.tabs')).maskImage")
    assert "linear-gradient" in faded
    page.evaluate("document.querySelector('.tabs').scrollLeft = 60")
    page.wait_for_selector('.tabs[data-more="start end"]')
    page.locator(".tabs a").last.click()  # a page comes in the place of this one
    page.wait_for_selector('.tabs[data-more="start"] a:last-child[aria-current]')
    assert page.evaluate(IS_CLEAR)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_selector('.tabs[data-more=""]')
    assert page.evaluate("getComputedStyle(document.querySelector('.tabs')).maskImage") == "none"


def test_the_tab_of_the_page_is_seen_whole_on_every_page_of_yours(
    server: Any, new_page: Any
) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    sign_up(page, server)
    page.goto(f"{server.url}/you")
    for path in page.locator(".tabs a").evaluate_all("all => all.map((a) => a.pathname)"):
        page.goto(server.url + path)
        page.wait_for_selector(".tabs[data-more]")
        assert page.evaluate(IS_CLEAR), path
