"""The music map in a real browser: what its parts compute, and what a hand or a key does on it."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from support.listening import sign_up, wait_until_sounding

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

POINTS = """
  const from = document.querySelector('script[type=module]').src.replace(/main\\.js$/, 'map/');
  const { Points, isInside } = await import(from + 'points.js');
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const whole = () => Math.floor(random() * 65536);
  const n = 4000;
  const columns = { ids: [], x: [], y: [], genre: [], mood: [], year: [], cluster: [] };
  for (let i = 0; i < n; i += 1) {
    columns.ids.push(`t${i}`);
    columns.x.push(i % 5 ? whole() : 65535);
    columns.y.push(whole());
    columns.genre.push(i % 3); columns.mood.push(-1); columns.year.push(2000);
    columns.cluster.push(i % 4 - 1);
  }
  const points = new Points(columns);
  const far = (i, x, y) => (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
  const all = Array.from({ length: n }, (_, i) => i);
"""


@pytest.fixture
def page(server: Any, new_page: Any) -> Any:
    page = new_page(viewport={"width": 1280, "height": 800})
    sign_up(page, server)
    return page


def run(page: Any, script: str) -> Any:
    return page.evaluate(f"async () => {{ {POINTS} {script} }}")


def test_the_nearest_points_are_those_that_looking_at_all_of_them_finds(page: Any) -> None:
    wrong = run(page, """
      const wrong = [];
      for (let turn = 0; turn < 200; turn += 1) {
        const [x, y] = [whole(), whole()];
        const some = (i) => i % 2 === turn % 2;
        const naive = all.filter(some).sort((a, b) => far(a, x, y) - far(b, x, y) || a - b);
        const found = points.nearestOf(x, y, 7, some);
        if (found.join() !== naive.slice(0, 7).join()) wrong.push(['k', turn]);
        const one = points.nearest(x, y, 1500, some);
        const want = far(naive[0], x, y) < 1500 ** 2 ? far(naive[0], x, y) : -1;
        if ((one < 0 ? -1 : far(one, x, y)) !== want) wrong.push(['1', turn]);
      }
      return wrong;
    """)  # fmt: skip
    assert wrong == []


def test_a_line_holds_exactly_the_points_that_the_browser_itself_counts_inside(page: Any) -> None:
    differing = run(page, """
      const line = [[9000, 8000], [60000, 4000], [30000, 30000], [64000, 60000], [5000, 50000]];
      const context = document.createElement('canvas').getContext('2d');
      context.beginPath();
      line.forEach(([x, y]) => context.lineTo(x, y));
      const path = (i) => context.isPointInPath(points.x[i], points.y[i], 'evenodd');
      const found = new Set(points.insideLine(line));
      if (!found.size || found.size === n) return ['nothing was told apart'];
      return all.filter((i) => found.has(i) !== path(i));
    """)  # fmt: skip
    assert differing == []


def test_a_step_goes_to_a_point_that_lies_in_its_direction(page: Any) -> None:
    wrong = run(page, """
      return all.slice(0, 200).filter((i) => [[1, 0], [-1, 0], [0, 1], [0, -1]].some(([dx, dy]) => {
        const to = points.toward(i, dx, dy);
        const rest = all.filter((j) => {
          const [x, y] = [points.x[j] - points.x[i], points.y[j] - points.y[i]];
          return x * dx + y * dy >= Math.max(1, Math.abs(x * dy) + Math.abs(y * dx));
        });
        return to < 0 ? rest.length > 0 : !rest.includes(to);
      }));
    """)  # fmt: skip
    assert wrong == []


def test_zooming_keeps_what_is_under_the_hand_and_places_go_there_and_back(page: Any) -> None:
    off = run(page, """
      const { View } = await import(from + 'view.js');
      const view = new View(800, 500, points.bounds());
      let most = 0;
      for (let turn = 0; turn < 100; turn += 1) {
        const [left, top] = [300 + random() * 200, 200 + random() * 100];
        const before = view.toMap(left, top);
        view.zoomAt(turn % 2 ? 1.3 : 0.9, left, top);
        const after = view.toMap(left, top);
        const back = view.toScreen(...after);
        most = Math.max(most, Math.hypot(after[0] - before[0], after[1] - before[1]) * view.scale,
          Math.hypot(back[0] - left, back[1] - top));
      }
      return most;
    """)  # fmt: skip
    assert off < 1e-6


@pytest.fixture
def with_webgl(chromium: Any) -> Iterator[Any]:
    """A browser that does WebGL on the processor."""
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
              "--enable-unsafe-swiftshader", "--disable-background-networking"],
    )  # fmt: skip
    yield browser
    browser.close()


def drag(page: Any, *places: tuple[float, float]) -> None:
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def open_map(page: Any, server: Any, path: str = "/map") -> dict[str, float]:
    page.goto(server.url + path)
    page.wait_for_selector('[data-map-state="drawn"]')
    page.wait_for_timeout(150)
    return page.locator("[data-stage]").bounding_box()


def test_every_track_of_the_library_is_drawn_in_the_colours_of_the_legend(
    server: Any, page: Any
) -> None:
    open_map(page, server)
    for colour in ("genre", "mood", "year", "group"):
        page.locator(f"[data-colour={colour}]").click()
        page.wait_for_timeout(100)
        counts = page.locator(".map-key small").all_inner_texts()
        assert sum(map(int, counts)) == 32
        page.screenshot(path=server.shots / f"map-{colour}.png")
    unseen = page.evaluate("""() => {
      const canvas = document.querySelector('.map-stage canvas');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      const seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join());
      const dots = [...document.querySelectorAll('.map-key i')];
      return dots.map((dot) => getComputedStyle(dot).backgroundColor.match(/\\d+/g).join())
        .filter((rgb) => !seen.has(rgb));
    }""")
    assert unseen == []


def test_pointing_names_a_track_and_pressing_plays_it_and_what_lies_near(
    server: Any, page: Any
) -> None:
    box = open_map(page, server)
    page.locator("[data-stage]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "() => document.querySelector('[data-tip-title]').textContent.length > 1"
    )
    mark = page.locator("[data-mark]").evaluate(
        "e => e.style.transform.match(/[-\\d.]+/g).map(Number)"
    )
    page.mouse.move(box["x"] + mark[0] + 2, box["y"] + mark[1] + 1)
    title = page.inner_text("[data-tip-title]")
    with page.expect_response(re.compile(r"/player/queue/tracks$")) as answered:
        page.mouse.click(box["x"] + mark[0] + 2, box["y"] + mark[1] + 1)
    wait_until_sounding(page, 1)
    assert page.inner_text("#player-title") == title
    assert len(answered.value.json()) == 25


def test_keys_walk_from_track_to_track_say_its_name_and_play_it(server: Any, page: Any) -> None:
    open_map(page, server)
    page.locator("[data-stage]").focus()
    named = set()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
        page.wait_for_function(
            "before => document.querySelector('[data-says]').textContent !== before"
            " || document.querySelector('[data-tip-title]').textContent.length > 1",
            arg=page.inner_text("[data-says]"),
        )
        page.wait_for_timeout(250)
        named.add(page.inner_text("[data-says]"))
    assert len(named) >= 3
    title = page.inner_text("[data-tip-title]")
    page.keyboard.press("Enter")
    wait_until_sounding(page, 1)
    assert page.inner_text("#player-title") == title


def test_what_is_circled_becomes_a_playlist(server: Any, page: Any) -> None:
    box = open_map(page, server)
    x, y, w, h = box["x"], box["y"], box["width"], box["height"]
    page.locator("[data-draw]").click()
    corners = ((0.02, 0.02), (0.9, 0.02), (0.9, 0.85), (0.02, 0.85), (0.02, 0.05))
    drag(page, *((x + w * a, y + h * b) for a, b in corners))
    n = int(page.inner_text("[data-chosen-count]").split()[0])
    assert 5 < n <= 32
    page.screenshot(path=server.shots / "map-circled.png")
    page.locator("[data-chosen-save]").click()
    page.locator("#playlist-name").fill("A corner of the map")
    with page.expect_response(re.compile(r"/v1/playlists$")) as saved:
        page.locator("#save-playlist").get_by_role("button", name="Save").click()
    assert saved.value.json()["n_tracks"] == n
    page.get_by_role("button", name="Open").click()
    page.wait_for_selector("#playlist-tracks .track")
    assert page.locator("#playlist-tracks .track").count() == n
    assert page.url.endswith(saved.value.json()["id"])


def test_a_wheel_and_two_fingers_come_nearer_and_zero_shows_all_again(
    server: Any, page: Any
) -> None:
    box = open_map(page, server)
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    look = """() => Array.from(document.querySelectorAll('.map-labels span'))
      .filter((label) => label.style.visibility === 'visible')  // where a hidden one is, who knows
      .map((label) => label.textContent + label.style.transform).join()"""
    whole = page.evaluate(look)
    page.mouse.move(*middle)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(150)
    assert page.evaluate(look) != whole
    assert page.evaluate("scrollY") == 0
    page.locator("[data-stage]").focus()
    page.keyboard.press("0")
    page.wait_for_timeout(150)
    assert page.evaluate(look) == whole
    page.evaluate("""([x, y]) => {
      const stage = document.querySelector('[data-stage]');
      stage.setPointerCapture = () => {};
      const send = (name, id, dx) => stage.dispatchEvent(new PointerEvent(name, { pointerId: id,
        pointerType: 'touch', clientX: x + dx, clientY: y, bubbles: true }));
      send('pointerdown', 11, -40); send('pointerdown', 12, 40);
      send('pointermove', 11, -120); send('pointermove', 12, 120);
      send('pointerup', 11, -120); send('pointerup', 12, 120);
    }""", list(middle))  # fmt: skip
    page.wait_for_timeout(150)
    assert page.evaluate(look) != whole


def test_a_group_in_the_address_is_shown_alone_and_the_list_shows_all(
    server: Any, page: Any
) -> None:
    open_map(page, server, "/map?group=0")
    assert page.locator('.map-key[aria-pressed="true"]').count() == 1
    page.get_by_role("button", name="As a list").click()
    assert page.locator(".map-list .sleeve").count() >= 3
    assert page.locator("[data-stage]").is_hidden()


def test_both_painters_cover_the_same_places(server: Any, with_webgl: Any) -> None:
    page = with_webgl.new_page()
    page.goto(f"{server.url}/sign-in")
    static = page.evaluate("document.querySelector('link[rel=stylesheet]').href")
    shares = page.evaluate("""async (from) => {
      const { Points } = await import(from + 'points.js');
      const { View } = await import(from + 'view.js');
      const { Painter } = await import(from + 'painter.js');
      const { PixelPainter } = await import(from + 'pixels.js');
      const n = 300;
      const numbers = (k) => Array.from({ length: n }, (_, i) => (i * k) % 65536);
      const same = new Array(n).fill(0);
      const points = new Points({ ids: numbers(1).map(String), x: numbers(7919), y: numbers(104729),
        genre: same, mood: same, year: same, cluster: same });
      const view = new View(400, 300, points.bounds());
      view.zoomAt(1.7, 120, 80);
      const pictures = [Painter, PixelPainter].map((Kind) => {
        const canvas = document.createElement('canvas');
        const painter = new Kind(canvas, points);
        const colors = [[20, 90, 200, 225], [200, 40, 60, 225]];
        for (let i = 0; i < n; i += 1) painter.shades.set(colors[i % 4 ? 1 : 0], 4 * i);
        painter.recolor();
        painter.draw(view, 9);
        const copy = document.createElement('canvas');
        [copy.width, copy.height] = [400, 300];
        copy.getContext('2d').drawImage(canvas, 0, 0);
        return copy.getContext('2d').getImageData(0, 0, 400, 300).data;
      });
      let [both, either, color] = [0, 0, 0];
      for (let i = 0; i < 400 * 300; i += 1) {
        const [a, b] = pictures.map((data) => data[4 * i + 3] > 110);
        either += a || b;
        both += a && b;
        color += a && b && (pictures[0][4 * i] > 110) === (pictures[1][4 * i] > 110);
      }
      return [both / either, color / both, either];
    }""", re.sub(r"css/.*", "js/map/", static))  # fmt: skip
    page.close()
    assert shares[2] > 3_000
    assert shares[0] > 0.85
    assert shares[1] > 0.97
