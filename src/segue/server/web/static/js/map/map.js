// The music map: loads it, draws it, names what is under the hand, plays it, keeps what is circled.

import { getJson, request } from "../api.js";
import { saveAsPlaylist } from "../playlists.js";
import { toast } from "../toasts.js";
import { fromRest, names } from "../tracks.js";
import { palette, schemeOf, shade } from "./colors.js";
import { listen } from "./gestures.js";
import { Labels } from "./labels.js";
import { painterFor, pointSizeFor } from "./painter.js";
import { Points } from "./points.js";
import { View } from "./view.js";
import { _, grouped, ngettext } from "../words.js";

const REACH_PX = 14; // how far from a point one may aim
const NEIGHBORS = 24; // that play after the one that was pressed
const MOST_QUEUED = 500;
const MOST_KEPT = 10000;
const NAME_AFTER_MS = 70;
const MOST_NAMED = 300;

export function start(root, { player }) {
  let map = null;
  let gone = false;
  show(root, player)
    .then((made) => {
      if (gone) made?.end();
      else map = made;
    })
    .catch((error) => asList(root, error.message));
  return () => {
    gone = true;
    map?.end();
  };
}

function asList(root, why) {
  root.classList.add("is-list");
  root.querySelector("[data-map-only-list]").hidden = false;
  root.dataset.mapState = `list: ${why}`;
}

async function show(root, player) {
  const stage = root.querySelector("[data-stage]");
  if (!stage) return null;
  const columns = await getJson("/v1/map");
  const told = JSON.parse(root.dataset.groupNames); // as the page says them, by number
  columns.clusters = columns.clusters.map((name, number) => told[number] ?? name);
  const points = new Points(columns);
  const painter = painterFor(stage.querySelector("canvas"), points);
  const map = new MusicMap(root, stage, columns, points, painter, player);
  root.dataset.mapState = "drawn";
  return map;
}

class MusicMap {
  #dirty = true;
  #frame = 0;
  #only = null; // place of a class of the legend
  #chosen = null; // Uint8Array: what was circled
  #focus = -1;
  #tracks = new Map();
  #asking = 0;
  #drawing = false;

  constructor(root, stage, columns, points, painter, player) {
    Object.assign(this, { root, stage, columns, points, painter, player });
    this.find = (name) => root.querySelector(`[data-${name}]`);
    this.view = new View(stage.clientWidth, stage.clientHeight, points.bounds());
    this.colors = palette(root);
    this.labels = new Labels(this.find("labels"), points.middles(columns.clusters.length), columns.clusters);
    listen(stage, this.view, this.#hands(), () => this.#drawing);
    this.#buttons();
    this.#watch();
    this.#begin(new URLSearchParams(location.search));
  }

  end() {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.stops) stop();
    this.painter.end();
  }

