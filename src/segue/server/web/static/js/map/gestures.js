// Hands on the map: drag, wheel, pinch, keys, and drawing a line around tracks.

const STILL_PX = 5; // a press that moves less is a click
const STEP_PX = 80;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// `on` has: changed, hover(x, y), leave, click(x, y, touch), line(points, done), step(dx, dy), enter,
// escape; `isDrawing()` says whether a drag draws a line.
export function listen(stage, view, on, isDrawing) {
  const pointers = new Map();
  let line = null;
  let moved = false;
  let pressed = null;

  const placeOf = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function down(event) {
    if (event.button || event.target.closest("button, a, .map-tip, .map-chosen")) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, placeOf(event));
    if (pointers.size > 1) {
      line = null;
      on.line(null);
      moved = true;
      return;
    }
    pressed = placeOf(event);
    moved = false;
    line = isDrawing() || event.shiftKey ? [pressed] : null;
  }

  function move(event) {
    const place = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch" && event.target.closest("canvas, .map-labels")) on.hover(...place);
      return;
    }
    if (pointers.size === 2) pinch(event.pointerId, before, place);
    else {
      moved = moved || Math.hypot(place[0] - pressed[0], place[1] - pressed[1]) > STILL_PX;
      if (line) {
        if (moved) on.line([...line, place]);
        line.push(place);
      } else if (moved) {
        view.pan(place[0] - before[0], place[1] - before[1]);
        on.changed();
      }
    }
    pointers.set(event.pointerId, place);
  }

  function pinch(id, before, place) {
    const other = [...pointers].find(([key]) => key !== id)[1];
    const far = (a) => Math.max(1, Math.hypot(a[0] - other[0], a[1] - other[1]));
    view.zoomAt(far(place) / far(before), (place[0] + other[0]) / 2, (place[1] + other[1]) / 2);
    view.pan((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    on.changed();
  }

  function up(event) {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    if (line && moved) on.line(line, true);
    else if (!moved && event.type === "pointerup") on.click(...placeOf(event), event.pointerType === "touch");
    line = null;
  }

  function wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    view.zoomAt(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) * (event.ctrlKey ? 0.01 : 0.0022)), ...placeOf(event));
    on.changed();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button, a")) return;
    const arrow = ARROWS[event.key];
    if (arrow && event.shiftKey) view.pan(-arrow[0] * STEP_PX, -arrow[1] * STEP_PX);
    else if (arrow) on.step(...arrow);
    else if (event.key === "+" || event.key === "=") view.zoomAt(1.4);
    else if (event.key === "-") view.zoomAt(1 / 1.4);
    else if (event.key === "0" || event.key === "Home") view.whole();
    else if (event.key === "Enter" || event.key === " ") on.enter();
    else if (event.key === "Escape") {
      if (!on.escape()) return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
    on.changed();
  }

  const heard = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, keydown: key };
  for (const [name, act] of Object.entries(heard)) stage.addEventListener(name, act);
  stage.addEventListener("pointerleave", on.leave);
  stage.addEventListener("wheel", wheel, { passive: false });
}
