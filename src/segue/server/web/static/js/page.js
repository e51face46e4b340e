// Small duties of every page: where we are, missing covers, the theme, coming and going offline.

import { showEdges } from "./edges.js";
import { paint } from "./feedback.js";

function markPlace() {
  const path = location.pathname;
  for (const place of document.querySelectorAll("[data-place]")) {
    const here = place.dataset.place
      .split(" ")
      .some((start) => (start === "/" ? path === "/" : path.startsWith(start)));
    if (here) place.setAttribute("aria-current", "page");
    else place.removeAttribute("aria-current");
  }
}

function markTheme() {
  const chosen = document.documentElement.dataset.theme || "auto";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
  }
}

export function chooseTheme(name) {
  if (name === "auto") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("segue.theme");
  } else {
    document.documentElement.dataset.theme = name;
    localStorage.setItem("segue.theme", name);
  }
  markTheme();
}

export function goToSearch() {
  const box = document.getElementById("search");
  if (box) box.select();
  else document.querySelector('[data-place="/search"]').click();
}

// A cover that cannot be loaded becomes its drawn sleeve.
function mendCover(event) {
  const image = event.target;
  if (!(image instanceof HTMLImageElement) || !image.dataset.drawn) return;
  image.src = image.dataset.drawn;
  delete image.dataset.drawn;
  image.closest(".cover")?.classList.add("drawn");
}

// Rows that a refreshed list did not have before arrive softly, so that the change is seen.
function showChange() {
  let before = null;
  const ids = (root) => new Set(Array.from(root.querySelectorAll("[data-track-id]"), (row) => row.dataset.trackId));
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    before = target?.id === "for-you" ? ids(target) : null;
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    const list = before && document.getElementById("for-you");
    if (!list) return;
    for (const row of list.querySelectorAll("[data-track-id]")) {
      row.classList.toggle("is-new", !before.has(row.dataset.trackId));
    }
    before = null;
  });
}

function showAway() {
  document.getElementById("away").hidden = navigator.onLine;
}

export function startPage() {
  const settle = () => {
    markPlace();
    markTheme();
    showEdges();
    paint();
  };
  document.addEventListener("error", mendCover, true);
  for (const name of ["htmx:afterSettle", "htmx:pushedIntoHistory", "htmx:historyRestore"]) {
    document.body.addEventListener(name, settle);
  }
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id !== "page" || event.detail.boosted === false) return;
    const box = event.detail.elt.querySelector("[data-autofocus]");
    (box || event.detail.elt).focus({ preventScroll: true });
  });
  addEventListener("online", showAway);
  addEventListener("offline", showAway);
  showAway();
  showChange();
  settle();
}
