// Which colour each point has: schemes with a legend, and what is set apart from the rest.

import { _ } from "../words.js";

const N_HUES = 10;
const DIM = 22; // of 255: what is not set apart
const FULL = 225;

export function rgbOf(text) {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.fillStyle = text;
  probe.fillRect(0, 0, 1, 1);
  return Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

// The map's colours as the style sheet names them, for the ground that is shown now.
export function palette(root) {
  const probe = document.createElement("span");
  root.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return rgbOf(getComputedStyle(probe).color);
  };
  const hues = Array.from({ length: N_HUES }, (_, i) => read(`--map-${i + 1}`));
  const found = { hues, rest: read("--map-rest"), old: read("--map-old"), young: read("--map-young"), middle: read("--map-middle") };
  probe.remove();
  return found;
}

function mixed(a, b, share) {
  return a.map((value, i) => Math.round(value + (b[i] - value) * share));
}

function ramp({ old, middle, young }, share) {
  return share < 0.5 ? mixed(old, middle, share * 2) : mixed(middle, young, share * 2 - 1);
}

// { classes: [{ key, name, n, color }], of: Int16Array of class numbers }, the largest class first
// but for years, which stand in order; what has no class, or none of the ten hues, comes last.
export function schemeOf(name, points, columns, colors) {
  if (name === "year") return years(points, colors);
  const numbers = points[name === "group" ? "cluster" : name];
  const names = columns[{ genre: "genres", mood: "moods", group: "clusters" }[name]];
  const counts = new Map();
  for (const number of numbers) counts.set(number, (counts.get(number) || 0) + 1);
  const known = [...counts.keys()].filter((number) => number >= 0).sort((a, b) => counts.get(b) - counts.get(a) || a - b);
  const hueOf = (number, place) => colors.hues[(name === "group" ? number : place) % N_HUES];
  const shown = name === "group" ? known : known.slice(0, N_HUES);
  const classes = shown.map((number, place) => ({ key: number, name: moods[names[number]]?.() ?? capital(names[number]), n: counts.get(number), color: hueOf(number, place) }));
  const others = known.slice(shown.length).reduce((sum, number) => sum + counts.get(number), 0);
  if (others) classes.push({ key: -2, name: _("Other"), n: others, color: colors.rest });
  if (counts.get(-1)) classes.push({ key: -1, name: none[name](), n: counts.get(-1), color: colors.rest });
  const place = new Map(classes.map(({ key }, at) => [key, at]));
  const other = place.get(-2);
  return { classes, of: Int16Array.from(numbers, (number) => place.get(number) ?? other) };
}

function years(points, colors) {
  const decade = (year) => (year > 0 ? Math.floor(year / 10) * 10 : -1);
  const counts = new Map();
  for (const year of points.year) counts.set(decade(year), (counts.get(decade(year)) || 0) + 1);
  const known = [...counts.keys()].filter((key) => key > 0).sort((a, b) => a - b);
  const [first, span] = [known[0], Math.max(10, known.at(-1) - known[0])];
  const classes = known.map((key) => ({ key, name: _("%(decade)ss", { decade: key }), n: counts.get(key), color: ramp(colors, known.length < 2 ? 1 : (key - first) / span) }));
  if (counts.get(-1)) classes.push({ key: -1, name: none.year(), n: counts.get(-1), color: colors.rest });
  const place = new Map(classes.map(({ key }, at) => [key, at]));
  return { classes, of: Int16Array.from(points.year, (year) => place.get(decade(year))) };
}

const none = {
  genre: () => _("No genre"),
  mood: () => _("No clear mood"),
  year: () => _("Year not known"),
  group: () => _("No group"),
};
const moods = {
  calm: () => _("Calm"),
  happy: () => _("Happy"),
  sad: () => _("Sad"),
  energetic: () => _("Energetic"),
  focus: () => _("Focus"),
  workout: () => _("Workout"),
  party: () => _("Party"),
  sleep: () => _("Sleep"),
  commute: () => _("Commute"),
};
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// Writes RGBA of every point; `apart(i)` says whether it is set apart, null when nothing is.
export function shade(shades, scheme, apart) {
  for (let i = 0; i < scheme.of.length; i += 1) {
    const { color } = scheme.classes[scheme.of[i]];
    shades[4 * i] = color[0];
    shades[4 * i + 1] = color[1];
    shades[4 * i + 2] = color[2];
    shades[4 * i + 3] = !apart || apart(i) ? FULL : DIM;
  }
}
