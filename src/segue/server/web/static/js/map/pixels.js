// Draws the points without WebGL: discs stamped into a picture in memory, only those in view.
//
// Where there is no graphics card this is many times faster than WebGL done on the processor.

const FAINT = 128; // what has less opacity is drawn below the rest

export class PixelPainter {
  constructor(canvas, points) {
    this.canvas = canvas;
    this.points = points;
    this.context = canvas.getContext("2d");
    this.shades = new Uint8Array(points.n * 4);
    // in the order of the grid, so that neighbours on the map are neighbours in memory
    this.x = Uint16Array.from(points.order, (i) => points.x[i]);
    this.y = Uint16Array.from(points.order, (i) => points.y[i]);
    this.colors = new Uint32Array(points.n);
    this.picture = null;
  }

  recolor() {
    const words = new Uint32Array(this.shades.buffer);
    this.points.order.forEach((i, at) => (this.colors[at] = words[i]));
    this.faint = this.points.order.some((i) => this.shades[4 * i + 3] < FAINT);
  }

  draw(view, pointSize) {
    const [width, height] = [Math.round(view.width), Math.round(view.height)];
    if (!this.picture || this.picture.width !== width || this.picture.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.picture = new ImageData(width, height);
      this.pixels = new Uint32Array(this.picture.data.buffer);
    }
    this.pixels.fill(0);
    const stamp = stampOf(pointSize);
    if (this.faint) this.#pass(view, stamp, (alpha) => alpha < FAINT);
    this.#pass(view, stamp, this.faint ? (alpha) => alpha >= FAINT : null);
    this.context.putImageData(this.picture, 0, 0);
  }

  #pass(view, stamp, wanted) {
    const { x, y, colors, pixels, picture } = this;
    const { width, height } = picture;
    const { scale } = view;
    const toCorner = stamp.reach + 0.5; // the middle of a pixel lies half a pixel inside it
    const left = width / 2 - view.x * scale - toCorner;
    const top = height / 2 - view.y * scale - toCorner;
    const most = stamp.side;
    for (const [first, last] of this.points.spans(...view.box, most / scale)) {
      for (let at = first; at < last; at += 1) {
        const column = Math.round(x[at] * scale + left);
        const row = Math.round(y[at] * scale + top);
        if (column < -most || row < -most || column >= width || row >= height) continue;
        const color = colors[at];
        if (wanted && !wanted(color >>> 24)) continue;
        press(pixels, width, height, column, row, color, stamp);
      }
    }
  }

  end() {
    this.picture = null;
  }
}

function press(pixels, width, height, column, row, color, { side, cover }) {
  const full = color >>> 24;
  const plain = color & 0xffffff;
  const inside = column >= 0 && column + side <= width && row >= 0 && row + side <= height;
  for (let dy = 0, at = 0; dy < side; dy += 1) {
    let place = (row + dy) * width + column;
    for (let dx = 0; dx < side; dx += 1, at += 1, place += 1) {
      const part = cover[at];
      if (!part || (!inside && (column + dx < 0 || column + dx >= width || row + dy < 0 || row + dy >= height))) continue;
      if (part === 255) pixels[place] = color;
      else if (!pixels[place]) pixels[place] = ((((full * part) >> 8) << 24) | plain) >>> 0; // a soft edge, on empty ground only
    }
  }
}

const stamps = new Map();

// How far each pixel of a disc of this diameter is covered, 0..255.
export function stampOf(size) {
  const diameter = Math.max(1, Math.round(size * 2) / 2);
  if (!stamps.has(diameter)) {
    const side = Math.ceil(diameter);
    const middle = (side - 1) / 2;
    const cover = new Uint8Array(side * side);
    for (let at = 0; at < cover.length; at += 1) {
      const away = Math.hypot((at % side) - middle, Math.floor(at / side) - middle);
      cover[at] = Math.round(255 * Math.max(0, Math.min(1, diameter / 2 + 0.5 - away)));
    }
    stamps.set(diameter, { side, cover, reach: middle });
  }
  return stamps.get(diameter);
}
