"""PAGES: what a person waits for on the pages of a large library, measured by a real browser.

For each page, opened with an empty cache: first and largest contentful paint, how far things jump
(cumulative layout shift), how long the page is too busy to answer (the part of tasks beyond 50 ms),
and the bytes of script and style that came, as they were sent. Then the slowest answer to a press
or a letter on that page, from the hand to the next frame (as Interaction to Next Paint counts it).
Bounds are those that web.dev calls good. "phone" is 390 x 844 with a processor four times slower.
The server has one core; the browser the rest.
"""

import shutil
import statistics
from collections.abc import Callable
from typing import Any

from benchmarks.lines import SKIPPED, figure, progress
from benchmarks.speed.prepared import options, prepared
from benchmarks.speed.serving import served
from segue.server.auth import COOKIE

N_RUNS = 3
GOOD_MS = {"first paint": 1_800.0, "largest paint": 2_500.0, "busy": 200.0, "slowest answer": 200.0}
GOOD_SHIFT, MOST_KB = 0.1, 100.0
FORMS: dict[str, tuple[dict[str, int], int]] = {
    "desk": ({"width": 1440, "height": 900}, 1),
    "phone": ({"width": 390, "height": 844}, 4),
}
WATCH = """
  window.seen = { shift: 0, busy: 0, largest: 0, answers: [] };
  const watch = (type, note, more = {}) => new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) note(entry);
  }).observe({ type, buffered: true, ...more });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
  watch("longtask", (entry) => { seen.busy += Math.max(0, entry.duration - 50); });
  watch("largest-contentful-paint", (entry) => { seen.largest = entry.startTime; });
  watch("event", (entry) => { if (entry.interactionId) seen.answers.push(entry.duration); },
        { durationThreshold: 16 });
"""
TOLD = """() => {
  const own = performance.getEntriesByType("resource")
    .filter((entry) => /\\.(js|css)(\\?|$)/.test(entry.name));
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return { first: paint ? paint.startTime : NaN, ...seen,
           kb: own.reduce((sum, entry) => sum + entry.encodedBodySize, 0) / 1000 };
}"""

Act = Callable[[Any], None]


def main(argv: list[str] | None = None) -> None:
    """The median of three openings of each page."""
    given = options(__doc__, argv)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        progress("skipped: Chromium is not installed")
        raise SystemExit(SKIPPED)
    from playwright.sync_api import sync_playwright

    with prepared(given) as (app, asking):
        token, data_dir = app.accounts.open_session(asking[0]), app.settings.data_dir
        app.close()
        with served(data_dir) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            cookie = {"name": COOKIE, "value": token, "url": server.url}
            for form in FORMS:
                for path, act in PAGES.items():
                    runs = [_open(browser, cookie, form, path, act) for _ in range(N_RUNS)]
                    _tell(f"{path} {form}", runs, f"synthetic {given.tracks} tracks, {form}")
            browser.close()


def _open(browser: Any, cookie: Any, form: str, path: str, act: Act) -> dict[str, Any]:
    size, slower = FORMS[form]
    context = browser.new_context(viewport=size)
    context.add_cookies([cookie])
    context.add_init_script(WATCH)
    page = context.new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(cookie["url"] + path)
    page.wait_for_selector("body[data-ready]")
    page.wait_for_load_state("networkidle")
    act(page)
    page.wait_for_timeout(300)  # an answer is told after its frame
    told: dict[str, Any] = page.evaluate(TOLD)
    context.close()
    return told


def _home(page: Any) -> None:
    """Ask why, and close again."""
    page.locator("[data-panel]:visible").first.click()
    page.wait_for_selector("#panel:not([hidden]) h2")
    page.keyboard.press("Escape")


def _search(page: Any) -> None:
    """Type what there is, letter by letter."""
    page.locator("#search").press_sequentially("sub", delay=250)
    page.wait_for_selector("#results [data-track], #results .sleeve")


def _rows(page: Any) -> None:
    """Go to the middle and press a row's menu there."""
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight / 2)")
    page.wait_for_selector("#page [data-track]")
    page.locator("#page .track .more:visible").first.click()


def _nothing(page: Any) -> None:
    """Press what does nothing, so that there is an answer to time."""
    page.locator("h1").first.click()


PAGES: dict[str, Act] = {
    "/": _home,
    "/library/albums": _nothing,
    "/library/tracks": _rows,
    "/search": _search,
    "/discover": _nothing,
    "/you/statistics": _nothing,
}


def _tell(name: str, runs: list[dict[str, Any]], data: str) -> None:
    def middle(key: str) -> float:
        return float(statistics.median(run[key] for run in runs))

    answers = [max(run["answers"], default=0.0) for run in runs]  # below 16 ms none is told
    values = {"first paint": middle("first"), "largest paint": middle("largest"),
              "busy": middle("busy"),
              "slowest answer": float(statistics.median(answers))}  # fmt: skip
    progress(f"{name}: {values}")
    for metric, value in values.items():
        figure("PAGES", f"{name} {metric}", value, "ms", data=data, n=len(runs),
               target=GOOD_MS[metric], better="lower")  # fmt: skip
    figure("PAGES", f"{name} layout shift", middle("shift"), "score", data=data, n=len(runs),
           target=GOOD_SHIFT, better="lower")  # fmt: skip
    figure("PAGES", f"{name} script and style", middle("kb"), "kB", data=data, n=len(runs),
           target=MOST_KB, better="lower")  # fmt: skip


if __name__ == "__main__":
    main()
