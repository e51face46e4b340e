// Names of groups over the map; where two would touch, only the larger group's is shown.

export class Labels {
  constructor(place, middles, names) {
    const order = middles.map((middle, number) => ({ ...middle, number })).filter(({ n }) => n).sort((a, b) => b.n - a.n);
    this.labels = order.map(({ x, y, number }) => {
      const label = document.createElement("span");
      label.textContent = names[number];
      label.dir = "auto";
      place.append(label);
      return { x, y, label, width: 0, height: 0, shown: true };
    });
    for (const one of this.labels) {
      one.width = one.label.offsetWidth;
      one.height = one.label.offsetHeight;
      one.label.style.visibility = "visible";
    }
  }

  lay(view) {
    const taken = [];
    for (const one of this.labels) {
      const [left, top] = view.toScreen(one.x, one.y);
      const out = left < 0 || top < 0 || left > view.width || top > view.height;
      const x = Math.max(0, Math.min(view.width - one.width, left - one.width / 2)); // whole at the edge
      const box = [x, top - one.height / 2, x + one.width, top + one.height / 2];
      const shown = !out && taken.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]);
      if (shown) {
        taken.push(box);
        one.label.style.transform = `translate(${box[0].toFixed(1)}px, ${box[1].toFixed(1)}px)`;
      }
      if (shown !== one.shown) one.label.style.visibility = shown ? "visible" : "hidden";
      one.shown = shown;
    }
  }
}
