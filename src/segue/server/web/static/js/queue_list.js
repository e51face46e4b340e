// What comes next, as a list: in its own panel and on the grown player.

import { names } from "./tracks.js";
import { setIcon } from "./player_bar.js";

const SHOWN = 60;

export function startQueueList(queue, player) {
  const places = document.querySelectorAll("[data-queue-list]");
  const pattern = document.querySelector('[data-act="close-panel"] svg');

  function line(track, index) {
    const item = document.createElement("li");
    item.className = "queue-item";
    item.classList.toggle("is-now", index === queue.index);
    item.classList.toggle("is-past", index < queue.index);
    const pick = document.createElement("button");
    pick.type = "button";
    pick.className = "queue-pick";
    const title = document.createElement("b");
    title.textContent = track.title;
    title.dir = "auto";
    const by = document.createElement("span");
    by.textContent = names(track);
    pick.append(title, by);
    pick.addEventListener("click", () => player.jump(index));
    item.append(pick);
    if (index === queue.index) pick.setAttribute("aria-current", "true");
    else item.append(removeButton(track, index));
    return item;
  }

  function removeButton(track, index) {
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "round";
    remove.setAttribute("aria-label", `Take ${track.title} out of the queue`);
    remove.append(pattern.cloneNode(true));
    setIcon(remove, "close");
    remove.addEventListener("click", () => queue.remove(index));
    return remove;
  }

  function show() {
    const first = Math.max(0, queue.index - 2);
    const shown = queue.tracks.slice(first, first + SHOWN);
    for (const place of places) {
      place.replaceChildren(...shown.map((track, offset) => line(track, first + offset)));
      if (shown.length) continue;
      const empty = document.createElement("li");
      empty.className = "quiet";
      empty.textContent = "Nothing yet. What you play, and what follows it, will stand here.";
      place.append(empty);
    }
  }

  queue.addEventListener("change", show);
  show();
}
