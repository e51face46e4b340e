"""MAP: frame times of the music map in Chromium while it is moved and zoomed, with a generated map.

The map's own modules draw; nothing is stubbed. Without ``--gpu`` there is no graphics card, and
the map and the browser draw as they do there; ``--webgl`` makes the processor do the card's work
(SwiftShader). A frame is the work between two animation frames; with WebGL it is waited for by
reading one pixel back. Between frames the rest of the browser works too, and whatever else the
machine does; a frame is late when more than one and a half sixtieths of a second lie before it.
"""

import argparse
import shutil
import statistics
from pathlib import Path
from typing import Any

from benchmarks.lines import SKIPPED, figure, progress

JS = Path(__file__).resolve().parents[2] / "src/segue/server/web/static/js"
FRAME_MS = 1000 / 60
LATE = 0.05
HOST = "http://map.test"
HARNESS = """<!doctype html><style>body{margin:0}#s,canvas{position:absolute;inset:0;width:100%;
height:100%}#l span{position:absolute;left:0;top:0;font:600 16px serif}</style>
<div id=s><canvas></canvas><div id=l></div></div>"""
RUN = """async ([n, frames, webgl]) => {
  const { Points } = await import('/js/map/points.js');
  const { View } = await import('/js/map/view.js');
  const { Painter, painterFor, pointSizeFor } = await import('/js/map/painter.js');
  const { Labels } = await import('/js/map/labels.js');
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const near = (middle, spread) => Math.max(0, Math.min(65535, Math.round(
    middle + spread * (random() + random() + random() + random() - 2))));
  const place = () => 8000 + random() * 50000;
  const middles = Array.from({ length: 40 }, () => [place(), place()]);
  const columns = { ids: [], x: [], y: [], genre: [], mood: [], year: [], cluster: [] };
  for (let i = 0; i < n; i += 1) {
    const group = Math.floor(random() * 40);
    columns.ids.push(`track-${i}`);
    columns.x.push(near(middles[group][0], 3500));
    columns.y.push(near(middles[group][1], 3500));
    columns.genre.push(group % 12); columns.mood.push(group % 4); columns.year.push(1960 + group);
    columns.cluster.push(group);
  }
  const begun = performance.now();
  const points = new Points(columns);
  const loadMs = performance.now() - begun;
  const canvas = document.querySelector('canvas');
  const painter = (webgl ? (...given) => new Painter(...given) : painterFor)(canvas, points);
  for (let i = 0; i < n; i += 1) {
    painter.shades.set([(points.cluster[i] * 53) % 256, 120, 160, 225], 4 * i);
  }
  painter.recolor();
  const view = new View(innerWidth, innerHeight, points.bounds());
  const names = middles.map((_, i) => `Group number ${i}`);
  const labels = new Labels(document.getElementById('l'), points.middles(40), names);
  const pixel = new Uint8Array(4), work = [], gaps = [], hovers = [];
  let last = 0;
  const frame = (at) => {
    if (last) gaps.push(at - last);
    last = at;
    const turn = work.length;
    view.pan(6 * Math.cos(turn / 20), 6 * Math.sin(turn / 20));
    view.zoomAt(turn % 120 < 60 ? 1.03 : 1 / 1.03, innerWidth / 3, innerHeight / 2);
    const start = performance.now();
    painter.draw(view, pointSizeFor(view, n));
    labels.lay(view);
    const { gl } = painter;
    gl?.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    work.push(performance.now() - start);
    const aim = performance.now();
    const [x, y] = view.toMap(random() * innerWidth, random() * innerHeight);
    points.nearest(x, y, 14 / view.scale);
    hovers.push(performance.now() - aim);
  };
  await new Promise((done) => {
    const go = (at) => {
      frame(at);
      if (work.length < frames) requestAnimationFrame(go); else done();
    };
    requestAnimationFrame(go);
  });
  const info = painter.gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = info
    ? painter.gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'canvas, no WebGL';
  return { work, gaps, hovers, loadMs, renderer };
}"""


def main(argv: list[str] | None = None) -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--frames", type=int, default=600)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--gpu", action="store_true", help="let Chromium use a graphics card")
    how.add_argument("--webgl", action="store_true", help="WebGL by the processor")
    given = parser.parse_args(argv)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        progress("skipped: Chromium is not installed")
        raise SystemExit(SKIPPED)
    from playwright.sync_api import sync_playwright

    # without a card Chromium puts its pages together on the processor, as --disable-gpu makes it do
    software = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    flags = [] if given.gpu else software if given.webgl else ["--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", *flags]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.route(f"{HOST}/**", answer)
        page.goto(f"{HOST}/")
        _tell(given.tracks, page.evaluate(RUN, [given.tracks, given.frames, given.webgl]))
        browser.close()


def answer(route: Any) -> None:
    """Serve the harness and the modules from the source tree."""
    path = route.request.url.removeprefix(HOST).split("?")[0]
    if path.startswith("/js/"):
        route.fulfill(path=JS / path.removeprefix("/js/"), content_type="text/javascript")
    else:
        route.fulfill(body=HARNESS, content_type="text/html")


def _tell(n_tracks: int, found: dict[str, Any]) -> None:
    how = "canvas, no graphics card" if "canvas" in found["renderer"] else found["renderer"]
    data = f"generated map of {n_tracks} tracks, 1280 x 720, {how}"
    work = statistics.quantiles(found["work"], n=100)
    gaps = statistics.quantiles(found["gaps"], n=100)
    aims = statistics.quantiles(found["hovers"], n=100)
    for metric, value, target in (
        ("work of a frame, median", work[49], FRAME_MS),
        ("work of a frame, 95 %", work[94], FRAME_MS),
        ("between frames, median", gaps[49], None),
        ("find what is under the hand, 95 %", aims[94], None),
        ("sort into the grid", found["loadMs"], None),
    ):
        figure("MAP", metric, value, "ms", data=data, n=len(found["work"]), target=target,
               better="lower")  # fmt: skip
    late = statistics.fmean(gap > 1.5 * FRAME_MS for gap in found["gaps"])
    figure("MAP", "late frames", late, "share", data=data, n=len(found["gaps"]), target=LATE,
           better="lower")  # fmt: skip


if __name__ == "__main__":
    main()
