// Scripts that only some pages need: <section data-module="map"> imports ./map.js when it appears
// and calls its `start(element, context)`; the context has the player and the queue. What `start`
// returns is called when the element has left.

const started = new Map(); // element -> what ends it

async function begin(element, context) {
  started.set(element, null);
  const module = await import(`./${element.dataset.module}.js`);
  const end = module.start(element, context);
  if (!element.isConnected) end?.();
  else if (end) started.set(element, end);
}

function settle(context) {
  for (const [element, end] of started) {
    if (element.isConnected) continue;
    started.delete(element);
    end?.();
  }
  for (const element of document.querySelectorAll("[data-module]")) {
    if (!started.has(element)) begin(element, context);
  }
}

export function startModules(context) {
  for (const name of ["htmx:afterSettle", "htmx:historyRestore"]) {
    document.body.addEventListener(name, () => settle(context));
  }
  settle(context);
}
