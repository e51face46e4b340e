// The order of a playlist: by drag, by arrow keys, kept after each move.

import { request } from "./api.js";
import { toast } from "./toasts.js";
import { _ } from "./words.js";

export function start(list) {
  const path = `/v1/playlists/${encodeURIComponent(list.dataset.playlist)}`;
  const said = list.parentElement.querySelector("[data-order-said]");
  const rows = () => Array.from(list.children);
  const ids = () => rows().map((row) => Number(row.dataset.item));
  let kept = ids().join();

  async function keep() {
    const now = ids();
    if (now.join() === kept) return;
    kept = now.join();
    try {
      await request("PUT", `${path}/order`, { item_ids: now });
    } catch (error) {
      toast(error.status === 409 ? _("It has changed elsewhere. Load the page again.") : _("That was not kept: %(why)s", { why: error.message }));
    }
  }

  function say(row) {
    said.textContent = _("Now at place %(n)s of %(all)s", { n: rows().indexOf(row) + 1, all: list.children.length });
  }

  list.addEventListener("keydown", (event) => {
    const row = event.target.matches("[data-handle]") && event.target.closest("[data-item]");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!row || !step) return;
    event.preventDefault();
    event.stopPropagation();
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    event.target.focus();
    say(row);
    keep();
  });

  list.addEventListener("click", async (event) => {
    const row = event.target.closest("[data-remove]")?.closest("[data-item]");
    if (!row) return;
    const next = row.nextElementSibling || row.previousElementSibling;
    try {
      await request("POST", `${path}/remove`, { item_ids: [Number(row.dataset.item)] });
    } catch (error) {
      toast(_("That was not kept: %(why)s", { why: error.message }));
      return;
    }
    row.remove();
    kept = ids().join();
    next?.querySelector("[data-remove]").focus();
    said.textContent = _("Taken out");
  });

  let held = null;
  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-handle]");
    if (!handle || event.button) return;
    held = handle.closest("[data-item]");
    held.classList.add("is-held");
    handle.setPointerCapture(event.pointerId);
  });
  list.addEventListener("pointermove", (event) => {
    if (!held) return;
    const over = rows().find((row) => {
      const box = row.getBoundingClientRect();
      return event.clientY >= box.top && event.clientY < box.bottom;
    });
    if (!over || over === held) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(held);
    else over.after(held);
  });
  const drop = () => {
    if (!held) return;
    held.classList.remove("is-held");
    say(held);
    held = null;
    keep();
  };
  list.addEventListener("pointerup", drop);
  list.addEventListener("pointercancel", drop);
}
