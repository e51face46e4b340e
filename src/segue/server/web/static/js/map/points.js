// The map's tracks as typed arrays, with a grid to find what lies near a place or inside a line.
//
// Places are whole numbers 0..65535; the grid has 256 by 256 cells of 256 units.

export const EXTENT = 65535;
const CELLS = 256;
const cellOf = (value) => value >> 8;

export class Points {
  constructor(columns) {
    this.ids = columns.ids;
    this.n = columns.ids.length;
    this.x = Uint16Array.from(columns.x);
    this.y = Uint16Array.from(columns.y);
    this.genre = Int16Array.from(columns.genre);
    this.mood = Int8Array.from(columns.mood);
    this.year = Int16Array.from(columns.year);
    this.cluster = Int16Array.from(columns.cluster);
    this.#sort();
  }

  // Counting sort by cell: `order` holds the points of cell c from `starts[c]` to `starts[c + 1]`.
  #sort() {
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    const cell = (i) => cellOf(this.y[i]) * CELLS + cellOf(this.x[i]);
    for (let i = 0; i < this.n; i += 1) this.starts[cell(i) + 1] += 1;
    for (let c = 0; c < CELLS * CELLS; c += 1) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice();
    this.order = new Uint32Array(this.n);
    for (let i = 0; i < this.n; i += 1) this.order[next[cell(i)]++] = i;
  }

  // Calls `visit(i)` for every point of the cells that a rectangle touches.
  #within(left, top, right, bottom, visit) {
    const clamp = (value) => Math.max(0, Math.min(CELLS - 1, cellOf(value)));
    const first = clamp(left);
    const last = clamp(right);
    for (let row = clamp(top); row <= clamp(bottom); row += 1) {
      const end = this.starts[row * CELLS + last + 1];
      for (let at = this.starts[row * CELLS + first]; at < end; at += 1) visit(this.order[at]);
    }
  }

  // Stretches [first, last) of `order` that hold every point of a rectangle widened by `room`.
  *spans(left, top, right, bottom, room) {
    const clamp = (value) => Math.max(0, Math.min(CELLS - 1, Math.floor(value) >> 8));
    const [first, last] = [clamp(left - room), clamp(right + room)];
    for (let row = clamp(top - room); row <= clamp(bottom + room); row += 1) {
      const [from, to] = [this.starts[row * CELLS + first], this.starts[row * CELLS + last + 1]];
      if (to > from) yield [from, to];
    }
  }

  // The point nearest to a place, no further than `radius`, for which `allowed(i)`; -1 for none.
  nearest(x, y, radius, allowed = () => true) {
    let best = -1;
    let least = radius * radius;
    this.#within(x - radius, y - radius, x + radius, y + radius, (i) => {
      const away = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if ((away < least || (away === least && best < 0)) && allowed(i)) {
        best = i;
        least = away;
      }
    });
    return best;
  }

  // The `k` points nearest to a place, the nearest first.
  nearestOf(x, y, k, allowed = () => true) {
    let found = [];
    for (let radius = 512; ; radius *= 2) {
      found = [];
      this.#within(x - radius, y - radius, x + radius, y + radius, (i) => {
        const away = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
        if (away <= radius * radius && allowed(i)) found.push([away, i]);
      });
      if (found.length >= k || radius > 2 * EXTENT) break;
    }
    return found.sort(([a, i], [b, j]) => a - b || i - j).slice(0, k).map(([, i]) => i);
  }

  // All points inside a rectangle for which `allowed(i)`.
  insideBox(left, top, right, bottom, allowed = () => true) {
    const found = [];
    this.#within(left, top, right, bottom, (i) => {
      const [x, y] = [this.x[i], this.y[i]];
      if (x >= left && x <= right && y >= top && y <= bottom && allowed(i)) found.push(i);
    });
    return found;
  }

  // All points inside a closed line [[x, y], ...], by the even-odd rule.
  insideLine(line, allowed = () => true) {
    const xs = line.map(([x]) => x);
    const ys = line.map(([, y]) => y);
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    return this.insideBox(...box, (i) => isInside(xs, ys, this.x[i], this.y[i]) && allowed(i));
  }

  // The nearest point in a direction, within 45 degrees of it; a step sideways counts double.
  toward(from, dx, dy, allowed = () => true) {
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < this.n; i += 1) {
      const along = (this.x[i] - this.x[from]) * dx + (this.y[i] - this.y[from]) * dy;
      const aside = Math.abs((this.x[i] - this.x[from]) * dy) + Math.abs((this.y[i] - this.y[from]) * dx);
      if (along <= 0 || aside > along || !allowed(i)) continue;
      if (along + 2 * aside < least) {
        least = along + 2 * aside;
        best = i;
      }
    }
    return best;
  }

  // The rectangle of all points: [left, top, right, bottom].
  bounds() {
    const found = [EXTENT, EXTENT, 0, 0];
    for (let i = 0; i < this.n; i += 1) {
      found[0] = Math.min(found[0], this.x[i]);
      found[1] = Math.min(found[1], this.y[i]);
      found[2] = Math.max(found[2], this.x[i]);
      found[3] = Math.max(found[3], this.y[i]);
    }
    return found;
  }

  // The middle of each group, by the medians of its places; null for an empty one.
  middles(n) {
    const members = Array.from({ length: n }, () => []);
    for (let i = 0; i < this.n; i += 1) if (this.cluster[i] >= 0) members[this.cluster[i]].push(i);
    const median = (column, rows) => Uint16Array.from(rows, (i) => column[i]).sort()[rows.length >> 1];
    return members.map((rows) => (rows.length ? { x: median(this.x, rows), y: median(this.y, rows), n: rows.length } : null));
  }
}

export function isInside(xs, ys, x, y) {
  let inside = false;
  for (let a = 0, b = xs.length - 1; a < xs.length; b = a, a += 1) {
    const crosses = ys[a] > y !== ys[b] > y;
    if (crosses && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) inside = !inside;
  }
  return inside;
}
