// Draws the points without WebGL: discs stamped into a picture in memory, only those in view.
//
// Where there is no graphics card this is many times faster than WebGL done on the processor.

const FAINT = 128; // what has less opacity is drawn below the rest
const FAR = 1 << 20; // makes places positive, so that cutting off the fraction rounds them
const ROUND = FAR + 0.5;

export class PixelPainter {
  constructor(canvas, points) {
    this.canvas = canvas;
    this.points = points;
    this.context = canvas.getContext("2d", { willReadFrequently: true }); // in memory, not on a card
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
    if (this.faint) this.#pass(view, stamp, 0, FAINT);
    this.#pass(view, stamp, this.faint ? FAINT : 0, 256);
    this.context.putImageData(this.picture, 0, 0);
  }

  // One pass over the points in view; only those `from` this opacity up to, not including, `below`.
  #pass(view, stamp, from, below) {
    const { x, y, colors, pixels, picture } = this;
    const { width, height } = picture;
    const { scale } = view;
    const { side } = stamp;
    const toCorner = stamp.reach + 0.5; // the middle of a pixel lies half a pixel inside it
    const left = width / 2 - view.x * scale - toCorner + ROUND;
    const top = height / 2 - view.y * scale - toCorner + ROUND;
    const [right, bottom] = [width - side, height - side];
    const { whole, soft, parts } = placesOf(stamp, width);
    for (const [first, last] of this.points.spans(...view.box, side / scale)) {
      for (let at = first; at < last; at += 1) {
        const color = colors[at];
        const alpha = color >>> 24;
        if (alpha < from || alpha >= below) continue;
        const column = ((x[at] * scale + left) | 0) - FAR;
        const row = ((y[at] * scale + top) | 0) - FAR;
        if (column < 0 || row < 0 || column > right || row > bottom) {
          pressCut(pixels, width, height, column, row, color, stamp);
          continue;
        }
        const corner = row * width + column;
        for (let i = 0; i < whole.length; i += 1) pixels[corner + whole[i]] = color;
        for (let i = 0; i < soft.length; i += 1) {
          const place = corner + soft[i];
          if (pixels[place] === 0) pixels[place] = (((alpha * parts[i]) >> 8) << 24) | (color & 0xffffff);
        }
      }
    }
  }

  end() {
    this.picture = null;
  }
}

// A point at the edge of the picture, of which only a part is seen.
function pressCut(pixels, width, height, column, row, color, { side, cover }) {
  const alpha = color >>> 24;
  for (let at = 0; at < cover.length; at += 1) {
    const [left, top] = [column + (at % side), row + Math.floor(at / side)];
    if (!cover[at] || left < 0 || top < 0 || left >= width || top >= height) continue;
    const place = top * width + left;
    if (cover[at] === 255) pixels[place] = color;
    else if (pixels[place] === 0) pixels[place] = (((alpha * cover[at]) >> 8) << 24) | (color & 0xffffff);
  }
}

// Where a stamp's pixels lie after its corner: those it covers whole, and the soft ones of its edge,
// which are drawn on empty ground only, with how far they are covered.
function placesOf(stamp, width) {
  if (stamp.width === width) return stamp;
  const offset = (i) => Math.floor(i / stamp.side) * width + (i % stamp.side);
  const all = Array.from(stamp.cover.keys());
  const whole = all.filter((i) => stamp.cover[i] === 255);
  const soft = all.filter((i) => stamp.cover[i] > 0 && stamp.cover[i] < 255);
  stamp.width = width;
  stamp.whole = Int32Array.from(whole, offset);
  stamp.soft = Int32Array.from(soft, offset);
  stamp.parts = Uint8Array.from(soft, (i) => stamp.cover[i]);
  return stamp;
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
