// Several tracks at once: pressed rows are marked, and a bar says what can be done with them.

import { marksOf, neverPlay, toggleLove } from "./feedback.js";
import { saveAsPlaylist } from "./playlists.js";
import { fromElement } from "./tracks.js";
import { _, ngettext } from "./words.js";

export function startSelection({ addTracks, dropWhere }) {
  const bar = document.getElementById("selection");
  const chosen = new Map(); // id -> track, in the order of pressing
  let on = false;

  function paint() {
    const n = chosen.size;
    bar.hidden = !on;
    document.body.classList.toggle("is-selecting", on);
    bar.querySelector("[data-selection-count]").textContent = n ? ngettext("%(n)s track", "%(n)s tracks", n) : _("Nothing selected");
    for (const button of bar.querySelectorAll("[data-selected]")) button.disabled = n === 0;
    for (const button of document.querySelectorAll('#page [data-act="select"]')) button.setAttribute("aria-pressed", String(on));
    for (const row of document.querySelectorAll("#page .track[data-track]")) {
      const isChosen = on && chosen.has(row.dataset.trackId);
      row.classList.toggle("is-chosen", isChosen);
      const start = row.querySelector(".track-start");
      if (on) start.setAttribute("aria-pressed", String(isChosen));
      else start.removeAttribute("aria-pressed");
    }
  }

  function end() {
    on = false;
    chosen.clear();
    paint();
  }

  const acts = {
    "play-next": (tracks) => addTracks(tracks, "next"),
    add: (tracks) => addTracks(tracks, "last"),
    playlist: (tracks) => saveAsPlaylist(tracks.map((track) => track.id), ""),
    love: (tracks) => tracks.filter((track) => !marksOf(track).loved).forEach((track) => toggleLove(track, "library")),
    never: (tracks) => tracks.forEach((track) => neverPlay("track", track.id, track.title, () => dropWhere((other) => other.id === track.id))),
  };

  bar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-selected]")?.dataset.selected;
    if (!name) return;
    acts[name]([...chosen.values()]);
    end();
  });

  // before a press on a row becomes anything else
  document.addEventListener("click", (event) => {
    const row = on && event.target.closest?.("#page .track[data-track]");
    if (!row) return;
    event.preventDefault();
    event.stopPropagation();
    const track = fromElement(row);
    if (!chosen.delete(track.id)) chosen.set(track.id, track);
    paint();
  }, true);

  document.body.addEventListener("htmx:pushedIntoHistory", end);
  document.body.addEventListener("htmx:afterSettle", () => on && paint());
  return {
    toggle() {
      if (on) return end();
      on = true;
      return paint();
    },
  };
}
