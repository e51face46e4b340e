// A list of any length, of which only the rows near the window are in the document. Rows are all of
// one height; what is away is the height of an empty row before and one behind. Without this script
// a list grows by "Show more".

const AHEAD = 1; // pages kept before and behind those that show
const AT_ONCE = 12; // rows that come in one go, so that a press in between is answered
const PAUSE_MS = 80; // a page that flies past is not asked for

// Who goes back comes back to the place; a link opens the list at its begin.
const places = new Map(); // address -> how far down
let isBack = false;
addEventListener("popstate", () => {
  isBack = true;
});
document.body.addEventListener("htmx:pushedIntoHistory", () => {
  isBack = false;
});

export function start(list) {
  const total = Number(list.dataset.total);
  const rows = Array.from(list.querySelectorAll(":scope > [data-track]"));
  const size = rows.length;
  if (!rows.length || total <= size) return undefined;

  const before = away("is-far");
  const behind = away("is-far");
  const pages = new Map(); // number of a page -> { nodes, cancel }
  let rowHeight = heightOf(rows);
  let frame = 0;
  let isPlaced = false;

  const here = location.href;
  const wasAt = isBack ? places.get(here) : 0;
  list.replaceChildren(before, ...rows, behind);
  pages.set(0, { nodes: numbered(rows, 0), cancel() {} });

  function numbered(nodes, page) {
    nodes.forEach((node, i) => {
      node.setAttribute("aria-setsize", total);
      node.setAttribute("aria-posinset", page * size + i + 1);
    });
    return nodes;
  }

  const rowsOf = (page) => Math.min(size, total - page * size);

  function wanted() {
    const first = -list.getBoundingClientRect().top / rowHeight;
    const last = first + innerHeight / rowHeight;
    const end = Math.ceil(total / size) - 1;
    const within = (page) => Math.min(end, Math.max(0, page));
    return [within(Math.floor(first / size) - AHEAD), within(Math.floor(last / size) + AHEAD)];
  }

  function drop(page) {
    const { nodes, cancel } = pages.get(page);
    cancel();
    // who came here by keyboard does not fall out of the page
    if (nodes.some((node) => node.contains(document.activeElement))) list.focus({ preventScroll: true });
    for (const node of nodes) node.remove();
    pages.delete(page);
  }

  function show() {
    frame = 0;
    if (!list.isConnected) return;
    const [from, to] = wanted();
    for (const page of [...pages.keys()]) if (page < from || page > to) drop(page);
    for (let page = from; page <= to; page += 1) if (!pages.has(page)) open(page);
    before.style.height = `${from * size * rowHeight}px`;
    behind.style.height = `${Math.max(0, total - (to + 1) * size) * rowHeight}px`;
    if (isPlaced) places.set(here, scrollY);
  }

  function open(page) {
    const empty = away();
    empty.style.height = `${rowsOf(page) * rowHeight}px`;
    const next = [...pages.keys()].filter((other) => other > page).sort((a, b) => a - b)[0];
    (next === undefined ? behind : pages.get(next).nodes[0]).before(empty);
    const asking = new AbortController();
    const timer = setTimeout(() => fill(page, asking.signal), PAUSE_MS);
    pages.set(page, {
      nodes: [empty],
      cancel() {
        clearTimeout(timer);
        asking.abort();
      },
    });
  }

  async function fill(page, signal) {
    const url = new URL(list.dataset.rows, location.href);
    url.searchParams.set("start", page * size);
    try {
      const response = await fetch(url, { signal, headers: { "HX-Request": "true" } });
      if (!response.ok) throw new Error(response.statusText);
      put(page, await response.text());
    } catch {
      // an empty row stays, and is asked for again when it comes near again
      if (!signal.aborted && pages.has(page)) setTimeout(() => pages.has(page) && drop(page), 2000);
    }
  }

  function put(page, html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const nodes = numbered(Array.from(holder.content.querySelectorAll("[data-track]")), page);
    const entry = pages.get(page);
    if (entry && nodes.length) fillIn(entry, nodes);
  }

  // The empty row shrinks as rows come before it.
  async function fillIn(entry, nodes) {
    const [empty] = entry.nodes;
    for (let at = 0; at < nodes.length; at += AT_ONCE) {
      if (!empty.isConnected) return;
      const some = nodes.slice(at, at + AT_ONCE);
      empty.before(...some);
      entry.nodes.splice(-1, 0, ...some);
      empty.style.height = `${(nodes.length - at - some.length) * rowHeight}px`;
      for (const node of some) window.htmx.process(node);
      await new Promise((later) => setTimeout(later));
    }
    empty.remove();
    entry.nodes = nodes;
    window.htmx.trigger(document.body, "htmx:afterSettle");
  }

  const later = () => {
    frame ||= requestAnimationFrame(show);
  };
  function resized() {
    const loaded = Array.from(list.querySelectorAll(":scope > [data-track]"));
    if (loaded.length) rowHeight = heightOf(loaded.slice(0, 20)) || rowHeight;
    later();
  }

  list.tabIndex = -1;
  show();
  if (wasAt) scrollTo(0, wasAt);
  isPlaced = true;
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", resized);
  return () => {
    removeEventListener("scroll", later);
    removeEventListener("resize", resized);
    for (const { cancel } of pages.values()) cancel();
  };
}

function away(name = "") {
  const row = document.createElement("li");
  row.className = `rows-away ${name}`;
  row.setAttribute("aria-hidden", "true");
  return row;
}

function heightOf(rows) {
  const [first, last] = [rows[0], rows.at(-1)].map((row) => row.getBoundingClientRect());
  return (last.bottom - first.top) / rows.length;
}
