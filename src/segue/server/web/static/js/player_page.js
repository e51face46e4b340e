// Beside the large cover: what comes next, why this track is here, and its words.

const SEEN = 0.6; // of the height of the window: lower than that, next to nothing of it shows

export function startPlayerPage(player) {
  const root = document.getElementById("player-beside");
  const tabs = Array.from(root.querySelectorAll("[data-beside]"));
  const parts = Object.fromEntries(tabs.map((tab) => [tab.dataset.beside, document.getElementById(tab.getAttribute("aria-controls"))]));
  let chosen = "next";
  const loaded = {}; // part -> track id

  function load(name) {
    const track = player.track;
    const part = parts[name];
    if (!track || !part.dataset.url || loaded[name] === track.id) return;
    loaded[name] = track.id;
    const query = new URLSearchParams({ station: track.from || player.queue.source });
    window.htmx.ajax("GET", `${part.dataset.url}/${encodeURIComponent(track.id)}?${query}`, { source: part, target: part, swap: "innerHTML", select: "unset" });
  }

  function show(name) {
    chosen = name;
    for (const tab of tabs) {
      const here = tab.dataset.beside === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      parts[tab.dataset.beside].hidden = !here;
    }
    load(name);
  }

  // On a narrow screen all this lies under the cover: what was asked for comes into view.
  function bringUp() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (root.getBoundingClientRect().top > innerHeight * SEEN) {
      root.scrollIntoView({ block: "start", behavior: still ? "instant" : "smooth" });
    }
  }

  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      show(tab.dataset.beside);
      bringUp();
    });
  }
  root.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const at = tabs.findIndex((tab) => tab.dataset.beside === chosen);
    const to = tabs[(at + by + tabs.length) % tabs.length];
    show(to.dataset.beside);
    to.focus({ preventScroll: true });
    bringUp();
  });
  const refresh = () => document.getElementById("player").classList.contains("is-grown") && load(chosen);
  player.addEventListener("track", refresh);
  return { show, refresh };
}
