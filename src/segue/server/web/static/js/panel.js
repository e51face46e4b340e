// The panel beside the page, or below it on a phone: why a track is here, and the queue.

const why = document.getElementById("panel");
const queue = document.getElementById("queue-panel");
let cameFrom = null;

export const panelIsOpen = () => !why.hidden || !queue.hidden;

export function closePanels() {
  why.hidden = true;
  queue.hidden = true;
  document.querySelector('[data-act="queue"]').setAttribute("aria-expanded", "false");
  if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
  cameFrom = null;
}

export function toggleQueue() {
  const open = queue.hidden;
  closePanels();
  if (!open) return;
  cameFrom = document.activeElement;
  queue.hidden = false;
  document.querySelector('[data-act="queue"]').setAttribute("aria-expanded", "true");
  queue.focus({ preventScroll: true });
}

async function openWhy(path, opener) {
  queue.hidden = true;
  if (why.hidden) cameFrom = opener;
  await window.htmx.ajax("GET", path, { source: why, target: why, swap: "innerHTML", select: "unset" });
  why.hidden = false;
  why.scrollTop = 0;
  why.focus({ preventScroll: true });
}

export function startPanel() {
  // in the capture phase, before a boosted link acts; with a modifier a link stays a link
  document.addEventListener(
    "click",
    (event) => {
      const opener = event.target.closest?.("[data-panel]");
      if (!opener || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      openWhy(opener.dataset.panel, opener);
    },
    true,
  );
  document.body.addEventListener("htmx:pushedIntoHistory", () => {
    if (panelIsOpen()) closePanels();
  });
}
