// Draws the points with WebGL: places and colours stay on the card, a frame is one call.

import { PixelPainter } from "./pixels.js";

const VERTEX = `#version 300 es
in vec2 place;
in vec4 shade;
uniform vec2 scale, offset;
uniform float size;
out vec4 tint;
void main() {
  gl_Position = vec4(place * scale + offset, 0.0, 1.0);
  gl_PointSize = size;
  tint = shade;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
uniform float radius;
out vec4 color;
void main() {
  float away = length(gl_PointCoord - 0.5) * 2.0;
  float cover = clamp((1.0 - away) * radius + 0.5, 0.0, 1.0);
  color = vec4(tint.rgb * tint.a, tint.a) * cover;
}`;

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

export class Painter {
  // Throws where WebGL is missing.
  constructor(canvas, points) {
    this.canvas = canvas;
    this.points = points;
    this.gl = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: false });
    if (!this.gl) throw new Error("no WebGL");
    this.shades = new Uint8Array(points.n * 4);
    this.#prepare();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.#prepare();
      this.recolor();
      canvas.dispatchEvent(new Event("map:again"));
    });
  }

  #prepare() {
    const { gl, points } = this;
    const program = gl.createProgram();
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    gl.useProgram(program);
    this.at = Object.fromEntries(["scale", "offset", "size", "radius"].map((name) => [name, gl.getUniformLocation(program, name)]));
    const places = new Uint16Array(points.n * 2);
    for (let i = 0; i < points.n; i += 1) {
      places[2 * i] = points.x[i];
      places[2 * i + 1] = points.y[i];
    }
    this.#column(program, "place", 2, gl.UNSIGNED_SHORT, places, gl.STATIC_DRAW);
    this.colors = this.#column(program, "shade", 4, gl.UNSIGNED_BYTE, this.shades, gl.DYNAMIC_DRAW);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
  }

  #column(program, name, size, type, values, usage) {
    const { gl } = this;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, usage);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, true, 0, 0);
    return buffer;
  }

  // Sends the colours again after `shades` changed.
  recolor() {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.colors);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.shades);
  }

  // One frame; sizes are CSS pixels.
  draw(view, pointSize) {
    const { gl, canvas } = this;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const across = (2 * view.scale * 65535) / view.width;
    const down = (2 * view.scale * 65535) / view.height;
    gl.uniform2f(this.at.scale, across, -down);
    gl.uniform2f(this.at.offset, (-across * view.x) / 65535, (down * view.y) / 65535);
    gl.uniform1f(this.at.size, pointSize * ratio);
    gl.uniform1f(this.at.radius, (pointSize * ratio) / 2);
    gl.drawArrays(gl.POINTS, 0, this.points.n);
  }

  // Lets go of the card's memory.
  end() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

// WebGL where a graphics card does it, else the processor's own way.
export function painterFor(canvas, points) {
  return hasCard() ? new Painter(canvas, points) : new PixelPainter(canvas, points);
}

// Tried on a canvas of its own: one that has had WebGL once can have nothing else.
function hasCard() {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl ? gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(gl) && !/swiftshader|llvmpipe|software|basic render/i.test(renderer);
}

// Large dots for a small library, small ones for a large one; they grow when one comes nearer.
export function pointSizeFor(view, n) {
  const even = Math.sqrt((view.width * view.height) / Math.max(n, 1));
  return Math.max(1.8, Math.min(16, even * 0.42)) * Math.min(3, view.zoom ** 0.45);
}
