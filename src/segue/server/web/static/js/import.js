// Sends dropped or chosen files of an export one after the other, then shows what they are.

import { request } from "./api.js";
import { toast } from "./toasts.js";
import { _ } from "./words.js";

// Files in dropped folders, each with its path.
async function filesOf(items) {
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      found.push(await new Promise((done, failed) => entry.file(done, failed)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return;
      for (const inner of some) await walk(inner);
    }
  };
  const entries = Array.from(items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  for (const entry of entries) await walk(entry);
  return found;
}

// fetch cannot say how much of a body was sent
function send(importId, file, onProgress) {
  return new Promise((done, failed) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", `/v1/imports/${importId}/files?name=${encodeURIComponent(file.name.slice(-200))}`);
    sending.setRequestHeader("content-type", "application/octet-stream");
    sending.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    sending.addEventListener("error", () => failed(new Error(_("The connection was lost. Try again."))));
    sending.addEventListener("load", () => {
      if (sending.status < 300) done();
      else failed(new Error(JSON.parse(sending.responseText || "{}").detail || _("The server answered %(status)s.", { status: sending.status })));
    });
    sending.send(file);
  });
}

async function bring(root, files) {
  if (!files.length) return;
  const box = root.querySelector("[data-sending]");
  const [words, bar] = [box.querySelector("p"), box.querySelector("progress")];
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let before = 0;
  box.hidden = false;
  try {
    const { id } = await request("POST", "/v1/imports");
    for (const file of files) {
      words.textContent = _("Sending %(file)s", { file: file.name });
      await send(id, file, (loaded) => { bar.value = total ? (before + loaded) / total : 1; });
      before += file.size;
    }
    words.textContent = _("Looking at it");
    await htmx.ajax("GET", `/import/${id}/look`, { target: "#import-look", swap: "innerHTML", select: "unset" });
    root.querySelector("#import-look").scrollIntoView({ block: "nearest" });
  } catch (error) {
    toast(error.message);
  } finally {
    box.hidden = true;
    bar.value = 0;
  }
}

export function start(root) {
  const drop = root.querySelector("[data-drop]");
  const input = root.querySelector("[data-files]");
  const over = (on) => (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", on);
  };
  drop.addEventListener("dragenter", over(true));
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", async (event) => {
    over(false)(event);
    await bring(root, await filesOf(event.dataTransfer.items));
  });
  input.addEventListener("change", async () => {
    await bring(root, Array.from(input.files));
    input.value = "";
  });
  // once it is decided, what was shown for the decision goes
  root.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.closest("#import-look")) {
      root.querySelector("#import-look").replaceChildren();
    }
  });
}
