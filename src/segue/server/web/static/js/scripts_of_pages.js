// Modules that only some pages need, loaded when such a page comes and stopped when it goes.
//
// A page asks by `data-script="name"` on an element; its module exports `start(root, context)`,
// which returns what to call when the element has left the page.

const MODULES = {
  "radio-builder": () => import("./radio_builder.js"),
  "music-map": () => import("./map/map.js"),
  "song-path": () => import("./song_path.js"),
};

let running = []; // { root, stop }

async function begin(root, context) {
  root.dataset.begun = "yes";
  const entry = { root, stop: null };
  running.push(entry);
  const module = await MODULES[root.dataset.script]();
  if (root.isConnected) entry.stop = module.start(root, context) || null;
}

export function startScriptsOfPages(context) {
  function look() {
    for (const entry of running.filter(({ root }) => !root.isConnected)) entry.stop?.();
    running = running.filter(({ root }) => root.isConnected);
    for (const root of document.querySelectorAll("[data-script]:not([data-begun])")) {
      if (MODULES[root.dataset.script]) begin(root, context);
    }
  }
  document.body.addEventListener("htmx:afterSettle", look);
  document.body.addEventListener("htmx:historyRestore", look);
  look();
}
