// Love, dislike, rating, never: said once, shown everywhere on the page, and undoable.

import { request } from "./api.js";
import { record, tellPage } from "./events.js";
import { toast } from "./toasts.js";
import { fromElement } from "./tracks.js";
import { _ } from "./words.js";

const said = new Map(); // track id -> marks said in this visit; they win over what the page carries

export function marksOf(track) {
  return { loved: track.loved, disliked: track.disliked, rating: track.rating, ...said.get(track.id) };
}

function say(track, marks) {
  said.set(track.id, { ...marksOf(track), ...marks });
  paint();
  document.body.dispatchEvent(new CustomEvent("segue:marks", { detail: track.id }));
}

export function toggleLove(track, source) {
  const loved = !marksOf(track).loved;
  say(track, loved ? { loved, disliked: false } : { loved });
  record(loved ? "love" : "unlove", track.id, { source });
}

export function toggleDislike(track, source) {
  const disliked = !marksOf(track).disliked;
  say(track, disliked ? { disliked, loved: false } : { disliked });
  record(disliked ? "dislike" : "undislike", track.id, { source });
  return disliked;
}

export function rate(track, value, source) {
  const again = marksOf(track).rating === value;
  say(track, { rating: again ? null : value });
  if (again) record("unrate", track.id, { source });
  else record("rate", track.id, { source, value });
}

const DAY_S = 86_400;

// For good, or for so many days.
export async function neverPlay(scope, id, name, onDone, days = null) {
  const path = `/v1/never-play/${scope}/${encodeURIComponent(id)}`;
  try {
    await request("PUT", path, days ? { until: Date.now() / 1000 + days * DAY_S } : {});
  } catch (error) {
    toast(_("That was not kept: %(why)s", { why: error.message }));
    return;
  }
  onDone?.();
  tellPage();
  const told = days
    ? _("%(name)s will not be played for a month.", { name })
    : _("%(name)s will not be played again.", { name });
  toast(told, _("Undo"), async () => {
    await request("DELETE", path);
    for (const row of rowsOf(id)) row.classList.remove("is-leaving");
    tellPage();
  });
}

export const rowsOf = (id) => document.querySelectorAll(`[data-track-id="${CSS.escape(id)}"]`);

// Makes the buttons of tracks show what has been said in this visit; the page carries the rest.
export function paint() {
  for (const id of said.keys()) {
    for (const element of rowsOf(id)) {
      const marks = marksOf(fromElement(element));
      for (const button of element.querySelectorAll("[data-act]")) paintButton(button, marks);
    }
  }
}

export function paintButton(button, marks) {
  const act = button.dataset.act;
  if (act === "love") {
    button.setAttribute("aria-pressed", String(Boolean(marks.loved)));
    const words = button.querySelector("[data-words]");
    if (words) words.textContent = marks.loved ? _("Loved") : _("Love");
  } else if (act === "dislike") {
    button.setAttribute("aria-pressed", String(Boolean(marks.disliked)));
  } else if (act === "rate") {
    const value = Number(button.dataset.value);
    button.classList.toggle("is-lit", value <= (marks.rating || 0));
    button.setAttribute("aria-pressed", String(value === marks.rating));
  }
}
