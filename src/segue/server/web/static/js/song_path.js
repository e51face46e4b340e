// The two ends of a song path: chosen by typing, changed, turned round.

import { listenForSeeds } from "./seed_box.js";

export function start(root) {
  const form = root.querySelector("[data-path-form]");
  const ends = ["from", "to"].map((name) => form.querySelector(`[data-end="${name}"]`));
  const field = (end) => end.querySelector("input[type=hidden]");

  function show(end, seed) {
    field(end).value = seed.name;
    end.querySelector("[data-chosen]").hidden = !seed.name;
    end.querySelector("[data-choose-here]").hidden = Boolean(seed.name);
    end.querySelector("[data-chosen] img").src = seed.cover;
    end.querySelector("[data-title]").textContent = seed.title;
    end.querySelector("[data-by]").textContent = seed.by;
    form.querySelector("[data-find]").disabled = ends.some((one) => !field(one).value);
  }

  const seedOf = (end) => ({
    name: field(end).value,
    cover: end.querySelector("[data-chosen] img").src,
    title: end.querySelector("[data-title]").textContent,
    by: end.querySelector("[data-by]").textContent,
  });

  const stop = listenForSeeds(root, (seed, box) => {
    const end = box.closest("[data-end]");
    show(end, seed);
    const other = ends.find((one) => one !== end);
    if (field(other).value) form.querySelector("[data-find]").focus();
    else other.querySelector("input[type=search]").focus();
  });

  for (const end of ends) {
    end.querySelector("[data-change]").addEventListener("click", () => {
      show(end, { ...seedOf(end), name: "" });
      end.querySelector("input[type=search]").focus();
    });
  }
  form.querySelector("[data-swap]").addEventListener("click", () => {
    const [a, b] = ends.map(seedOf);
    show(ends[0], b);
    show(ends[1], a);
  });
  // the boxes are for choosing only; they do not belong into the address
  form.addEventListener("htmx:configRequest", (event) => {
    if (event.target === form) event.detail.parameters.delete?.("q");
  });
  return stop;
}
