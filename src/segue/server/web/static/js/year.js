// The year as a picture: drawn on a canvas with the page's own type and colours, saved or shared.

import { toast } from "./toasts.js";
import { _ } from "./words.js";

const WIDTH = 1080;
const HEIGHT = 1350;
const EDGE = 84;

const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`; // light-dark() is resolved where it is used
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

function cut(context, text, width) {
  let short = text;
  while (short && context.measureText(short).width > width) short = short.slice(0, -1).trimEnd();
  return short === text ? text : `${short.slice(0, -1).trimEnd()}…`;
}

const loaded = (address) =>
  new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(null);
    image.src = address;
  });

function names(root, selector) {
  return Array.from(root.querySelectorAll(`${selector} li`), (row) => ({
    name: row.querySelector("a").textContent,
    by: row.querySelector(".quiet").textContent,
    cover: row.dataset.cover,
  }));
}

function column(context, title, rows, x, y, width, ink) {
  context.textAlign = "left";
  context.fillStyle = ink.quiet;
  context.font = '600 26px "Hanken Grotesk", sans-serif';
  context.fillText(title, x, y);
  rows.forEach((row, place) => {
    const top = y + 58 + place * 82;
    context.fillStyle = ink.text;
    context.font = '500 38px "Brygada 1918", serif';
    context.fillText(cut(context, row.name, width), x, top);
    context.fillStyle = ink.quiet;
    context.font = '400 24px "Hanken Grotesk", sans-serif';
    context.fillText(cut(context, row.by, width), x, top + 32);
  });
}

async function draw(root, canvas) {
  const { year, name, plays, heard } = root.dataset;
  const tracks = names(root, "[data-year-tracks]");
  const artists = names(root, "[data-year-artists]");
  await Promise.all([
    document.fonts.load('500 38px "Brygada 1918"'),
    document.fonts.load('600 26px "Hanken Grotesk"'),
  ]);
  const covers = (await Promise.all(tracks.map((track) => loaded(track.cover)))).filter(Boolean);
  const ink = { paper: colour("paper"), text: colour("ink"), quiet: colour("ink-quiet"), accent: colour("accent"), shelf: colour("shelf") };
  const context = canvas.getContext("2d");
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.textBaseline = "alphabetic";
  context.fillStyle = ink.quiet;
  context.font = '500 34px "Hanken Grotesk", sans-serif';
  context.fillText(cut(context, _("%(name)s, a year of music", { name }), WIDTH - 2 * EDGE), EDGE, 128);
  context.fillStyle = ink.accent;
  context.font = '500 236px "Brygada 1918", serif';
  context.fillText(year, EDGE - 10, 338);
  const side = (WIDTH - 2 * EDGE - 4 * 16) / 5;
  covers.slice(0, 5).forEach((image, place) => {
    context.drawImage(image, EDGE + place * (side + 16), 410, side, side);
  });
  context.fillStyle = ink.shelf;
  context.fillRect(EDGE - 24, 410 + side, WIDTH - 2 * EDGE + 48, 8);
  const half = (WIDTH - 2 * EDGE - 48) / 2;
  column(context, _("Artists"), artists, EDGE, 690, half, ink);
  column(context, _("Tracks"), tracks, EDGE + half + 48, 690, half, ink);
  context.fillStyle = ink.text;
  context.font = '500 56px "Brygada 1918", serif';
  context.fillText(`${plays} · ${heard}`, EDGE, HEIGHT - 110);
  context.fillStyle = ink.quiet;
  context.font = '400 26px "Hanken Grotesk", sans-serif';
  context.fillText(_("Segue, music people own"), EDGE, HEIGHT - 60);
}

const fileOf = (canvas, year) =>
  new Promise((resolve) => {
    canvas.toBlob((blob) => resolve(new File([blob], `segue-${year}.png`, { type: "image/png" })), "image/png");
  });

async function save(canvas, year) {
  const file = await fileOf(canvas, year);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function share(canvas, year) {
  try {
    await navigator.share({ files: [await fileOf(canvas, year)] });
  } catch (error) {
    if (error.name !== "AbortError") toast(_("That could not be shared. Save the picture instead."));
  }
}

export function start(root) {
  const canvas = root.querySelector("canvas");
  const { year } = root.dataset;
  const ready = draw(root, canvas).then(() => { root.dataset.drawn = "yes"; });
  root.querySelector("[data-save-picture]").addEventListener("click", () => ready.then(() => save(canvas, year)));
  const button = root.querySelector("[data-share-picture]");
  const probe = new File([""], "a.png", { type: "image/png" });
  button.hidden = !navigator.canShare?.({ files: [probe] });
  button.addEventListener("click", () => ready.then(() => share(canvas, year)));
}