  // What the address asks for: a colour, a group, a track.
  #begin(asked) {
    const group = asked.get("group");
    const colour = asked.get("colour");
    this.colour(group !== null ? "group" : this.root.querySelector(`[data-colour="${CSS.escape(colour || "")}"]`) ? colour : "genre");
    if (group !== null) this.#showGroup(Number(group));
    const track = this.points.ids.indexOf(asked.get("track") || "");
    if (track >= 0) {
      this.view.zoomAt(6);
      this.#goTo(track);
    }
  }

  #showGroup(number) {
    const place = this.scheme.classes.findIndex(({ key }) => key === number);
    if (place < 0) return;
    this.#setOnly(place);
    const rows = [];
    for (let i = 0; i < this.points.n; i += 1) if (this.points.cluster[i] === number) rows.push(i);
    const span = (column) => {
      const sorted = Uint16Array.from(rows, (i) => column[i]).sort();
      return [sorted[Math.floor(rows.length * 0.05)], sorted[Math.ceil(rows.length * 0.95) - 1]];
    };
    const [left, right] = span(this.points.x);
    const [top, bottom] = span(this.points.y);
    this.view.show(left, top, right, bottom);
  }

  colour(name) {
    this.name = name;
    this.scheme = schemeOf(name, this.points, this.columns, this.colors);
    this.#only = null;
    for (const button of this.root.querySelectorAll("[data-colour]")) {
      button.setAttribute("aria-pressed", String(button.dataset.colour === name));
    }
    this.#legend();
    this.#paint();
  }

  #apart = (i) => (this.#chosen ? this.#chosen[i] === 1 : this.#only === null || this.scheme.of[i] === this.#only);

  #paint() {
    const some = this.#chosen || this.#only !== null;
    shade(this.painter.shades, this.scheme, some ? this.#apart : null);
    this.painter.recolor();
    this.changed();
  }

  #legend() {
    const list = this.find("legend");
    list.replaceChildren(...this.scheme.classes.map(({ name, n, color }, place) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "map-key";
      const dot = document.createElement("i");
      dot.style.background = `rgb(${color.join(" ")})`;
      const label = document.createElement("span");
      label.textContent = name;
      label.dir = "auto";
      const count = document.createElement("small");
      count.textContent = grouped(n);
      button.append(dot, label, count);
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => this.#setOnly(this.#only === place ? null : place));
      item.append(button);
      return item;
    }));
  }

  #setOnly(place) {
    this.#only = place;
    this.find("legend").querySelectorAll("button").forEach((button, at) => {
      button.setAttribute("aria-pressed", String(at === place));
    });
    this.#paint();
  }

  changed() {
    this.#dirty = true;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    if (!this.#dirty || !this.stage.clientWidth) return;
    this.#dirty = false;
    const size = pointSizeFor(this.view, this.points.n);
    this.painter.draw(this.view, size);
    this.labels.lay(this.view);
    const mark = this.find("mark");
    mark.hidden = this.#focus < 0;
    if (this.#focus >= 0) {
      const [left, top] = this.view.toScreen(this.points.x[this.#focus], this.points.y[this.#focus]);
      mark.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
      mark.style.setProperty("--dot", `${(size + 8).toFixed(1)}px`);
      this.#placeTip(left, top);
    }
  }

  #placeTip(left, top) {
    const tip = this.find("tip");
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const x = Math.max(8, Math.min(this.view.width - width - 8, left - width / 2));
    const y = top - height - 16 < 8 ? top + 18 : top - height - 16;
    tip.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
  }

  #at(left, top) {
    const [x, y] = this.view.toMap(left, top);
    return this.points.nearest(x, y, REACH_PX / this.view.scale, this.#apart);
  }

  #hands() {
    return {
      changed: () => this.changed(),
      hover: (left, top) => this.#setFocus(this.#at(left, top)),
      leave: () => document.activeElement !== this.stage && this.#setFocus(-1),
      click: (left, top, touch) => {
        const found = this.#at(left, top);
        const again = found >= 0 && found === this.#focus;
        this.#setFocus(found);
        if (found >= 0 && (!touch || again)) this.#play(found);
      },
      line: (line, done) => this.#line(line, done),
      step: (dx, dy) => this.#step(dx, dy),
      enter: () => this.#focus >= 0 && this.#play(this.#focus),
      escape: () => this.#letGo(),
    };
  }

  #step(dx, dy) {
    const { view, points } = this;
    const next = this.#focus < 0 ? points.nearest(view.x, view.y, 1e6, this.#apart) : points.toward(this.#focus, dx, dy, this.#apart);
    if (next >= 0) this.#goTo(next);
  }

  #goTo(i) {
    this.view.reveal(this.points.x[i], this.points.y[i]);
    this.#setFocus(i, true);
  }

  #letGo() {
    if (this.#focus < 0 && !this.#chosen && !this.#drawing) return false;
    if (this.#drawing) this.#setDrawing(false);
    else if (this.#chosen) this.#choose(null);
    else this.#setFocus(-1);
    return true;
  }

  // Names a point: what is known at once, title and artist as soon as the server has told them.
  #setFocus(i, aloud = false) {
    if (i === this.#focus && !aloud) return;
    this.#focus = i;
    clearTimeout(this.#asking);
    const tip = this.find("tip");
    tip.hidden = i < 0;
    this.stage.classList.toggle("is-over", i >= 0);
    if (i >= 0) {
      const known = this.#tracks.get(i);
      this.#tell(i, known, aloud);
      if (!known) this.#asking = setTimeout(() => this.#ask(i, aloud), NAME_AFTER_MS);
    }
    this.changed();
  }

  async #ask(i, aloud) {
    try {
      const track = fromRest(await getJson(`/v1/tracks/${encodeURIComponent(this.points.ids[i])}`));
      if (this.#tracks.size > MOST_NAMED) this.#tracks.clear();
      this.#tracks.set(i, track);
      if (this.#focus === i) this.#tell(i, track, aloud);
      this.changed();
    } catch {
      // away or gone: the dot stays without a name
    }
  }

  #tell(i, track, aloud) {
    const { points, columns } = this;
    const about = [columns.genres[points.genre[i]], points.year[i] > 0 ? points.year[i] : "", columns.clusters[points.cluster[i]]];
    this.find("tip-title").textContent = track ? track.title : "…";
    this.find("tip-by").textContent = track ? names(track) : "";
    this.find("tip-about").textContent = about.filter(Boolean).join(" · ");
    if (aloud && track) this.find("says").textContent = `${track.title}, ${names(track)}. ${about.filter(Boolean).join(", ")}`;
  }

  async #play(i) {
    const { points } = this;
    const near = points.nearestOf(points.x[i], points.y[i], NEIGHBORS + 1, this.#apart).filter((one) => one !== i);
    await this.#playAll([i, ...near], points.ids[i]);
  }

  async #playAll(rows, seed = null) {
    try {
      const ids = rows.slice(0, MOST_QUEUED).map((i) => this.points.ids[i]);
      const tracks = (await request("POST", "/player/queue/tracks", { track_ids: ids })).map(fromRest);
      const first = tracks.findIndex((track) => track.playable);
      if (first < 0) toast(_("There is no file to play here."));
      else this.player.playList(tracks, first, "map", seed);
    } catch (error) {
      toast(error.message);
    }
  }

  #line(line, done) {
    const drawn = this.find("line");
    drawn.setAttribute("points", line && !done ? line.map((place) => place.join(",")).join(" ") : "");
    if (!done) return;
    this.#setDrawing(false);
    this.#choose(this.points.insideLine(line.map((place) => this.view.toMap(...place)), this.#apart));
  }

  #choose(rows) {
    this.chosenRows = rows || [];
    this.#chosen = null;
    if (rows?.length) {
      this.#chosen = new Uint8Array(this.points.n);
      for (const i of rows) this.#chosen[i] = 1;
    }
    this.find("chosen").hidden = !rows;
    if (rows) {
      const told = ngettext("%(n)s track chosen", "%(n)s tracks chosen", rows.length);
      this.find("chosen-count").textContent = rows.length ? told : _("There is no track inside. Draw the line around some dots.");
      this.find("says").textContent = this.find("chosen-count").textContent;
    }
    for (const name of ["chosen-play", "chosen-save"]) this.find(name).disabled = !rows?.length;
    this.#setFocus(-1);
    this.#paint();
  }

  #setDrawing(on) {
    this.#drawing = on;
    this.stage.classList.toggle("is-drawing", on);
    this.find("draw").setAttribute("aria-pressed", String(on));
    this.find("hint").hidden = !on;
    if (!on) this.find("line").setAttribute("points", "");
  }

  // From the middle of what was chosen outwards, so that what belongs together plays together.
  #ordered() {
    const { points } = this;
    const middle = (column) => this.chosenRows.reduce((sum, i) => sum + column[i], 0) / this.chosenRows.length;
    const [x, y] = [middle(points.x), middle(points.y)];
    const away = (i) => (points.x[i] - x) ** 2 + (points.y[i] - y) ** 2;
    return [...this.chosenRows].sort((a, b) => away(a) - away(b));
  }

  #buttons() {
    const press = (name, act) => this.find(name).addEventListener("click", () => {
      act();
      this.changed();
    });
    for (const button of this.root.querySelectorAll("[data-colour]")) {
      button.addEventListener("click", () => this.colour(button.dataset.colour));
    }
    press("nearer", () => this.view.zoomAt(1.6));
    press("further", () => this.view.zoomAt(1 / 1.6));
    press("whole", () => this.view.whole());
    press("draw", () => this.#setDrawing(!this.#drawing));
    press("seen", () => this.#choose(this.points.insideBox(...this.view.box, this.#apart)));
    press("chosen-play", () => this.#playAll(this.#ordered()));
    press("chosen-save", () => {
      const ids = this.#ordered().slice(0, MOST_KEPT).map((i) => this.points.ids[i]);
      saveAsPlaylist(ids, _("From the music map"));
    });
    press("chosen-clear", () => this.#choose(null));
    press("tip-play", () => this.#focus >= 0 && this.#play(this.#focus));
  }

  #watch() {
    const again = () => {
      this.colors = palette(this.root);
      const only = this.#only;
      this.colour(this.name);
      if (only !== null) this.#setOnly(only);
    };
    const resized = new ResizeObserver(() => {
      if (!this.stage.clientWidth) return;
      this.view.resize(this.stage.clientWidth, this.stage.clientHeight);
      this.changed();
    });
    resized.observe(this.stage);
    const theme = new MutationObserver(again);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    this.stage.querySelector("canvas").addEventListener("map:again", () => this.changed());
    this.stops = [() => resized.disconnect(), () => theme.disconnect(), () => dark.removeEventListener("change", again)];
  }
}
