// The radio builder: seeds with a side and a weight, kept while one looks around, and a session.

import { beginRadio } from "./radio.js";
import { listenForSeeds } from "./seed_box.js";
import { remember, remembered } from "./store.js";
import { _, ngettext } from "./words.js";

const KEPT = "radio-seeds";

const named = ({ name, weight }) => (weight === 1 ? name : `${name}*${weight}`);

export function start(root, { player }) {
  const list = root.querySelector("[data-seeds]");
  const pattern = root.querySelector("template[data-seed-row]");
  const play = root.querySelector("[data-start]");
  const says = root.querySelector("[data-says]");
  const most = Number(root.dataset.max);
  const given = JSON.parse(root.dataset.given).map((seed) => ({ ...seed, side: "more", weight: 1 }));
  let seeds = given.length ? given : remembered(KEPT, []);

  function choices(row, selector, value, attribute, onPress, label) {
    const group = row.querySelector(selector);
    group.setAttribute("aria-label", label);
    for (const button of group.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset[attribute] === String(value)));
      button.addEventListener("click", () => onPress(button.dataset[attribute]));
    }
  }

  function rowOf(seed, index) {
    const row = pattern.content.firstElementChild.cloneNode(true);
    row.classList.toggle("is-less", seed.side === "less");
    row.querySelector("img").src = seed.cover;
    row.querySelector("[data-title]").textContent = seed.title;
    row.querySelector("[data-kind]").textContent = seed.by ? `${seed.kind} · ${seed.by}` : seed.kind;
    choices(row, "[data-sides]", seed.side, "side", (side) => change(index, { side }), _("%(title)s: more of it, or away from it", seed));
    choices(row, "[data-weights]", seed.weight, "weight", (weight) => change(index, { weight: Number(weight) }), _("%(title)s: how much", seed));
    const remove = row.querySelector("[data-remove]");
    remove.setAttribute("aria-label", _("Take %(title)s out", seed));
    remove.addEventListener("click", () => {
      seeds = seeds.filter((_seed, place) => place !== index);
      show();
      (list.querySelectorAll("[data-remove]")[Math.max(0, index - 1)] || root.querySelector("#radio-seed")).focus();
    });
    return row;
  }

  function change(index, what) {
    const pressed = document.activeElement;
    const path = pressed?.dataset.side ? `[data-side="${pressed.dataset.side}"]` : `[data-weight="${pressed?.dataset.weight}"]`;
    seeds = seeds.map((seed, place) => (place === index ? { ...seed, ...what } : seed));
    show();
    list.children[index]?.querySelector(path)?.focus();
  }

  function show() {
    remember(KEPT, seeds);
    list.replaceChildren(...seeds.map(rowOf));
    root.querySelector("[data-none]").hidden = seeds.length > 0;
    root.querySelector("[data-clear]").hidden = !seeds.length;
    play.disabled = !seeds.some(({ side }) => side === "more");
    const away = seeds.length > 0 && play.disabled;
    says.textContent = away ? _("A radio needs something to go towards. Add it, or turn one of these round.") : "";
  }

  const stop = listenForSeeds(root, (seed) => {
    if (seeds.some(({ name }) => name === seed.name)) {
      says.textContent = _("%(title)s is in it already.", seed);
    } else if (seeds.length >= most) {
      says.textContent = ngettext("A radio begins with at most %(n)s thing.", "A radio begins with at most %(n)s things.", most);
    } else {
      seeds = [...seeds, { ...seed, side: "more", weight: 1 }];
      show();
      says.textContent = _("%(title)s added.", seed);
    }
  });

  play.addEventListener("click", async () => {
    const side = (which) => seeds.filter((seed) => seed.side === which).map(named);
    const from = { seeds: side("more"), minus: side("less") };
    play.disabled = true;
    try {
      const { session, tracks } = await beginRadio(from);
      const first = tracks.findIndex((track) => track.playable);
      if (first < 0) says.textContent = _("Nothing in your library is close to this yet.");
      else {
        player.playList(tracks, first, "radio", from, session);
        says.textContent = _("Playing. It goes on as long as you like.");
      }
    } catch (error) {
      says.textContent = error.message;
    } finally {
      play.disabled = false;
    }
  });
  root.querySelector("[data-clear]").addEventListener("click", () => {
    seeds = [];
    show();
    root.querySelector("#radio-seed").focus();
  });
  show();
  return stop;
}
