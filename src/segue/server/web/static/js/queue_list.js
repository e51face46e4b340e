// What comes next, as lists that can be put in order: by hand, by touch and by keys.

import { cloneIcon } from "./icons.js";
import { names } from "./tracks.js";
import { _, grouped, ngettext } from "./words.js";

const SHOWN = 60;

export function startQueueList(queue, player) {
  const places = Array.from(document.querySelectorAll("[data-queue-list]"));
  const says = document.getElementById("queue-says");
  let drag = null; // { item, from, to }
  const seen = new Set(); // places in view; the others are brought up to date when they come into it
  const behind = new Set(places);

  function button(kind, label, icon) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.setAttribute("aria-label", label);
    made.append(cloneIcon(icon));
    return made;
  }

  function line(track, index) {
    const item = document.createElement("li");
    item.className = "queue-item";
    item.dataset.index = index;
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
    if (index === queue.index) pick.setAttribute("aria-current", "true");
    item.append(gripOf(track, index), pick);
    if (index !== queue.index) {
      const remove = button("round", _("Take %(title)s out of the queue", track), "close");
      remove.addEventListener("click", () => queue.remove(index));
      item.append(remove);
    }
    return item;
  }

  function gripOf(track, index) {
    const grip = button("queue-grip", _("Move %(title)s; use the arrow keys", track), "grip");
    grip.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const list = grip.closest("[data-queue-list]");
      const to = queue.move(index, index + by);
      list.querySelector(`[data-index="${to}"] .queue-grip`)?.focus();
      says.textContent = _("Now %(n)s of %(all)s", { n: to + 1, all: queue.tracks.length });
    });
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      grip.focus({ preventScroll: true });
      grip.setPointerCapture(event.pointerId);
      drag = { item: grip.closest("li"), from: index, to: index };
      drag.item.classList.add("is-dragged");
    });
    grip.addEventListener("pointermove", (event) => drag && dragTo(event.clientY));
    grip.addEventListener("pointerup", () => drop(true));
    grip.addEventListener("pointercancel", () => drop(false));
    return grip;
  }

  // The dragged line changes places with the one under the hand.
  function dragTo(y) {
    const list = drag.item.parentElement;
    const others = Array.from(list.children).filter((other) => other !== drag.item);
    const after = others.find((other) => {
      const box = other.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    list.insertBefore(drag.item, after || null);
    const first = Math.min(...Array.from(list.children, (other) => Number(other.dataset.index)));
    drag.to = first + Array.from(list.children).indexOf(drag.item);
    const frame = list.closest(".panel, .player").getBoundingClientRect();
    const scroller = list.closest(".panel, .player");
    if (y < frame.top + 48) scroller.scrollTop -= 12;
    if (y > frame.bottom - 48) scroller.scrollTop += 12;
  }

  function drop(keep) {
    if (!drag) return;
    const { from, to } = drag;
    drag = null;
    if (keep && from !== to) queue.move(from, to);
    else show();
  }

  function fill(place) {
    behind.delete(place);
    const first = Math.max(0, queue.index - 2);
    const shown = queue.tracks.slice(first, first + SHOWN);
    place.replaceChildren(...shown.map((track, offset) => line(track, first + offset)));
    if (shown.length) return;
    const empty = document.createElement("li");
    empty.className = "quiet";
    empty.textContent = _("Nothing yet. What you play, and what follows it, will stand here.");
    place.append(empty);
  }

  function show() {
    if (drag) return;
    for (const place of places) {
      if (seen.has(place)) fill(place);
      else behind.add(place);
    }
    const upcoming = queue.upcoming;
    const lengthS = upcoming.reduce((sum, track) => sum + (track.duration_s || 0), 0);
    for (const about of document.querySelectorAll("[data-queue-about]")) {
      const minutes = Math.round(lengthS / 60);
      about.textContent = upcoming.length
        ? ngettext("%(n)s to come, %(minutes)s minutes", "%(n)s to come, %(minutes)s minutes", upcoming.length, { minutes: grouped(minutes) })
        : "";
    }
    for (const shuffle of document.querySelectorAll('[data-act="shuffle"]')) {
      shuffle.setAttribute("aria-pressed", String(queue.shuffled));
    }
  }

  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target);
      else seen.delete(target);
      if (isIntersecting && behind.has(target)) fill(target);
    }
  });
  for (const place of places) watch.observe(place);
  queue.addEventListener("change", show);
  show();
}
