// What part of the map is seen: a middle (map units) and a scale (CSS pixels a unit). No page.

import { EXTENT } from "./points.js";

const MARGIN = 0.86; // of the stage that the whole map fills
const CLOSEST = 64; // times the whole map

export class View {
  // `bounds` is the rectangle of all points: [left, top, right, bottom].
  constructor(width, height, bounds = [0, 0, EXTENT, EXTENT]) {
    this.bounds = bounds;
    this.width = width;
    this.height = height;
    this.whole();
  }

  get least() {
    const [left, top, right, bottom] = this.bounds;
    const fit = Math.min(this.width / Math.max(right - left, 1), this.height / Math.max(bottom - top, 1));
    return Math.min(fit, (Math.max(this.width, this.height) * 16) / EXTENT) * MARGIN;
  }

  // How many times larger than the whole map.
  get zoom() {
    return this.scale / this.least;
  }

  whole() {
    this.x = (this.bounds[0] + this.bounds[2]) / 2;
    this.y = (this.bounds[1] + this.bounds[3]) / 2;
    this.scale = this.least;
  }

  resize(width, height) {
    const zoom = this.zoom;
    this.width = width;
    this.height = height;
    this.scale = this.least * zoom;
    this.#hold();
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  toMap(left, top) {
    return [(left - this.width / 2) / this.scale + this.x, (top - this.height / 2) / this.scale + this.y];
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.#hold();
  }

  // Zooms so that what lies under a place of the screen stays there.
  zoomAt(factor, left = this.width / 2, top = this.height / 2) {
    const [x, y] = this.toMap(left, top);
    this.scale = Math.max(this.least * 0.8, Math.min(this.least * CLOSEST, this.scale * factor));
    this.x = x - (left - this.width / 2) / this.scale;
    this.y = y - (top - this.height / 2) / this.scale;
    this.#hold();
  }

  // Shows a rectangle with some room around it.
  show(left, top, right, bottom) {
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
    const fit = Math.min(this.width / Math.max(right - left, 1), this.height / Math.max(bottom - top, 1));
    this.scale = Math.max(this.least, Math.min(this.least * 16, fit * 0.8));
    this.#hold();
  }

  // Moves just so far that a place is seen.
  reveal(x, y) {
    const [left, top] = this.toScreen(x, y);
    const edge = 48;
    if (left < edge || left > this.width - edge || top < edge || top > this.height - edge) {
      this.x = x;
      this.y = y;
      this.#hold();
    }
  }

  get box() {
    return [...this.toMap(0, 0), ...this.toMap(this.width, this.height)];
  }

  // The middle of the stage never leaves the map.
  #hold() {
    this.x = Math.max(0, Math.min(EXTENT, this.x));
    this.y = Math.max(0, Math.min(EXTENT, this.y));
  }
}
