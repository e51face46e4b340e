// The seek bar as the shape of the track. A plain bar stands there until the shape is known.

import { getJson } from "./api.js";

const SVG = "http://www.w3.org/2000/svg";
const BAR_PX = 3; // a bar of two and a gap of one
const HEIGHT = 100;
const LEAST = 6; // silence is a thin line, not a hole
const MOST_KNOWN = 40;
const ASK_AGAIN_MS = 6000;

const known = new Map(); // track id -> peaks, the latest last

async function peaksOf(id) {
  if (known.has(id)) return known.get(id);
  const { peaks } = await getJson(`/v1/tracks/${encodeURIComponent(id)}/peaks`);
  known.set(id, peaks);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value);
  return peaks;
}

// The loudest of each of n stretches of equal length.
export function resample(peaks, n) {
  return Array.from({ length: n }, (_, at) => {
    const low = Math.floor((at * peaks.length) / n);
    const high = Math.max(low + 1, Math.ceil(((at + 1) * peaks.length) / n));
    return Math.max(...peaks.slice(low, high));
  });
}

export function pathOf(peaks, width) {
  const n = Math.max(1, Math.floor(width / BAR_PX));
  return resample(peaks, Math.min(n, peaks.length)).map((peak, at, all) => {
    const height = Math.max(LEAST, (peak / 255) * HEIGHT);
    const step = width / all.length;
    const x = at * step;
    return `M${x.toFixed(2)} ${((HEIGHT - height) / 2).toFixed(1)}h${(step * 0.66).toFixed(2)}v${height.toFixed(1)}h-${(step * 0.66).toFixed(2)}z`;
  }).join("");
}

export function startWaveform(player) {
  const place = document.getElementById("player-wave");
  const box = place.parentElement;
  const [ground, heard] = ["wave-ground", "wave-heard"].map((name) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    place.append(path);
    return path;
  });
  let shown = null; // { id, peaks }

  function draw() {
    box.classList.toggle("has-wave", Boolean(shown?.peaks.length));
    if (!shown?.peaks.length) return;
    const width = Math.max(1, Math.round(place.getBoundingClientRect().width));
    place.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    for (const path of [ground, heard]) path.setAttribute("d", pathOf(shown.peaks, width));
    move();
  }

  function move() {
    const part = player.duration ? player.position / player.duration : 0;
    show(part);
  }

  function show(part) {
    heard.style.clipPath = `inset(0 ${(100 - Math.min(1, part) * 100).toFixed(2)}% 0 0)`;
  }

  async function fetchFor(id, again = true) {
    if (!id) return;
    if (shown?.id !== id) {
      shown = { id, peaks: known.get(id) || [] };
      draw();
    }
    try {
      const peaks = await peaksOf(id);
      if (player.track?.id !== id) return;
      shown = { id, peaks };
      draw();
    } catch (error) {
      // others are drawn just now: once more in a while; else the plain bar stays
      if (again && error.status === 429) setTimeout(() => player.track?.id === id && fetchFor(id, false), ASK_AGAIN_MS);
    }
  }

  player.addEventListener("track", () => fetchFor(player.track?.id));
  player.addEventListener("cued", (event) => peaksOf(event.detail.id).catch(() => {}));
  player.addEventListener("time", move);
  player.addEventListener("state", move);
  new ResizeObserver(draw).observe(place);
  fetchFor(player.track?.id);
  return { show };
}
