// Rows that scroll sideways fade out where they go on, so that one sees that there is more.

const ROWS = ".tabs, .choices, .map-legend";
const watched = new WeakSet();
// told after the page is laid out, so that looking costs nothing
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (!target.dataset.more) show(target);
    mark(target);
  }
});

function mark(row) {
  const more = [];
  if (row.scrollLeft > 1) more.push("start");
  if (row.scrollWidth - row.clientWidth - row.scrollLeft > 1) more.push("end");
  row.dataset.more = more.join(" ");
}

// The one where we are comes to the middle, between its neighbours.
function show(row) {
  const here = row.querySelector("[aria-current]");
  if (here) row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

export function showEdges() {
  for (const row of document.querySelectorAll(ROWS)) {
    if (watched.has(row)) continue;
    watched.add(row);
    row.addEventListener("scroll", () => mark(row), { passive: true });
    sizes.observe(row);
  }
}
