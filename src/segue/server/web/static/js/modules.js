// Scripts that only some pages need: <section data-module="map"> imports ./map.js when it appears
// and calls its `start(element)`. What `start` returns is called when the element has left.

const started = new Map(); // element -> what ends it

async function begin(element) {
  started.set(element, null);
  const module = await import(`./${element.dataset.module}.js`);
  const end = module.start(element);
  if (!element.isConnected) end?.();
  else if (end) started.set(element, end);
}

function settle() {
  for (const [element, end] of started) {
    if (element.isConnected) continue;
    started.delete(element);
    end?.();
  }
  for (const element of document.querySelectorAll("[data-module]")) {
    if (!started.has(element)) begin(element);
  }
}

export function startModules() {
  for (const name of ["htmx:afterSettle", "htmx:historyRestore"]) {
    document.body.addEventListener(name, settle);
  }
  settle();
}
