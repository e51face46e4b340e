// A box in which one types a name and chooses what was found; arrow keys walk through it.

export function seedOf(button) {
  const { seed, title, by, kind, cover } = button.dataset;
  return { name: seed, title, by, kind, cover };
}

// Calls `onChoose(seed)` for every choice below `root`; returns what ends it.
export function listenForSeeds(root, onChoose) {
  function clear(box) {
    box.querySelector("input").value = "";
    box.querySelector(".seed-found").replaceChildren();
  }

  function press(event) {
    const button = event.target.closest("[data-choose]");
    const box = button?.closest("[data-seed-box]");
    if (!box) return;
    const seed = seedOf(button);
    clear(box);
    box.querySelector("input").focus();
    onChoose(seed, box);
  }

  function key(event) {
    const box = event.target.closest("[data-seed-box]");
    if (!box) return;
    const stops = [box.querySelector("input"), ...box.querySelectorAll("[data-choose]")];
    const at = stops.indexOf(event.target);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) next.focus();
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && at === 0) {
      event.preventDefault();
      stops[1]?.click();
    } else if (event.key === "Escape" && stops.length > 1) {
      clear(box);
      stops[0].focus();
      event.stopPropagation();
    }
  }

  root.addEventListener("click", press);
  root.addEventListener("keydown", key);
  return () => {
    root.removeEventListener("click", press);
    root.removeEventListener("keydown", key);
  };
}
