// Keep tracks as a playlist: asks for a name, saves, and says where it is.

import { request } from "./api.js";
import { toast } from "./toasts.js";
import { _, ngettext } from "./words.js";

const dialog = document.getElementById("save-playlist");
const field = document.getElementById("playlist-name");

export function saveAsPlaylist(trackIds, name) {
  const ids = [...new Set(trackIds)];
  if (!ids.length) return;
  dialog.querySelector("[data-save-count]").textContent = ngettext("%(n)s track", "%(n)s tracks", ids.length);
  field.value = name.slice(0, 200);
  dialog.returnValue = "cancel";
  dialog.onclose = () => dialog.returnValue === "save" && save(ids, field.value.trim());
  dialog.showModal();
  field.select();
}

async function save(trackIds, name) {
  try {
    const made = await request("POST", "/v1/playlists", { name, track_ids: trackIds });
    toast(_("Saved as %(name)s.", { name: made.name }), _("Open"), async () => openPage(`/playlists/${made.id}`));
  } catch (error) {
    toast(_("That was not saved: %(why)s", { why: error.message }));
  }
}

// Goes to a page without letting the music stop.
export function openPage(path) {
  return window.htmx.ajax("GET", path, { target: "#page", select: "#page", swap: "outerHTML show:window:top" }).then(() => history.pushState({}, "", path));
}

export function saveListOf(button) {
  const named = button.dataset.list && document.getElementById(button.dataset.list);
  const rows = (named || button.closest("[data-list-root]")).querySelectorAll("[data-track-id]");
  saveAsPlaylist(Array.from(rows, (row) => row.dataset.trackId), button.dataset.name || "");
}
